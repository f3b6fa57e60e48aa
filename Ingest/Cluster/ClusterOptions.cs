using System.Globalization;
using System.Net;
using Telemetry.Ingest.Cluster.Owner;

namespace Telemetry.Ingest.Cluster;

/// <summary><c>Cluster:*</c>: several services that share one log, a stream of NATS JetStream.</summary>
public sealed record ClusterOptions
{
    public static readonly string[] Keys = ["Cluster:Enabled", "Cluster:Servers", "Cluster:Stream", "Cluster:Replicas", "Cluster:User", "Cluster:PasswordFile", "Cluster:CaFile", .. OwnerOptions.Keys];

    /// <summary>The nats-servers, <c>nats://HOST:PORT</c> or <c>tls://HOST:PORT</c>; any of them will do. Beyond loopback they need TLS, user and password: whoever may write the stream writes the log.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>Name of the stream; the nodes of one cluster share it. Default <c>telemetry</c>.</summary>
    public string Stream { get; init; } = "telemetry";

    /// <summary>On how many servers each entry stands before it is acknowledged by more than half of them. Default 3; 1, 3 or 5. With 1 the log is gone with that server.</summary>
    public int Replicas { get; init; } = 3;

    public string? User { get; init; }

    /// <summary>What stands in <c>Cluster:PasswordFile</c>.</summary>
    public string? Password { get; init; }

    /// <summary>PEM of the authority that signed the servers' certificates; null for those that the system trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>By which one of the nodes is the owner, and does what may be done once; null: none does.</summary>
    public OwnerOptions? Owner { get; init; }

    /// <param name="error">Key, value, what would be right.</param>
    /// <returns>Null unless <c>Cluster:Enabled</c> is true.</returns>
    public static ClusterOptions? Read(IConfiguration configuration, Action<string, string?, string> error)
    {
        var enabled = configuration["Cluster:Enabled"];
        if (enabled is not null && !bool.TryParse(enabled, out _))
            error("Cluster:Enabled", enabled, "true or false");
        if (!bool.TryParse(enabled, out var on) || !on)
        {
            foreach (var key in Keys.Where(key => key != "Cluster:Enabled" && configuration[key] is not null))
                // A password may stand in it, against the rule.
                error(key, key == "Cluster:Postgres" ? null : configuration[key], "needs Cluster:Enabled=true");
            return null;
        }
        var servers = ReadServers(configuration["Cluster:Servers"], error);
        var (user, password) = (configuration["Cluster:User"], ReadPassword("Cluster:PasswordFile", configuration, error));
        if (user is null != password is null)
            error("Cluster:User", user, "Cluster:User and Cluster:PasswordFile go together");
        foreach (var server in servers.Where(server => !IsLoopback(server)))
        {
            if (server.Scheme != "tls" || user is null)
                error("Cluster:Servers", server.ToString(), "a server beyond loopback needs tls:// and Cluster:User with Cluster:PasswordFile: whoever may write the stream writes the log");
        }
        var stream = configuration["Cluster:Stream"] ?? "telemetry";
        if (stream.Length is 0 or > 64 || !stream.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_'))
            error("Cluster:Stream", stream, "1-64 characters A-Z a-z 0-9 - _");
        var replicas = configuration["Cluster:Replicas"] ?? "3";
        if (replicas is not ("1" or "3" or "5"))
            error("Cluster:Replicas", replicas, "1, 3 or 5: of an even number half may be lost no more than of one less");
        var ca = configuration["Cluster:CaFile"];
        if (ca is not null && !File.Exists(ca))
            error("Cluster:CaFile", ca, "a file that is there");
        return new ClusterOptions { Servers = servers, Stream = stream, Replicas = replicas.Length == 1 ? replicas[0] - '0' : 3, User = user, Password = password, CaFile = ca, Owner = OwnerOptions.Read(configuration, error) };
    }

    private static List<Uri> ReadServers(string? text, Action<string, string?, string> error)
    {
        var servers = new List<Uri>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Uri.TryCreate(part, UriKind.Absolute, out var server) && server.Scheme is "nats" or "tls" && server.Host.Length > 0 && server.UserInfo.Length == 0 && server.AbsolutePath is "" or "/")
                servers.Add(server.Port > 0 ? server : new Uri(string.Create(CultureInfo.InvariantCulture, $"{server.Scheme}://{server.Host}:4222")));
            else
                error("Cluster:Servers", part, "nats://HOST:PORT or tls://HOST:PORT, several with commas between; user and password stand elsewhere");
        }
        if (text is null || (servers.Count == 0 && text.Trim().Length == 0))
            error("Cluster:Servers", text, "the nats-servers, such as nats://127.0.0.1:4222,nats://127.0.0.1:4223,nats://127.0.0.1:4224");
        return servers;
    }

    internal static string? ReadPassword(string key, IConfiguration configuration, Action<string, string?, string> error)
    {
        if (configuration[key] is not { } file)
            return null;
        try
        {
            if (File.ReadAllText(file).Trim() is { Length: > 0 } password)
                return password;
            error(key, file, "a file with a password in it");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            error(key, file, $"a file that can be read ({problem.Message})");
        }
        return null;
    }

    private static bool IsLoopback(Uri server) => server.Host == "localhost" || (IPAddress.TryParse(server.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
