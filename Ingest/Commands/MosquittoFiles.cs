using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Commands;

/// <summary>
/// The gateways' file as Mosquitto 2 understands it: who may write what (ACL), passwords as far as they are known, and for certificates a listener that takes the
/// common name for the user, with the list of what was revoked. Each user is named: a certificate of the authority whose name the file does not have may do nothing.
/// </summary>
/// <param name="Remarks">What could not be said to Mosquitto.</param>
internal sealed record MosquittoFiles(string Acl, string Passwords, string Listener, string? RevocationList, IReadOnlyList<string> Remarks)
{
    // As mosquitto_passwd makes it: twelve bytes of salt, and so few rounds since Mosquitto computes them on the one thread that serves everybody.
    private const int Rounds = 101;
    private const int SaltSize = 12;

    /// <param name="service">The service's own user.</param>
    /// <param name="passwords">By user; those of gateways are held against the file's hashes.</param>
    /// <param name="issuer">Signs the revocation list; null where its key is not at hand.</param>
    /// <param name="folder">Where Mosquitto finds the files.</param>
    public static MosquittoFiles Of(GatewayList gateways, string service, IReadOnlyDictionary<string, string> passwords, X509Certificate2? issuer, string folder, DateTimeOffset now)
    {
        var remarks = new List<string>();
        var (users, lines) = (gateways.All.OrderBy(gateway => gateway.Key, StringComparer.Ordinal).ToList(), new List<string>());
        foreach (var (name, access) in users.Where(user => user.Value.Password is not null).Select(user => (user.Key, user.Value)))
        {
            if (name.Contains(':', StringComparison.Ordinal))
                remarks.Add($"{name}: a name with a colon can't stand in Mosquitto's password file; give it a certificate");
            else if (!passwords.TryGetValue(name, out var password))
                remarks.Add($"{name}: its password is not known here (the gateways' file has a hash of another kind); hand it in by --passwords, or let mosquitto_passwd ask for it");
            else if (!access.Password!.Verify(Encoding.UTF8.GetBytes(password)))
                remarks.Add($"{name}: the password handed in is not the one of the gateways' file; left out");
            else
                lines.Add(PasswordLine(name, password));
        }
        if (passwords.TryGetValue(service, out var own))
            lines.Add(PasswordLine(service, own));
        else
            remarks.Add($"{service}: the service's own password is not known here; hand it in by --passwords, or let mosquitto_passwd ask for it");
        foreach (var (name, access) in users)
        {
            if (access.Certificate is not (null or GatewayAccess.AnyCertificate))
                remarks.Add($"{name}: Mosquitto knows no fingerprints; any certificate of this name lets it in there");
        }
        var list = Revoke(users.Select(user => user.Value), issuer, now, remarks);
        return new MosquittoFiles(AclOf(users.Select(user => user.Key), service), string.Concat(lines), ListenerAt(folder, list is not null), list, remarks);
    }

    private static string AclOf(IEnumerable<string> gateways, string service)
    {
        var text = new StringBuilder($"""
            # Made by `credential mosquitto` from the gateways' file; make it anew when that changes, then: kill -HUP of Mosquitto.
            # Who is not named here may do nothing.
            user {service}
            topic read telemetry/v1/#
            topic readwrite alarms/v1/#

            """);
        foreach (var gateway in gateways)
            text.Append(CultureInfo.InvariantCulture, $"\nuser {gateway}\ntopic write telemetry/v1/{gateway}/#\n");
        return text.ToString();
    }

    private static string ListenerAt(string folder, bool hasList) => $"""
        # Made by `credential mosquitto`: a listener for gateways with certificates, beside the one for passwords of docs/deploy/mosquitto.conf.
        # Named by include_dir there, or appended to it. The server's certificate is the other listener's.
        listener 8886
        certfile {folder}/server.crt
        keyfile {folder}/server.key
        tls_version tlsv1.2
        cafile {folder}/gateway-authorities.crt
        require_certificate true
        use_identity_as_username true
        {(hasList ? $"crlfile {folder}/revoked.crl" : "# nothing is revoked, or no key was at hand to sign a list of it: crlfile")}

        """;

    private static string? Revoke(IEnumerable<GatewayAccess> gateways, X509Certificate2? issuer, DateTimeOffset now, List<string> remarks)
    {
        var revoked = gateways.SelectMany(gateway => gateway.Revoked).ToList();
        if (issuer is null)
        {
            if (revoked.Count > 0)
                remarks.Add("what the gateways' file revokes still comes in at Mosquitto: name the authority and its key by --authority and --authority-key, and a list is made");
            return null;
        }
        foreach (var print in revoked.Where(each => each.StartsWith("sha256:", StringComparison.Ordinal)))
            remarks.Add($"{print}: a revocation list names serial numbers; write this one as serial: in the gateways' file");
        var list = new CertificateRevocationListBuilder();
        foreach (var serial in revoked.Where(each => each.StartsWith("serial:", StringComparison.Ordinal)).Distinct().Select(Serial))
            list.AddEntry(serial);
        // OpenSSL lets nobody in by a list that has run out.
        return PemEncoding.WriteString("X509 CRL", list.Build(issuer, now.ToUnixTimeSeconds(), new DateTimeOffset(issuer.NotAfter), HashAlgorithmName.SHA256)) + "\n";
    }

    private static byte[] Serial(string text)
    {
        var digits = text["serial:".Length..];
        var bytes = Convert.FromHexString(digits.Length % 2 == 0 ? digits : "0" + digits);
        return bytes is [>= 0x80, ..] ? [0, .. bytes] : bytes;
    }

    private static string PasswordLine(string name, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA512, 64);
        return $"{name}:$7${Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}\n";
    }
}
