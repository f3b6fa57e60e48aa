using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security;

/// <summary>Where the authorities of gateways' certificates lie.</summary>
/// <param name="Path"><c>Mqtt:ClientAuthority</c>, PEM; null for none.</param>
/// <param name="EnrolmentPath"><c>Security:EnrolmentAuthority</c>: what the service issues lets in, too; null for none.</param>
/// <param name="RevocationPath"><c>Mqtt:ClientRevocationList</c>, PEM or DER, one list or several; null for none.</param>
public sealed record ClientAuthorityFiles(string? Path, string? RevocationPath, string? EnrolmentPath = null)
{
    public IReadOnlyList<string> All { get; } = [.. new[] { Path, RevocationPath, EnrolmentPath }.OfType<string>()];
}

/// <summary>Reads authorities and their revocation lists; every mistake names the key of the configuration and what would be right.</summary>
public static class ClientAuthorityReader
{
    private const string Whose = "gateways'";

    public static (ClientAuthorities? Authorities, IReadOnlyList<string> Errors) Read(ClientAuthorityFiles files, TimeProvider time)
    {
        var errors = new List<string>();
        var found = files.Path is { } path ? Authorities.Read("Mqtt:ClientAuthority", path, Whose, errors, time) : [];
        if (files.EnrolmentPath is { } own)
            found = [.. found, .. Authorities.Read("Security:EnrolmentAuthority", own, Whose, errors, time)];
        var revoked = files.RevocationPath is { } lists && errors.Count == 0 ? ReadLists(lists, found, errors) : [];
        return errors.Count == 0 ? (new ClientAuthorities(found, revoked), errors) : (null, errors);
    }

    private static IReadOnlyList<RevocationList> ReadLists(string path, IReadOnlyList<X509Certificate2> authorities, List<string> errors)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            var ders = bytes.AsSpan().StartsWith("-----"u8) ? FromPem(System.Text.Encoding.ASCII.GetString(bytes)) : [bytes];
            if (ders.Count > 0)
                return [.. ders.Select(der => RevocationList.Read(der, authorities))];
            errors.Add($"Mqtt:ClientRevocationList = {path}: holds no X509 CRL, in PEM or DER");
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add($"Mqtt:ClientRevocationList = {path}: {error.Message}; expected a list, in PEM or DER, that an authority of Mqtt:ClientAuthority has signed");
        }
        return [];
    }

    private static List<byte[]> FromPem(string text)
    {
        var ders = new List<byte[]>();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            if (rest[fields.Label] is "X509 CRL")
                ders.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
        }
        return ders;
    }
}
