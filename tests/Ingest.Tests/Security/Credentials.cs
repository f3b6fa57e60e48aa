using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Security.Enrolment;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>Real files of gateways and people, watched as the service watches them, and the log that goes with them.</summary>
internal sealed class Credentials : IDisposable
{
    public const string Password = "correct horse battery";

    /// <summary>Of the user li.</summary>
    public static readonly string Token = ApiToken.New();

    // Each costs some 50 ms; one does for all.
    public static readonly string Hash = PasswordHash.Create("correct horse battery"u8).Text;

    private readonly TempDirectory _folder = new();
    private readonly List<SecurityParts> _running = [];

    public LogLines Log { get; } = new();

    public string GatewaysFile => _folder.File("gateways.yaml");

    public string UsersFile => _folder.File("users.yaml");

    /// <summary>Of gateways' certificates; none as long as it is not set.</summary>
    public ClientAuthorityFiles? Authority { get; set; }

    /// <summary>What issues gateways' certificates, and its book; none as long as it is not set.</summary>
    public (EnrolmentAuthority Authority, string Book)? Issuer { get; set; }

    public GatewayLimits Limits { get; set; } = new();

    public LoginFailures Failures { get; private set; } = null!;

    public static string Line(string user, string role, string token, string? expires = null) =>
        $"{user}: {{role: {role}, token: {ApiToken.HashOf(token)}{(expires is null ? "" : $", expires: {expires}")}}}";

    /// <summary>All with the same password.</summary>
    public void WriteGateways(params string[] names) =>
        File.WriteAllText(GatewaysFile, names.Length == 0 ? "gateways: {}\n" : "gateways:\n" + string.Concat(names.Select(name => $"  {name}: {Hash}\n")));

    /// <summary>Each <c>name: what lets it in</c>.</summary>
    public void WriteGatewayLines(params string[] lines) => File.WriteAllText(GatewaysFile, "gateways:\n" + string.Concat(lines.Select(line => $"  {line}\n")));

    public void WriteUsers(params string[] lines) =>
        File.WriteAllText(UsersFile, lines.Length == 0 ? "users: {}\n" : "users:\n" + string.Concat(lines.Select(line => $"  {line}\n")));

    /// <summary>With <see cref="KeepAccounts"/>.</summary>
    public string AccountsPath => _folder.File("people.db");

    public bool KeepAccounts { get; init; }

    public SecurityOptions Options() => new()
    {
        AccountsPath = KeepAccounts ? AccountsPath : null,
        GatewaysFile = File.Exists(GatewaysFile) ? GatewaysFile : null,
        UsersFile = File.Exists(UsersFile) ? UsersFile : null,
        ClientAuthority = Authority is null ? null : (Authority, ClientAuthorityReader.Read(Authority, TimeProvider.System).Authorities!),
        EnrolmentAuthority = Issuer?.Authority,
        EnrolmentBook = Issuer?.Book,
        Limits = Limits,
        Gateways = File.Exists(GatewaysFile) ? GatewayFile.Read(GatewaysFile).List! : GatewayList.None,
        Users = File.Exists(UsersFile) ? UserFile.Read(UsersFile).List! : new([]),
    };

    /// <summary>Watches the files from now on.</summary>
    public SecurityParts Start(Stats stats, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        Failures = new LoginFailures(time, Log.CreateLogger<LoginFailures>());
        var parts = new SecurityParts(Options(), Failures, new ForeignTopics(stats, time, Log.CreateLogger<ForeignTopics>()), new GatewayRates(time, Log.CreateLogger<GatewayRates>()), time, Log);
        _running.Add(parts);
        parts.StartAsync(CancellationToken.None);
        return parts;
    }

    public MqttLogins Logins(Stats stats) => Start(stats).Mqtt!;

    public void Dispose()
    {
        foreach (var parts in _running)
            parts.Dispose();
        _folder.Dispose();
    }
}
