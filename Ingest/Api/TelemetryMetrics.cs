using System.Diagnostics.Metrics;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Api;

/// <summary>
/// The meter <c>Telemetry</c>. Every instrument reads the counter that the API reads, so they can't differ. docs/operating.md lists the names;
/// renaming one breaks dashboards.
/// </summary>
public sealed class TelemetryMetrics : IDisposable
{
    public const string MeterName = "Telemetry";
    private readonly Meter _meter = new(MeterName);

    public TelemetryMetrics(Stats stats, Progress progress, DurableLog log, ILogAppend append, AlarmBook book, StateDatabase database, Readiness readiness, SecurityParts security, LoginFailures logins, TlsEndpoint tls)
    {
        // The exporter appends _total to counters.
        Counter("telemetry_readings_received", () => stats.Received, "Readings seen in messages, whatever became of them.");
        Counter("telemetry_readings_accepted", () => stats.Accepted, "Readings past the duplicate filter.");
        Counter("telemetry_readings_duplicates", () => stats.Duplicates, "Readings dropped as duplicates.");
        Counter("telemetry_readings_late", () => stats.Late, "Accepted readings older than the newest of their channel.");
        _meter.CreateObservableCounter("telemetry_rejected", () => stats.Rejected.Select(pair => new Measurement<long>(pair.Value, Tag("reason", pair.Key))), null, "Messages, readings or values refused, by reason.");
        Gauge("telemetry_log_position", () => log.Committed, "Last committed entry of the log.");
        Gauge("telemetry_log_first_position", () => log.First, "First entry of the log still kept.");
        Gauge("telemetry_rules_position", () => progress.Rules, "Last entry that the rules have processed.");
        Gauge("telemetry_dead_letters", database.DeadLetterCount, "Dead letters kept.");
        Gauge("telemetry_log_writable", () => append.Unwritable is null ? 1 : 0, "1 while the log takes readings, else 0.");
        Gauge("telemetry_ready", () => readiness.Missing().Count == 0 ? 1 : 0, "1 while /health/ready answers 200, else 0.");
        _meter.CreateObservableCounter("telemetry_login_failures", () => logins.Counts.Select(pair => new Measurement<long>(pair.Value, Tag("via", pair.Key.Via), Tag("reason", pair.Key.Reason))), null, "Logins refused, by way (mqtt, http) and reason.");
        _meter.CreateObservableCounter("telemetry_tls_failures", () => tls.Failures.Select(pair => new Measurement<long>(pair.Value, Tag("listener", pair.Key))), null, "TLS handshakes that failed, by listener (mqtt, http).");
        Counter("telemetry_gateway_holds", () => security.Mqtt?.Rates.Held ?? 0, "How often a gateway over its rate was made to wait.");
        Gauge("telemetry_mqtt_connections", () => security.Gate.Open, "Connections of MQTT clients now.");
        _meter.CreateObservableCounter("telemetry_connections_refused", () => Refused("mqtt", security.Gate).Concat(Refused("hj212", security.Hj212Gate)).Concat(Refused("http", security.HttpGate)), null, "Connections refused or closed at a limit, by listener and limit (address, total, gateway, no_connect).");
        _meter.CreateObservableGauge("telemetry_certificate_expiry_timestamp_seconds", () => Expiries(security), null, "When the certificate in force expires, Unix time, by listener.");
        _meter.CreateObservableGauge("telemetry_alarms_open", () => Open(book), null, "Alarms, tickets and events that have not ended, by severity and kind.");
    }

    public void Dispose() => _meter.Dispose();

    private void Counter(string name, Func<long> value, string description) => _meter.CreateObservableCounter(name, value, null, description);

    private void Gauge(string name, Func<long> value, string description) => _meter.CreateObservableGauge(name, value, null, description);

    private static IEnumerable<Measurement<long>> Refused(string listener, ConnectionGate gate) =>
        gate.Refused.Select(pair => new Measurement<long>(pair.Value, Tag("listener", listener), Tag("limit", pair.Key)));

    private static IEnumerable<Measurement<long>> Expiries(SecurityParts security)
    {
        if (security.MqttCertificate is { } mqtt)
            yield return new(mqtt().NotAfter.ToUnixTimeSeconds(), Tag("listener", "mqtt"));
        if (security.HttpCertificate is { } http)
            yield return new(http().NotAfter.ToUnixTimeSeconds(), Tag("listener", "http"));
    }

    private static IEnumerable<Measurement<long>> Open(AlarmBook book) =>
        book.Open()
            .CountBy(alarm => (alarm.Severity, alarm.Kind))
            .Select(pair => new Measurement<long>(pair.Value, Tag("severity", AlarmJson.Name(pair.Key.Severity)), Tag("kind", AlarmJson.Name(pair.Key.Kind))));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
