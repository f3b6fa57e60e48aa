using System.Diagnostics.Metrics;
using Telemetry.Ingest.Api;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>How the service's own series get on, label <c>series</c>. docs/operating.md lists the names; renaming one breaks dashboards.</summary>
public sealed class SeriesMetrics : IDisposable
{
    private readonly Meter _meter = new(TelemetryMetrics.MeterName);

    public SeriesMetrics(IReadOnlyList<SeriesWriter> writers)
    {
        _meter.CreateObservableGauge("telemetry_series_behind_seconds", () => writers.Select(writer => new Measurement<double>((writer.Ownership.IsOwner ? writer.Behind : 0) / 1000.0, Series(writer))), null, "How old what InfluxDB lacks of the service's own series is, by series.");
        _meter.CreateObservableCounter("telemetry_series_dropped", () => writers.Select(writer => new Measurement<long>(writer.Dropped, Series(writer))), null, "Lines given up while InfluxDB was away for too long, by series.");
        _meter.CreateObservableCounter("telemetry_series_refused", () => writers.SelectMany(Refused), null, "Lines that InfluxDB will never take, by series and reason.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Refused(SeriesWriter writer) =>
        writer.Refused.Counts.Select(pair => new Measurement<long>(pair.Value, Series(writer), new("reason", pair.Key)));

    private static KeyValuePair<string, object?> Series(SeriesWriter writer) => new("series", writer.Name);
}
