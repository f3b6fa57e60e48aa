using System.Diagnostics.Metrics;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Store.Influx;

namespace Telemetry.Ingest.Store;

/// <summary>Each store's instruments, label <c>store</c>. docs/operating.md lists the names; renaming one breaks dashboards.</summary>
public sealed class StoreMetrics : IDisposable
{
    private readonly Meter _meter = new(TelemetryMetrics.MeterName);

    /// <param name="influx">Null without InfluxDB; DuckDB refuses nothing.</param>
    public StoreMetrics(StoreWriters stores, Progress progress, InfluxStore? influx)
    {
        Gauge("telemetry_store_position", writer => progress.StoreOf(writer.Kind), "Last entry that the store has stored.");
        Gauge("telemetry_store_behind", writer => writer.Behind, "Entries that the rules have processed and the store does not hold yet.");
        Gauge("telemetry_store_failing", writer => writer.Failing is null ? 0 : 1, "1 while the store takes nothing, else 0.");
        _meter.CreateObservableCounter("telemetry_store_refused", () => Refused(influx?.Refused), null, "Lines that the store will never take, by reason.");
        if (influx?.Pending is { } pending)
            _meter.CreateObservableGauge("telemetry_store_downsampling_waiting_minutes", () => new Measurement<long>(pending.Waiting, Store(InfluxStore.KindName)), null, "Minutes of event time, of all families, that wait to be summarized.");

        void Gauge(string name, Func<StoreWriter, long> value, string description) =>
            _meter.CreateObservableGauge(name, () => stores.All.Select(writer => new Measurement<long>(value(writer), Store(writer.Kind))), null, description);
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Refused(RefusedLines? refused) =>
        (refused?.Counts ?? new Dictionary<string, long>()).Select(pair => new Measurement<long>(pair.Value, Store(InfluxStore.KindName), new("reason", pair.Key)));

    private static KeyValuePair<string, object?> Store(string kind) => new("store", kind);
}
