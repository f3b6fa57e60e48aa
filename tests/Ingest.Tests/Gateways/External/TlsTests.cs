using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Telemetry.Ingest.Gateways.External;

namespace Telemetry.Ingest.Tests.Gateways.External;

public sealed class TlsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_broker_whose_certificate_an_authority_of_our_own_has_signed_is_trusted()
    {
        using var broker = await StartAsync();
        await using var link = Link(broker, _directory.File("ca.crt"));
        await link.ConnectedAsync();

        await Tool.RunAsync("mosquitto_pub", "-h", "127.0.0.1", "-p", $"{broker.Port}", "--cafile", _directory.File("ca.crt"), "-q", "1", "-t", RawClient.Topic, "-m", """{"values":{"tilt_angle":7}}""");

        await link.ValuesAsync(1);
    }

    [Fact]
    public async Task A_broker_that_nobody_vouches_for_is_named_and_not_spoken_to()
    {
        using var broker = await StartAsync();
        await using var link = Link(broker, ca: null);

        await link.FailedAsync(BrokerFailure.Tls);
        Assert.Contains("tls", link.Broker.WhyNot, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_to_a_plain_port_is_named()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = Link(broker, ca: null);

        await link.FailedAsync(BrokerFailure.Tls);
    }

    private TestLink Link(Mosquitto broker, string? ca) => new(broker.Port, _directory, with: options => options with { Tls = true, CaFile = ca });

    private async Task<Mosquitto> StartAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=broker", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddHours(1), [1, 2, 3]);
        await File.WriteAllTextAsync(_directory.File("ca.crt"), authority.ExportCertificatePem());
        await File.WriteAllTextAsync(_directory.File("server.crt"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(_directory.File("server.key"), key.ExportPkcs8PrivateKeyPem());
        return await Mosquitto.StartAsync(_ => $"allow_anonymous true\ncertfile {_directory.File("server.crt")}\nkeyfile {_directory.File("server.key")}\n");
    }
}
