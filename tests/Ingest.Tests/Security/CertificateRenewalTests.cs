using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>A certificate is renewed while the service runs.</summary>
public sealed class CertificateRenewalTests : IDisposable
{
    private readonly Certificates _files = new();
    private readonly LogLines _log = new();

    public void Dispose()
    {
        _files.Dispose();
        _log.Dispose();
    }

    private string Write(X509Certificate2 own)
    {
        _files.Write("key.pem", Certificates.KeyPem(own));
        return _files.Write("own.pem", own.ExportCertificatePem());
    }

    [Fact]
    public async Task A_new_one_is_taken_and_a_broken_or_expired_one_leaves_the_old_in_force()
    {
        using var first = _files.Issue();
        var files = new CertificateFiles("Mqtt:", Write(first), _files.Write("key.pem", Certificates.KeyPem(first)), null);
        var options = new SecurityOptions { MqttCertificate = (files, CertificateReader.Read(files, TimeProvider.System).Certificate!) };
        var failures = new LoginFailures(TimeProvider.System, _log.CreateLogger<LoginFailures>());
        using var parts = new SecurityParts(options, failures, new ForeignTopics(new Stats(), TimeProvider.System, _log.CreateLogger<ForeignTopics>()), new GatewayRates(TimeProvider.System, _log.CreateLogger<GatewayRates>()), TimeProvider.System, _log);
        await parts.StartAsync(TestContext.Current.CancellationToken);
        string InForce() => parts.MqttCertificate!().Context.TargetCertificate.Thumbprint;
        int Refusals() => _log.All.Count(line => line.Contains("is refused", StringComparison.Ordinal));

        using var second = _files.Issue();
        Write(second);
        await Wait.ForAsync("the new certificate", () => InForce() == second.Thumbprint);

        File.WriteAllText(files.Path, "half of a certif");
        await Wait.ForAsync("the refusal of a broken one", () => Refusals() == 1);
        using var expired = _files.Issue(-10, -1);
        Write(expired);
        await Wait.ForAsync("the refusal of an expired one", () => Refusals() == 2);
        Assert.Equal(second.Thumbprint, InForce());
    }
}
