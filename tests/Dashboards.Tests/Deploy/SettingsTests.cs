using Microsoft.Extensions.Configuration;
using Telemetry.Dashboards.Tests.Compose;
using Telemetry.Dashboards.Tests.Kubernetes;
using Telemetry.Ingest.Hosting;

namespace Telemetry.Dashboards.Tests.Deploy;

/// <summary>What the shipped sets tell the service is what it takes, with the files that make-secrets makes.</summary>
public sealed class SettingsTests(SecretsFixture secrets)
{
    [Theory]
    [InlineData("telemetry")]
    [InlineData("node-1")]
    [InlineData("node-2")]
    [InlineData("node-3")]
    public void Of_the_containers(string service) =>
        Assert.Empty(ErrorsOf(new ComposeFile(ComposeFile.Shipped, ComposeFile.ShippedExample).Environment(service)));

    [Fact]
    public void Of_the_pods() => Assert.Empty(ErrorsOf(new Manifests(Manifests.Shipped).Environment("telemetry")));

    [Fact]
    public void A_key_that_the_service_does_not_know_is_found() => Assert.Contains(
        ErrorsOf(new Manifests(Manifests.Shipped.Replace("Cluster__Servers", "Cluster__Server", StringComparison.Ordinal)).Environment("telemetry")),
        error => error.StartsWith("Cluster:Server = tls://nats-0.nats:4222", StringComparison.Ordinal));

    private IReadOnlyList<string> ErrorsOf(IReadOnlyDictionary<string, string> environment)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder.File("token"), "any\n");
        var settings = environment.Where(variable => variable.Key.StartsWith("TELEMETRY__", StringComparison.Ordinal)).ToDictionary(
            variable => variable.Key["TELEMETRY__".Length..].Replace("__", ":", StringComparison.Ordinal),
            variable => (string?)variable.Value.Replace("/run/telemetry", secrets.PathOf("telemetry"), StringComparison.Ordinal).Replace("/run/influxdb/telemetry-token", folder.File("token"), StringComparison.Ordinal));
        settings["Data:Path"] = folder.Path;
        return OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Errors;
    }
}
