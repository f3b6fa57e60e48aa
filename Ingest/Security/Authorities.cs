using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security;

/// <summary>Certificates of authorities of one's own: read from a file, and the chain that must end at one of them. The system's own authorities count for nothing here.</summary>
internal static class Authorities
{
    /// <param name="key">Of the configuration, for the mistakes.</param>
    /// <param name="whose">Certificates they issue, for the mistakes.</param>
    /// <param name="errors">Takes each mistake: key, value, what would be right.</param>
    public static IReadOnlyList<X509Certificate2> Read(string key, string path, string whose, List<string> errors, TimeProvider time)
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
                Wrong($"{LogText.Safe(certificate.Subject)} is no authority's certificate (CA:TRUE is missing); name whoever issues the {whose} certificates");
            else if (certificate.NotAfter <= time.GetUtcNow())
                Wrong($"{LogText.Safe(certificate.Subject)} expired at {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}; take it out, or have it renewed");
        }
        if (!found.Any(IsRoot))
            Wrong("has no certificate that is its own issuer; add the root, up to which chains are followed");
        return [.. found];
    }

    /// <summary>By which a chain is built. Nothing that a stranger's certificate names is downloaded.</summary>
    /// <param name="authorities">Roots, and what stands between them and what they vouch for.</param>
    public static X509ChainPolicy Policy(IEnumerable<X509Certificate2> authorities, TimeProvider time)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = time.GetUtcNow().UtcDateTime,
        };
        foreach (var authority in authorities)
            (IsRoot(authority) ? policy.CustomTrustStore : policy.ExtraStore).Add(authority);
        return policy;
    }

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
