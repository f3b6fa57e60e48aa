using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>The forms in which a certificate comes, and what is said of each mistake.</summary>
public sealed class CertificateReaderTests : IDisposable
{
    private const string Password = "opens the key";

    private readonly Certificates _files = new();

    public void Dispose() => _files.Dispose();

    private static (ServerCertificate? Certificate, string Error) Read(string path, string? key = null, string? passwordFile = null)
    {
        var (certificate, errors) = CertificateReader.Read(new CertificateFiles("Mqtt:", path, key, passwordFile), TimeProvider.System);
        return (certificate, string.Join('\n', errors));
    }

    private static void Serves(X509Certificate2 own, (ServerCertificate? Certificate, string Error) read)
    {
        Assert.Equal("", read.Error);
        Assert.Equal(own.Thumbprint, read.Certificate!.Context.TargetCertificate.Thumbprint);
        Assert.True(read.Certificate.Context.TargetCertificate.HasPrivateKey);
    }

    private string EncryptedKey(X509Certificate2 own) => _files.Write("key.pem", own.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000)));

    [Fact]
    public void PEM_with_the_key_beside_it_in_it_or_encrypted()
    {
        using var own = _files.Issue();
        var certificate = _files.Write("certificate.pem", own.ExportCertificatePem());
        Serves(own, Read(certificate, _files.Write("plain.pem", Certificates.KeyPem(own))));
        Serves(own, Read(_files.Write("both.pem", own.ExportCertificatePem() + "\n" + Certificates.KeyPem(own))));
        Serves(own, Read(certificate, EncryptedKey(own), _files.Write("password", Password + "\n")));
    }

    [Fact]
    public void PFX_with_and_without_a_password()
    {
        using var own = _files.Issue();
        Serves(own, Read(_files.Write("own.pfx", own.Export(X509ContentType.Pfx, Password)), passwordFile: _files.Write("password", Password)));
        Serves(own, Read(_files.Write("open.p12", own.Export(X509ContentType.Pfx))));
    }

    [Fact]
    public void The_chain_of_a_PEM_is_sent_along()
    {
        var (own, intermediate) = _files.IssueThroughIntermediate();
        using (own)
        using (intermediate)
        {
            var read = Read(_files.Write("chain.pem", own.ExportCertificatePem() + "\n" + intermediate.ExportCertificatePem()), _files.Write("key.pem", Certificates.KeyPem(own)));
            Serves(own, read);
            Assert.Equal("CN=Test intermediate", read.Certificate!.Context.IntermediateCertificates.Single().Subject);
        }
    }

    [Fact]
    public void Each_mistake_names_its_key_and_what_would_be_right()
    {
        using var own = _files.Issue();
        using var other = _files.Issue();
        var certificate = _files.Write("certificate.pem", own.ExportCertificatePem());
        var wrongPassword = _files.Write("password", "does not");
        Says(Read("/nowhere/certificate.pem"), "Mqtt:Certificate = /nowhere/certificate.pem: can't be read");
        Says(Read(certificate, "/nowhere/key.pem"), "Mqtt:CertificateKey = /nowhere/key.pem: can't be read");
        Says(Read(certificate, EncryptedKey(own), "/nowhere/password"), "Mqtt:CertificatePasswordFile = /nowhere/password: can't be read");
        Says(Read(certificate), "has no private key; name it by Mqtt:CertificateKey");
        Says(Read(certificate, EncryptedKey(own)), "an encrypted one needs Mqtt:CertificatePasswordFile");
        Says(Read(certificate, EncryptedKey(own), wrongPassword), "Mqtt:CertificatePasswordFile = ");
        Says(Read(_files.Write("own.pfx", own.Export(X509ContentType.Pfx, Password)), passwordFile: wrongPassword), "Mqtt:CertificatePasswordFile = ");
        Says(Read(certificate, _files.Write("other.pem", Certificates.KeyPem(other))), "no certificate with a key that fits");
        Says(Read(_files.Write("text.pem", "not a certificate")), "no certificate");
        Says(Read(_files.Write("own.pfx", own.Export(X509ContentType.Pfx)), certificate), "Mqtt:CertificateKey = ", "leave this out");
    }

    [Theory]
    [InlineData(-10, -1, "expired at")]
    [InlineData(1, 10, "valid from")]
    public void One_that_is_not_valid_now_is_refused(int fromDays, int toDays, string right)
    {
        using var own = _files.Issue(fromDays, toDays);
        Says(Read(_files.Write("both.pem", own.ExportCertificatePem() + "\n" + Certificates.KeyPem(own))), right);
    }

    private static void Says((ServerCertificate? Certificate, string Error) read, params string[] texts)
    {
        Assert.Null(read.Certificate);
        Assert.All(texts, text => Assert.Contains(text, read.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("does not\n", read.Error, StringComparison.Ordinal);
    }
}
