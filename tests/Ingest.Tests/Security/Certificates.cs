using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>A certificate authority of its own, and server certificates by it, as files.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly X509Certificate2 _authority;
    private int _serial;

    public Certificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 2, true));
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

    /// <summary>A certificate by an authority that the first one vouches for.</summary>
    public (X509Certificate2 Own, X509Certificate2 Intermediate) IssueThroughIntermediate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
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
