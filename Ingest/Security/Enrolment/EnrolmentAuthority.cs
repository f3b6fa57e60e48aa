using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Security.Enrolment;

/// <summary>The service's own authority: turns a gateway's request into its certificate. Nothing of the request but its key is taken over.</summary>
public sealed class EnrolmentAuthority(X509Certificate2 certificate)
{
    /// <summary>How long a certificate is good. 397 days: renewed once a year, with a month's patience.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(397);

    // A gateway's clock may be behind.
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);

    private const int MaxRequest = 16 << 10;
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    public X509Certificate2 Certificate => certificate;

    /// <summary>A new authority with an ECDSA key over P-256, good for ten years.</summary>
    public static X509Certificate2 New(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - Backdated, now.AddYears(10));
    }

    /// <summary>The authority of the two files, or what is wrong with them.</summary>
    public static (EnrolmentAuthority? Authority, string? Error) Read(string path, string? keyPath, TimeProvider time)
    {
        try
        {
            var found = X509Certificate2.CreateFromPemFile(path, keyPath ?? path);
            if (found.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is not { CertificateAuthority: true })
                return (null, $"Security:EnrolmentAuthority = {path}: no authority's certificate (CA:TRUE is missing); make one with `credential authority DIR`");
            return found.NotAfter <= time.GetUtcNow()
                ? (null, $"Security:EnrolmentAuthority = {path}: expired at {found.NotAfter.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}; make another one with `credential authority DIR`")
                : (new EnrolmentAuthority(found), null);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, $"Security:EnrolmentAuthority = {path}: no certificate in PEM with a key that fits in Security:EnrolmentAuthorityKey, or a file that this user may not read; make both with `credential authority DIR`");
        }
    }

    /// <summary>The key that a request proves to hold, or what is wrong with the request.</summary>
    /// <param name="pem">PKCS #10.</param>
    public static (PublicKey? Key, string? Wrong) KeyOf(string? pem)
    {
        const string Form = "csr: expected one PKCS #10 request in PEM, -----BEGIN CERTIFICATE REQUEST-----, signed by its own key";
        if (pem is null || pem.Length > MaxRequest)
            return (null, Form);
        PublicKey key;
        try
        {
            // Verifies the request's signature: whoever sends it holds the key.
            key = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256).PublicKey;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return (null, Form);
        }
        return IsStrong(key) ? (key, null) : (null, "csr: the key is too weak or of an unknown kind; ECDSA over P-256, P-384 or P-521, or RSA of 2048 to 4096 bits");
    }

    /// <param name="gateway">Becomes the subject, alone.</param>
    public X509Certificate2 Issue(string gateway, PublicKey key, DateTimeOffset now)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(gateway);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ClientAuthentication], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        var end = now + Validity < certificate.NotAfter ? now + Validity : new DateTimeOffset(certificate.NotAfter);
        var begin = now - Backdated > certificate.NotBefore ? now - Backdated : new DateTimeOffset(certificate.NotBefore);
        using var elliptic = certificate.GetECDsaPrivateKey();
        using var rsa = certificate.GetRSAPrivateKey();
        var signer = elliptic is not null ? X509SignatureGenerator.CreateForECDsa(elliptic) : X509SignatureGenerator.CreateForRSA(rsa!, RSASignaturePadding.Pkcs1);
        return request.Create(certificate.SubjectName, signer, begin, end, serial);
    }

    private static bool IsStrong(PublicKey key)
    {
        try
        {
            using var elliptic = key.GetECDsaPublicKey();
            using var rsa = key.GetRSAPublicKey();
            return elliptic?.ExportParameters(false).Curve is { IsNamed: true, Oid.Value: { } curve } ? Curves.Contains(curve) : rsa?.KeySize is >= 2048 and <= 4096;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
