using Telemetry.Ingest.Tests.State;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>Alone: an exporter hears every meter of its name in the process, also those of the services that other tests run.</summary>
[CollectionDefinition(nameof(MetricsTests), DisableParallelization = true)]
[Collection(nameof(MetricsTests))]
public sealed class MetricsTests
{
    [Fact]
    public async Task Statistics_and_metrics_read_the_same_counters()
    {
        await using var host = await ApiHost.StartAsync();
        host.Stats.CountReceived(5);
        host.Stats.CountRejected("malformed");
        await host.RaiseAsync(Samples.Alarm("a"));
        var stats = await host.GetJsonAsync("/api/v1/stats");
        Assert.Equal(5, stats.GetProperty("received").GetInt64());
        Assert.Equal(1, stats.GetProperty("rejected").GetProperty("malformed").GetInt64());
        Assert.Equal(stats.GetProperty("logPosition").GetInt64(), stats.GetProperty("rulesPosition").GetInt64());

        var metrics = await host.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("telemetry_readings_received_total{otel_scope_name=\"Telemetry\"} 5 ", metrics.Replace("\n", " \n", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("telemetry_rejected_total{otel_scope_name=\"Telemetry\",reason=\"malformed\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("telemetry_alarms_open{otel_scope_name=\"Telemetry\",kind=\"alarm\",severity=\"high\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("telemetry_log_writable{otel_scope_name=\"Telemetry\"} 1", metrics, StringComparison.Ordinal);
    }
}
