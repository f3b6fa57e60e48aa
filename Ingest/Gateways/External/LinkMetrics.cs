using System.Diagnostics.Metrics;
using Telemetry.Ingest.Api;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>The external broker's instruments of the meter <c>Telemetry</c>; docs/operating.md lists the names.</summary>
internal sealed class LinkMetrics : IDisposable
{
    private readonly Meter _meter = new(TelemetryMetrics.MeterName);

    /// <param name="isOurs">False while another node is to be connected: what it was is counted, that it is not connected is no news.</param>
    public LinkMetrics(ExternalBroker broker, Func<bool> isOurs)
    {
        var links = broker.Links;
        _meter.CreateObservableGauge("telemetry_broker_connected", () => links.Where(_ => isOurs()).Select(link => Of(link, link.DownFor == TimeSpan.Zero ? 1 : 0)), null, "1 while connected to the external broker, else 0; by connection.");
        // The exporter appends _total to counters.
        _meter.CreateObservableCounter("telemetry_broker_reconnects", () => links.Select(link => Of(link, link.Reconnects)), null, "Connections to the external broker after the first.");
        _meter.CreateObservableCounter("telemetry_broker_failures", () => links.SelectMany(link => link.Failures.Select(pair => Of(link, pair.Value, pair.Key))), null, "Attempts that failed and connections that ended, by reason.");
        _meter.CreateObservableCounter("telemetry_broker_sessions_lost", () => broker.Readings.SessionsLost, null, "Times that the external broker had lost the service's session.");
        _meter.CreateObservableCounter("telemetry_broker_messages_received", () => broker.Readings.Messages, null, "Messages that came in from the external broker.");
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Of(LinkState link, long value) => new(value, new KeyValuePair<string, object?>("link", link.Name));

    private static Measurement<long> Of(LinkState link, long value, string reason) =>
        new(value, new KeyValuePair<string, object?>("link", link.Name), new KeyValuePair<string, object?>("reason", reason));
}
