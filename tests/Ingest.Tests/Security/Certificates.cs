using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>A certificate authority of its own, and server certificates by it, as files.</summary>
internal sealed class Certificates : IDisposable
{
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly TempDirectory _folder = new();
    private readonly X509Certificate2 _authority;
    private int _serial;

    public Certificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 2, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(1));
        File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public string AuthorityFile => _folder.File("ca.pem");

    /// <summary>A certificate for localhost; days from now.</summary>
    public X509Certificate2 Issue(double fromDays = -1, double toDays = 29, X509Certificate2? by = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.Create(by ?? _authority, Now.AddDays(fromDays), Now.AddDays(toDays), BitConverter.GetBytes(++_serial)).CopyWithPrivateKey(key);
    }

    /// <summary>A gateway's certificate; days from now.</summary>
    /// <param name="subject">Its whole name.</param>
    /// <param name="purpose">Null for none.</param>
    /// <param name="by">Null for the authority; itself where <paramref name="selfSigned"/>.</param>
    public X509Certificate2 IssueClient(string subject, double fromDays = -1, double toDays = 29, X509Certificate2? by = null, string? purpose = ClientAuthentication, bool selfSigned = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (purpose is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (selfSigned)
            return request.CreateSelfSigned(Now.AddDays(fromDays), Now.AddDays(toDays));
        return request.Create(by ?? _authority, Now.AddDays(fromDays), Now.AddDays(toDays), BitConverter.GetBytes(++_serial)).CopyWithPrivateKey(key);
    }

    /// <summary>The authority's list of what it takes back, valid for a day.</summary>
    public byte[] RevocationList(params X509Certificate2[] revoked)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
            list.AddEntry(certificate);
        return list.Build(_authority, ++_serial, Now.AddDays(1), HashAlgorithmName.SHA256);
    }

    /// <summary>A certificate by an authority that the first one vouches for.</summary>
    public (X509Certificate2 Own, X509Certificate2 Intermediate) IssueThroughIntermediate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var intermediate = request.Create(_authority, Now.AddDays(-1), Now.AddDays(30), BitConverter.GetBytes(++_serial)).CopyWithPrivateKey(key);
        return (Issue(by: intermediate), intermediate);
    }

    public static string KeyPem(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    public string Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder.File(name), bytes);
        return _folder.File(name);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }
}
