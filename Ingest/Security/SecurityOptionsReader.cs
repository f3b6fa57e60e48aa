using System.Globalization;
using Telemetry.Ingest.Security.Enrolment;

namespace Telemetry.Ingest.Security;

/// <summary>The keys of credentials and certificates; every error names key, value and what would be right.</summary>
public static class SecurityOptionsReader
{
    private static readonly (string Key, int Least, int Most, Func<GatewayLimits, int, GatewayLimits> With)[] LimitKeys =
    [
        ("Mqtt:MaxConnections", 1, 1_000_000, (limits, value) => limits with { Total = value }),
        ("Mqtt:MaxConnectionsPerGateway", GatewayLimits.Connections.Least, GatewayLimits.Connections.Most, (limits, value) => limits with { PerGateway = value }),
        ("Mqtt:MaxStrangersPerAddress", 1, 1_000_000, (limits, value) => limits with { StrangersPerAddress = value }),
        ("Mqtt:MaxRatePerGateway", GatewayLimits.Rates.Least, GatewayLimits.Rates.Most, (limits, value) => limits with { Rate = value }),
    ];

    public static IReadOnlyList<string> Keys { get; } =
    [
        "Security:GatewaysFile", "Security:UsersFile", "Security:Accounts", "Security:EnrolmentAuthority", "Security:EnrolmentAuthorityKey",
        "Mqtt:Certificate", "Mqtt:CertificateKey", "Mqtt:CertificatePasswordFile", "Mqtt:TlsPort", "Mqtt:Plain",
        "Mqtt:ClientAuthority", "Mqtt:ClientRevocationList", .. LimitKeys.Select(each => each.Key),
        "Http:Certificate", "Http:CertificateKey", "Http:CertificatePasswordFile",
        .. OidcOptions.Keys,
    ];

    private static readonly string[] ForClients = ["Mqtt:Certificate", "Security:GatewaysFile"];

    /// <summary>Beyond loopback somebody must be known over HTTP.</summary>
    public static bool HasUsers(IConfiguration configuration) => configuration["Security:UsersFile"] is not null || configuration["Security:Accounts"] is "true" or "True" || configuration["Security:Oidc:Authority"] is not null;

    /// <param name="dataPath">Where the accounts are kept.</param>
    public static SecurityOptions Read(IConfiguration configuration, string dataPath, List<string> errors, TimeProvider time)
    {
        var options = new SecurityOptions
        {
            GatewaysFile = configuration["Security:GatewaysFile"],
            UsersFile = configuration["Security:UsersFile"],
            AccountsPath = Accounts(configuration, errors) ? Path.Combine(dataPath, "people.db") : null,
            Oidc = OidcOptions.Read(configuration, errors),
            MqttCertificate = Certificate("Mqtt:", configuration, errors, time),
            HttpCertificate = Certificate("Http:", configuration, errors, time),
            NodeCertificate = NodeCertificate.Read(configuration, errors, time),
            ClientAuthority = Authority(configuration, errors, time),
            EnrolmentAuthority = Enrolment(configuration, errors, time),
            EnrolmentBook = Path.Combine(configuration["Data:Path"] ?? "data", "enrolled.jsonl"),
            Limits = Limits(configuration, errors),
            MqttTlsPort = Port(configuration, errors),
            MqttPlain = Plain(configuration, errors),
        };
        if (options.GatewaysFile is { } gatewaysFile)
        {
            var (list, wrong) = GatewayFile.Read(gatewaysFile);
            errors.AddRange(wrong.Select(error => $"Security:GatewaysFile: {error}"));
            options = list is null ? options : options with { Gateways = list };
        }
        if (options.UsersFile is { } usersFile)
        {
            var (list, wrong) = UserFile.Read(usersFile);
            errors.AddRange(wrong.Select(error => $"Security:UsersFile: {error}"));
            options = list is null ? options : options with { Users = list };
        }
        if (configuration.GetValue<string>("Demo") is "true" or "True" && Keys.Except(LimitKeys.Select(each => each.Key)).FirstOrDefault(key => configuration[key] is not null) is { } key)
            errors.Add($"{key} = {configuration[key]}: the simulated city comes without credentials and without TLS; leave this or Demo out");
        return options;
    }

    private static (CertificateFiles Files, ServerCertificate First)? Certificate(string prefix, IConfiguration configuration, List<string> errors, TimeProvider time)
    {
        if (configuration[$"{prefix}Certificate"] is not { } path)
        {
            foreach (var alone in new[] { $"{prefix}CertificateKey", $"{prefix}CertificatePasswordFile" }.Where(alone => configuration[alone] is not null))
                errors.Add($"{alone} = {configuration[alone]}: {prefix}Certificate is missing; name the certificate too");
            return null;
        }
        var files = new CertificateFiles(prefix, path, configuration[$"{prefix}CertificateKey"], configuration[$"{prefix}CertificatePasswordFile"]);
        var (certificate, wrong) = CertificateReader.Read(files, time);
        errors.AddRange(wrong);
        return certificate is null ? null : (files, certificate);
    }

    private static bool Accounts(IConfiguration configuration, List<string> errors)
    {
        const string Key = "Security:Accounts";
        if (configuration[Key] is not { } text)
            return false;
        if (!bool.TryParse(text, out var accounts))
            errors.Add($"{Key} = {text}: true or false");
        return accounts;
    }

    private static (ClientAuthorityFiles Files, ClientAuthorities First)? Authority(IConfiguration configuration, List<string> errors, TimeProvider time)
    {
        var files = new ClientAuthorityFiles(configuration["Mqtt:ClientAuthority"], configuration["Mqtt:ClientRevocationList"], configuration["Security:EnrolmentAuthority"]);
        if (files.Path is null && files.EnrolmentPath is null)
        {
            if (files.RevocationPath is not null)
                errors.Add($"Mqtt:ClientRevocationList = {files.RevocationPath}: Mqtt:ClientAuthority is missing; name whose list it is");
            return null;
        }
        foreach (var needed in ForClients.Where(needed => files.Path is not null).Where(needed => configuration[needed] is null))
            errors.Add($"Mqtt:ClientAuthority = {files.Path}: {needed} is missing; gateways' certificates need TLS, and a file that says which gateways there are");
        var (authorities, wrong) = ClientAuthorityReader.Read(files, time);
        errors.AddRange(wrong);
        return authorities is null ? null : (files, authorities);
    }

    private static EnrolmentAuthority? Enrolment(IConfiguration configuration, List<string> errors, TimeProvider time)
    {
        if (configuration["Security:EnrolmentAuthority"] is not { } path)
        {
            if (configuration["Security:EnrolmentAuthorityKey"] is { } alone)
                errors.Add($"Security:EnrolmentAuthorityKey = {alone}: Security:EnrolmentAuthority is missing; name the certificate too");
            return null;
        }
        if (configuration["Security:GatewaysFile"] is null)
            errors.Add($"Security:EnrolmentAuthority = {path}: Security:GatewaysFile is missing; the codes stand there");
        var (authority, wrong) = EnrolmentAuthority.Read(path, configuration["Security:EnrolmentAuthorityKey"], time);
        if (wrong is not null)
            errors.Add(wrong);
        return authority;
    }

    private static GatewayLimits Limits(IConfiguration configuration, List<string> errors)
    {
        var limits = new GatewayLimits();
        foreach (var (key, least, most, with) in LimitKeys)
        {
            if (configuration[key] is not { } text)
                continue;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
                limits = with(limits, value);
            else
                errors.Add($"{key} = {text}: a whole number from {least} to {most}");
        }
        return limits;
    }

    private static int Port(IConfiguration configuration, List<string> errors)
    {
        const string Key = "Mqtt:TlsPort";
        if (configuration[Key] is not { } text)
            return new SecurityOptions().MqttTlsPort;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
            errors.Add($"{Key} = {text}: a whole number from 0 to 65535");
        else if (configuration["Mqtt:Certificate"] is null)
            errors.Add($"{Key} = {text}: without Mqtt:Certificate there is no TLS; name a certificate, or leave this out");
        return port;
    }

    private static bool Plain(IConfiguration configuration, List<string> errors)
    {
        const string Key = "Mqtt:Plain";
        if (configuration[Key] is not { } text)
            return true;
        if (!bool.TryParse(text, out var plain))
            errors.Add($"{Key} = {text}: true or false");
        else if (!plain && configuration["Mqtt:Certificate"] is null)
            errors.Add($"{Key} = {text}: then no gateway comes in; name Mqtt:Certificate, or leave this out");
        return plain;
    }
}
