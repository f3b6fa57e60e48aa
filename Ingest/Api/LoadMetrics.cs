using System.Diagnostics.Metrics;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Api;

/// <summary>The operators' load as gauges, one row a position (tag <c>position</c>) and one a district (tag <c>district</c>): the figures of /api/v1/load, read by the same code.</summary>
public sealed class LoadMetrics : IDisposable
{
    private readonly Meter _meter = new(TelemetryMetrics.MeterName);

    public LoadMetrics(OperatorLoad load)
    {
        Gauge("telemetry_alarm_load_10m", figures => figures.Last10Minutes, "Alarms that called an operator in the last 10 minutes; target 1, at most 2.");
        Gauge("telemetry_alarm_load_24h", figures => figures.LastDay, "Alarms that called an operator in the last 24 hours; target 150, at most 300.");
        Gauge("telemetry_alarm_load_flood", figures => figures.Flood is null ? 0 : 1, "1 while an alarm flood lasts (begins above 10 in 10 minutes, ends below 5), else 0.");
        Gauge("telemetry_alarm_load_flood_ratio", figures => figures.FloodShare, "Share of the last 31 days in flood, 0 to 1; target 0.01.");
        Gauge("telemetry_alarm_load_windows_over_10_ratio", figures => figures.WindowsOver10, "Share of the windows of 10 minutes of the last 31 days with more than 10 alarms, 0 to 1; target 0.01.");
        Gauge("telemetry_alarm_load_standing", figures => figures.Standing, "Alarms that are active now and not shelved, suppressed or out of service.");
        Gauge("telemetry_alarm_load_stale", figures => figures.Stale, "Alarms that have been active for more than 24 hours; target 5.");
        Gauge("telemetry_alarm_load_shelved", figures => figures.Shelved.Count, "Alarms that are shelved now.");
        Gauge("telemetry_alarm_load_chattering", figures => figures.Chattering, "How often an alarm began to chatter (three occurrences within a minute) in the last 31 days; target 0.");
        Gauge("telemetry_alarm_load_top_ten_ratio", figures => figures.TopTenShare, "Share of the ten most frequent alarms in the last 31 days, 0 to 1; target 0.05.");

        void Gauge(string name, Func<LoadFigures, double?> value, string description) =>
            _meter.CreateObservableGauge(name, () => load.Figures(LoadLedger.MostDays).Where(figures => value(figures) is not null).Select(figures => new Measurement<double>(value(figures)!.Value, Tag(figures))), null, description);
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(LoadFigures figures) => new(figures.Of == LoadOf.Position ? "position" : "district", figures.Name);
}
