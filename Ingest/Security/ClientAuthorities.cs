using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Who may vouch for gateways' certificates, and which of those they have taken back. Immutable: what was judged by one that is no longer in force is judged anew. The
/// system's own authorities count for nothing here.
/// </summary>
/// <param name="authorities">Roots, and what stands between them and the gateways' certificates.</param>
public sealed class ClientAuthorities(IReadOnlyList<X509Certificate2> authorities, IReadOnlyList<RevocationList> revoked)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string CommonName = "2.5.4.3";

    public IReadOnlyList<X509Certificate2> All => authorities;

    public IReadOnlyList<RevocationList> RevocationLists => revoked;

    /// <summary>The same for the same content: a file that is merely read again changes nothing.</summary>
    public string Stamp { get; } = Convert.ToHexString(SHA256.HashData([.. authorities.SelectMany(authority => authority.RawData), .. revoked.SelectMany(list => list.Hash)]));

    /// <summary>By which a handshake builds the chain.</summary>
    public X509ChainPolicy Policy(TimeProvider time)
    {
        var policy = Authorities.Policy(authorities, time);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    /// <param name="chain">Built by <see cref="Policy"/>.</param>
    public ClientCertificate Judge(X509Certificate2 shown, X509Chain chain, TimeProvider time) => new(
        NameOf(shown), FingerprintOf(shown), SerialOf(shown), new DateTimeOffset(shown.NotAfter), Refusal(shown, chain, time.GetUtcNow()), Stamp);

    public static string FingerprintOf(X509Certificate2 certificate) => "sha256:" + certificate.GetCertHashString(HashAlgorithmName.SHA256);

    public static string SerialOf(X509Certificate2 certificate) => GatewayAccess.SerialNumber("serial:" + certificate.SerialNumber)!;

    private string? Refusal(X509Certificate2 shown, X509Chain chain, DateTimeOffset now)
    {
        // Dates first: an expired one gives its chain other faults, too.
        if (now >= shown.NotAfter)
            return LoginRefusal.CertificateExpired;
        if (now < shown.NotBefore)
            return LoginRefusal.CertificateNotYetValid;
        var faults = chain.ChainElements.Aggregate(chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, each) => all | each.Status), (all, element) => element.ChainElementStatus.Aggregate(all, (sum, each) => sum | each.Status));
        if (!IsForClients(shown) || faults == X509ChainStatusFlags.NotValidForUsage)
            return LoginRefusal.CertificatePurpose;
        if (faults != X509ChainStatusFlags.NoError || chain.ChainElements.Count < 2)
            return LoginRefusal.CertificateUntrusted;
        for (var i = 0; i < chain.ChainElements.Count - 1; i++)
        {
            if (revoked.Any(list => list.Revokes(chain.ChainElements[i].Certificate)))
                return LoginRefusal.CertificateRevoked;
        }
        return NameOf(shown) is null ? LoginRefusal.CertificateUnnamed : null;
    }

    // A certificate without a purpose is good for any, by the standard; an authority that means gateways says so.
    private static bool IsForClients(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(usage => usage.EnhancedKeyUsages.Cast<Oid>()).Any(usage => usage.Value == ClientAuthentication);

    // The common name, as Mosquitto's use_identity_as_username takes it; a gateway's name is not always a host's, so it can't stand among the alternative names.
    private static string? NameOf(X509Certificate2 certificate)
    {
        try
        {
            var parts = certificate.SubjectName.EnumerateRelativeDistinguishedNames().ToList();
            return parts.All(part => !part.HasMultipleElements) && parts.Where(part => part.GetSingleElementType().Value == CommonName).ToList() is [var name] ? name.GetSingleElementValue() : null;
        }
        catch (CryptographicException)
        {
            // Not even a name.
            return null;
        }
    }
}
