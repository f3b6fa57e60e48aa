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
    public static (ClientAuthorities? Authorities, IReadOnlyList<string> Errors) Read(ClientAuthorityFiles files, TimeProvider time)
    {
        var errors = new List<string>();
        var found = files.Path is { } path ? ReadAuthorities("Mqtt:ClientAuthority", path, errors, time) : [];
        if (files.EnrolmentPath is { } own)
            found = [.. found, .. ReadAuthorities("Security:EnrolmentAuthority", own, errors, time)];
        var revoked = files.RevocationPath is { } lists && errors.Count == 0 ? ReadLists(lists, found, errors) : [];
        return errors.Count == 0 ? (new ClientAuthorities(found, revoked), errors) : (null, errors);
    }

    private static IReadOnlyList<X509Certificate2> ReadAuthorities(string key, string path, List<string> errors, TimeProvider time)
    {
        void Wrong(string message) => errors.Add($"{key} = {path}: {message}");

        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPemFile(path);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Wrong("can't be read; the authorities' certificates in PEM, one after the other, in a file that this user may read");
            return [];
        }
        foreach (var certificate in found)
        {
            if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is not { CertificateAuthority: true })
                Wrong($"{LogText.Safe(certificate.Subject)} is no authority's certificate (CA:TRUE is missing); name whoever issues the gateways' certificates");
            else if (certificate.NotAfter <= time.GetUtcNow())
                Wrong($"{LogText.Safe(certificate.Subject)} expired at {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}; take it out, or have it renewed");
        }
        if (!found.Any(ClientAuthorities.IsRoot))
            Wrong("has no certificate that is its own issuer; add the root, up to which chains are followed");
        return [.. found];
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
