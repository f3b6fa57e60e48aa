using System.Net;
using Npgsql;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary><c>Cluster:Postgres*</c> and <c>Cluster:Node</c>: which node does what may be done once.</summary>
public sealed record OwnerOptions
{
    public static readonly string[] Keys = ["Cluster:Postgres", "Cluster:PostgresPasswordFile", "Cluster:Node", .. NodeCertificate.Keys];

    /// <summary>With the password of <c>Cluster:PostgresPasswordFile</c> in it: for the client alone, never to be shown.</summary>
    public required string Postgres { get; init; }

    /// <summary>Where the other nodes reach this one, and its name among them. Default 127.0.0.1:11111. Beyond loopback the nodes show each other certificates (<see cref="NodeCertificate"/>): whoever reaches this port unasked could take the ownership.</summary>
    public required IPEndPoint Node { get; init; }

    /// <param name="error">Key, value, what would be right.</param>
    /// <returns>Null without <c>Cluster:Postgres</c>.</returns>
    public static OwnerOptions? Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        if (configuration["Cluster:Postgres"] is not { } text)
        {
            foreach (var key in Keys.Where(key => configuration[key] is not null))
                error(key, configuration[key], "needs Cluster:Postgres");
            return null;
        }
        var node = configuration["Cluster:Node"] ?? "127.0.0.1:11111";
        if (!IPEndPoint.TryParse(node, out var endpoint) || endpoint.Port == 0)
            error("Cluster:Node", node, "ADDRESS:PORT by which the other nodes reach this one, such as 10.0.0.11:11111");
        else if (endpoint.Address.Equals(IPAddress.Any) || endpoint.Address.Equals(IPAddress.IPv6Any))
            error("Cluster:Node", node, "the one address by which the other nodes reach this one, such as 10.0.0.11:11111");
        else if (!IPAddress.IsLoopback(endpoint.Address) && configuration["Cluster:NodeCertificate"] is null)
            error("Cluster:Node", node, "beyond loopback needs Cluster:NodeCertificate and Cluster:NodeCaFile: whoever reaches this port unasked could take the ownership");
        if (Connection(text, configuration, error) is not { } connection || endpoint is null)
            return null;
        return new OwnerOptions { Postgres = connection.ConnectionString, Node = endpoint };
    }

    private static NpgsqlConnectionStringBuilder? Connection(string text, IConfiguration configuration, Action<string, string?, string> error)
    {
        NpgsqlConnectionStringBuilder connection;
        try
        {
            connection = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Without the value: a password may stand in it, against the rule.
            error("Cluster:Postgres", null, $"Host=…;Port=…;Database=…;Username=…, as Npgsql reads it ({problem.Message})");
            return null;
        }
        if (connection.Password is { Length: > 0 } || connection.Passfile is { Length: > 0 })
        {
            error("Cluster:Postgres", null, "without a password, which others can see: it stands in the file that Cluster:PostgresPasswordFile names");
            return null;
        }
        foreach (var (name, value) in new[] { ("Host", connection.Host), ("Database", connection.Database), ("Username", connection.Username) })
        {
            if (string.IsNullOrEmpty(value))
                error("Cluster:Postgres", text, $"{name}= is missing: Host=127.0.0.1;Port=5432;Database=telemetry;Username=telemetry");
        }
        var local = (connection.Host ?? "").Split(',').All(IsLocal);
        if (!local && connection.SslMode is not (SslMode.VerifyFull or SslMode.VerifyCA))
            error("Cluster:Postgres", text, "a server beyond loopback needs SSL Mode=VerifyFull (with Root Certificate=FILE where the system does not trust its authority): whoever is between owns the partition");
        var password = ClusterOptions.ReadPassword("Cluster:PostgresPasswordFile", configuration, error);
        if (!local && password is null && configuration["Cluster:PostgresPasswordFile"] is null)
            error("Cluster:PostgresPasswordFile", null, "a server beyond loopback needs a password: name the file that holds it");
        connection.Password = password;
        // A server that hangs is noticed well within the lease, and six lists of which each node has a copy leave something for the owner.
        (connection.Timeout, connection.CommandTimeout, connection.MaxPoolSize, connection.ApplicationName) = (3, 3, 12, "telemetry");
        return connection;
    }

    private static bool IsLocal(string host) =>
        host.StartsWith('/') || host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
