using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

/// <summary><c>Cluster:NodeCertificate</c> and what belongs to it: what goes together, what is said of each mistake, and a renewal while the service runs.</summary>
public sealed class NodeCertificateTests : IDisposable
{
    private readonly Certificates _files = new();
    private readonly LogLines _log = new();

    public void Dispose()
    {
        _files.Dispose();
        _log.Dispose();
    }

    private static (NodeCertificate? Certificate, string Error) Read(string? path, string? ca, string? key = null)
    {
        var errors = new List<string>();
        var settings = new Dictionary<string, string?> { ["Cluster:NodeCertificate"] = path, ["Cluster:NodeCertificateKey"] = key, ["Cluster:NodeCaFile"] = ca };
        var read = NodeCertificate.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), errors, TimeProvider.System);
        return (read?.First, string.Join('\n', errors));
    }

    private string Write(X509Certificate2 own) => _files.Write("node.pem", own.ExportCertificatePem() + "\n" + Certificates.KeyPem(own));

    [Fact]
    public void A_certificate_that_the_authority_or_one_between_has_signed_is_a_nodes()
    {
        using var own = _files.Issue();
        var read = Read(Write(own), _files.AuthorityFile);
        Assert.Equal(("", own.Thumbprint), (read.Error, read.Certificate!.Own.Context.TargetCertificate.Thumbprint));

        var (other, intermediate) = _files.IssueThroughIntermediate();
        Assert.Equal("", Read(Write(other), _files.Write("both.pem", File.ReadAllText(_files.AuthorityFile) + "\n" + intermediate.ExportCertificatePem())).Error);
        var chain = _files.Write("chain.pem", other.ExportCertificatePem() + "\n" + intermediate.ExportCertificatePem());
        Assert.Equal("", Read(chain, _files.AuthorityFile, _files.Write("key.pem", Certificates.KeyPem(other))).Error);
        Assert.Null(Read(null, null).Certificate);
    }

    [Fact]
    public void Each_mistake_names_its_key_and_what_would_be_right()
    {
        using var own = _files.Issue();
        using var foreign = new Certificates();
        using var strange = foreign.Issue();
        using var expired = _files.Issue(-10, -1);
        using var client = _files.IssueClient("CN=node");
        var good = Write(own);
        Says(Read(null, _files.AuthorityFile), "Cluster:NodeCaFile = ", "Cluster:NodeCertificate is missing");
        Says(Read(null, null, "key.pem"), "Cluster:NodeCertificateKey = key.pem: Cluster:NodeCertificate is missing");
        Says(Read(good, null), $"Cluster:NodeCertificate = {good}: Cluster:NodeCaFile is missing");
        Says(Read(good, "/nowhere.pem"), "Cluster:NodeCaFile = /nowhere.pem: can't be read");
        Says(Read(good, _files.Write("own.pem", own.ExportCertificatePem())), "Cluster:NodeCaFile = ", "is no authority's certificate", "the nodes' certificates");
        Says(Read("/nowhere.pem", "/no-ca.pem"), "Cluster:NodeCertificate = /nowhere.pem: can't be read", "Cluster:NodeCaFile = /no-ca.pem: can't be read");
        Says(Read(good, _files.AuthorityFile, "/nowhere.key"), "Cluster:NodeCertificateKey = /nowhere.key: can't be read");
        Says(Read(good, _files.AuthorityFile, _files.Write("other.key", Certificates.KeyPem(strange))), $"Cluster:NodeCertificate = {good}: no certificate with a key that fits", "Cluster:NodeCertificateKey");
        Says(Read(_files.Write("bare.pem", own.ExportCertificatePem()), _files.AuthorityFile), "has no private key; name it by Cluster:NodeCertificateKey");
        Says(Read(Write(expired), _files.AuthorityFile), "Cluster:NodeCertificate = ", "expired at");
        Says(Read(Write(strange), _files.AuthorityFile), "Cluster:NodeCertificate = ", "no authority of Cluster:NodeCaFile has signed it");
        Says(Read(Write(client), _files.AuthorityFile), "Cluster:NodeCertificate = ", "must be good for servers and for clients");
    }

    [Fact]
    public async Task A_new_one_is_taken_and_one_that_the_others_would_refuse_leaves_the_old_in_force()
    {
        using var first = _files.Issue();
        using var foreign = new Certificates();
        var files = new NodeCertificateFiles(new CertificateFiles("Cluster:Node", Write(first), null, null), _files.AuthorityFile);
        var options = new SecurityOptions { NodeCertificate = (files, NodeCertificate.Read(files, TimeProvider.System).Certificate!) };
        var failures = new LoginFailures(TimeProvider.System, _log.CreateLogger<LoginFailures>());
        using var parts = new SecurityParts(options, failures, new ForeignTopics(new Stats(), TimeProvider.System, _log.CreateLogger<ForeignTopics>()), new GatewayRates(TimeProvider.System, _log.CreateLogger<GatewayRates>()), TimeProvider.System, _log);
        await parts.StartAsync(TestContext.Current.CancellationToken);
        string InForce() => parts.NodeCertificate!().Own.Context.TargetCertificate.Thumbprint;

        using var second = _files.Issue(toDays: 60);
        Write(second);
        await Wait.ForAsync("the new certificate", () => InForce() == second.Thumbprint);
        Assert.Equal(second.NotAfter, CertificateEnds.Of(parts)["certificate.node"]);

        using var strange = foreign.Issue();
        Write(strange);
        await Wait.ForAsync("the refusal of a foreign one", () => _log.All.Any(line => line.Contains("no authority of Cluster:NodeCaFile has signed it", StringComparison.Ordinal)));
        Assert.Equal(second.Thumbprint, InForce());
    }

    private static void Says((NodeCertificate? Certificate, string Error) read, params string[] texts)
    {
        Assert.Null(read.Certificate);
        Assert.All(texts, text => Assert.Contains(text, read.Error, StringComparison.Ordinal));
    }
}
