using System.Diagnostics.Metrics;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>How the telling gets on. docs/notify.md lists the names; renaming one breaks dashboards.</summary>
/// <param name="now">Unix ms.</param>
internal sealed class NotifyMetrics : IDisposable
{
    private readonly Meter _meter = new(TelemetryMetrics.MeterName);

    public NotifyMetrics(DeliveryStats stats, OutboxDatabase outbox, IReadOnlyList<ChannelSender> senders, Func<long> now)
    {
        _meter.CreateObservableCounter(
            "telemetry_notify_attempts", () => stats.Attempts.Select(pair => new Measurement<long>(pair.Count, new("channel", pair.Of.Channel), new("result", pair.Of.Result))), null,
            "Attempts to send, by channel and result (sent, timed_out, unreachable, busy, failed, denied, bad_answer, refused, unknown_recipient).");
        _meter.CreateObservableCounter(
            "telemetry_notify_answers", () => stats.Answers.Select(pair => new Measurement<long>(pair.Count, new("via", pair.Of.Via), new("result", pair.Of.Result))), null,
            "What crews answered, by way (link, sms, voice) and what came of it.");
        _meter.CreateObservableGauge("telemetry_notify_open", () => outbox.Open().Count, null, "Deliveries that are not sent and not given up.");
        _meter.CreateObservableGauge("telemetry_notify_oldest_open_seconds", () => outbox.Open().OldestAt is { } at ? Math.Max(0, now() - at) / 1000.0 : 0, null, "Age of the oldest open delivery; 0 where there is none.");
        _meter.CreateObservableGauge("telemetry_notify_channel_dead", () => senders.Select(sender => new Measurement<long>(sender.Circuit.DeadSince is null ? 0 : 1, new KeyValuePair<string, object?>("channel", sender.Name))), null, "1 while a channel is dead.");
    }

    public void Dispose() => _meter.Dispose();
}
