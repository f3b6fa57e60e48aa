using System.Text.RegularExpressions;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Dashboards depend on the names of metrics: each one served stands in docs/operating.md.</summary>
public sealed partial class MetricsTests
{
    [Fact]
    public async Task Every_metric_of_the_service_is_documented()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw/tunnel/t-1", "not JSON", "-q", "1");
        await service.CaughtUpAsync();
        var documented = Name().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/operating.md"))).Select(match => match.Value).ToHashSet();
        var served = (await service.Http.GetStringAsync("metrics")).Split('\n').Select(line => Name().Match(line)).Where(match => match is { Success: true, Index: 0 }).Select(match => match.Value).ToHashSet();
        Assert.Contains("telemetry_rejected_total", served);
        Assert.Subset(documented, served);
    }

    [GeneratedRegex(@"\btelemetry_\w+")]
    private static partial Regex Name();
}
