using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Security;

/// <summary>Which gateways there are, and how each logs in. Immutable.</summary>
public sealed class GatewayList(IReadOnlyDictionary<string, GatewayAccess> gateways)
{
    public static GatewayList None { get; } = new(new Dictionary<string, GatewayAccess>());

    public int Count => gateways.Count;

    /// <summary>In the order of the file's lines.</summary>
    public IEnumerable<KeyValuePair<string, GatewayAccess>> All => gateways;

    /// <summary>Whose enrolment code has this hash; a code of 100 random bits, so how long the look takes tells nothing.</summary>
    public (string Name, GatewayAccess Access)? FindByCode(string hash) =>
        gateways.FirstOrDefault(gateway => gateway.Value.EnrolCode == hash) is { Key: { } name } found ? (name, found.Value) : null;

    public GatewayAccess? Find(string name) => gateways.GetValueOrDefault(name);
}

/// <summary>
/// <c>Security:GatewaysFile</c>:
/// <code>
/// gateways:
///   gw-river-01: pbkdf2-sha256$210000$…$…
///   gw-river-02: {certificate: any, revoked: [serial:0A1B], devices: any, rate: 50, message: 65536, connections: 2}
/// </code>
/// </summary>
public static class GatewayFile
{
    private const string CertificateForm = "any, or sha256: and the certificate's fingerprint in 64 hex digits (openssl x509 -noout -fingerprint -sha256)";

    private static readonly string[] Fields = ["password", "certificate", "revoked", "devices", "rate", "message", "connections", "enrol", "enrol_until"];

    /// <summary>The list, or every mistake of the file with its line.</summary>
    public static (GatewayList? List, IReadOnlyList<string> Errors) Read(string file)
    {
        var errors = new List<string>();
        var gateways = new Dictionary<string, GatewayAccess>(StringComparer.Ordinal);
        foreach (var entry in CredentialYaml.Read(file, "gateways", errors) ?? [])
        {
            var name = LogText.Safe(entry.Name);
            void Wrong(int line, string message) => errors.Add($"{file}:{line}: {name}: {message}");

            if (!DeviceId.IsValid(entry.Name))
                errors.Add($"{file}:{entry.Line}: '{name}' is no gateway's name; 1-64 characters A-Z a-z 0-9 _ . : -, as in its topics");
            else if (entry.Fields is { } fields)
                gateways[entry.Name] = ReadFields(entry.Line, fields, Wrong);
            else
                gateways[entry.Name] = new GatewayAccess { Password = Password(entry, Wrong) };
        }
        return errors.Count == 0 ? (new GatewayList(gateways), errors) : (null, errors);
    }

    private static GatewayAccess ReadFields(int line, IReadOnlyList<CredentialLine> fields, Action<int, string> wrong)
    {
        var access = new GatewayAccess();
        foreach (var field in fields)
        {
            access = field.Name switch
            {
                "password" => access with { Password = Password(field, wrong) },
                "certificate" => access with { Certificate = Certificate(field, wrong) },
                "revoked" => access with { Revoked = Revoked(field, wrong) },
                "devices" => access with { AnyDevices = AnyDevices(field, wrong) },
                "rate" => access with { Rate = Whole(field, GatewayLimits.Rates, "readings a second", wrong) },
                "message" => access with { MaxMessage = Whole(field, GatewayLimits.Messages, "bytes of a message", wrong) },
                "connections" => access with { MaxConnections = Whole(field, GatewayLimits.Connections, "connections at a time", wrong) },
                "enrol" => access with { EnrolCode = EnrolCode(field, wrong) },
                "enrol_until" => access with { EnrolUntil = EnrolUntil(field, wrong) },
                _ => Unknown(field, access, wrong),
            };
        }
        if (!fields.Any(field => field.Name is "password" or "certificate"))
            wrong(line, $"nothing lets it in; give password ({PasswordHash.Form}), certificate ({CertificateForm}), or both");
        if (fields.Any(field => field.Name.StartsWith("enrol", StringComparison.Ordinal)) && (access.EnrolCode is null || access.EnrolUntil is null || access.Certificate != GatewayAccess.AnyCertificate))
            wrong(line, "a code needs enrol, enrol_until and certificate: any, as `credential enrol NAME` prints them");
        return access;
    }

    private static string? EnrolCode(CredentialLine field, Action<int, string> wrong)
    {
        if (field.Text is { } text && ApiToken.IsHash(text))
            return text;
        wrong(field.Line, "enrol: sha256$ and 44 characters of base64, as `credential enrol NAME` prints it; the code itself must not stand here");
        return null;
    }

    private static DateTimeOffset? EnrolUntil(CredentialLine field, Action<int, string> wrong)
    {
        if (UserFile.Time(field.Text ?? "") is { } until)
            return until;
        wrong(field.Line, "enrol_until: a time such as 2027-01-01T08:00:00Z");
        return null;
    }

    private static PasswordHash? Password(CredentialLine field, Action<int, string> wrong)
    {
        if (field.Text is null)
        {
            wrong(field.Line, $"expected {PasswordHash.Form}");
            return null;
        }
        var (hash, problem) = PasswordHash.Parse(field.Text);
        if (problem is not null)
            wrong(field.Line, problem);
        return hash;
    }

    private static string? Certificate(CredentialLine field, Action<int, string> wrong)
    {
        if (field.Text is { } text && (text == GatewayAccess.AnyCertificate ? text : GatewayAccess.Fingerprint(text)) is { } certificate)
            return certificate;
        wrong(field.Line, $"certificate: {CertificateForm}");
        return null;
    }

    private static IReadOnlyList<string> Revoked(CredentialLine field, Action<int, string> wrong)
    {
        var revoked = (field.Items ?? []).Select(item => GatewayAccess.Fingerprint(item) ?? GatewayAccess.SerialNumber(item)).ToList();
        if (field.Items is null || revoked.Contains(null))
            wrong(field.Line, "revoked: a list in brackets, each sha256: and a fingerprint of 64 hex digits, or serial: and a certificate's serial number in hex");
        return [.. revoked.OfType<string>()];
    }

    private static bool AnyDevices(CredentialLine field, Action<int, string> wrong)
    {
        if (field.Text is not ("any" or "own"))
            wrong(field.Line, "devices: own (those that the register places behind it, the default) or any");
        return field.Text == "any";
    }

    private static int? Whole(CredentialLine field, (int Least, int Most) range, string of, Action<int, string> wrong)
    {
        if (int.TryParse(field.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= range.Least && number <= range.Most)
            return number;
        wrong(field.Line, $"{field.Name}: {of}, a whole number from {range.Least} to {range.Most}");
        return null;
    }

    private static GatewayAccess Unknown(CredentialLine field, GatewayAccess access, Action<int, string> wrong)
    {
        wrong(field.Line, $"unknown '{LogText.Safe(field.Name)}'{NearestName.Hint(field.Name, Fields)}; a gateway has {string.Join(", ", Fields)}");
        return access;
    }
}
