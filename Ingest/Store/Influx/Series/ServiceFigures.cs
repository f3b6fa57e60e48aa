using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>What the service says of itself at one moment: the measurement <c>telemetry_service</c>. The same counters as the API and the metrics read.</summary>
public sealed class ServiceFigures(
    StatsReader stats, DurableLog log, AlarmBook book, FamilyCatalog families, DeviceDirectory directory, RulesRunner rules, ServiceOptions options, string logId, TimeProvider time)
{
    private const long NanosecondsPerMillisecond = 1_000_000;
    private readonly long _started = time.GetTimestamp();

    /// <summary>Tells a cluster's nodes apart, which share a log; null on a machine alone.</summary>
    public string? Node { get; init; }

    internal void Add(LineBuffer lines)
    {
        var now = stats.Read();
        var open = book.Open().Where(alarm => alarm.Holds).ToArray();
        var line = lines.Writer;
        line.Bytes("telemetry_service"u8);
        line.Tag(",log="u8, logId);
        if (Node is not null)
            line.Tag(",node="u8, Node);
        line.Field(" received="u8, now.Received);
        line.Field(",accepted="u8, now.Accepted);
        line.Field(",duplicates="u8, now.Duplicates);
        line.Field(",rejected="u8, now.Rejected.Values.Sum());
        line.Field(",late="u8, now.Late);
        line.Field(",dead_letters="u8, now.DeadLetters);
        line.Field(",log_position="u8, now.LogPosition);
        line.Field(",rules_lag="u8, Math.Max(0, now.LogPosition - now.RulesPosition));
        line.Field(",store_lag="u8, Math.Max(0, now.RulesPosition - now.StorePosition));
        line.Field(",unread_bytes="u8, log.UnreadBytes);
        line.Field(",budget_bytes="u8, options.Log.Budget);
        line.Field(",devices="u8, directory.Count);
        line.Field(",devices_silent="u8, open.Count(alarm => families.RuleOf(alarm)?.Trigger == RuleTrigger.Silence));
        line.Field(",gateways="u8, rules.Gateways.Count);
        line.Field(",gateways_down="u8, open.Count(alarm => alarm is { Family: "gateway", Rule: "offline" }));
        line.Field(",uptime_s="u8, (long)time.GetElapsedTime(_started).TotalSeconds);
        line.Byte(' ');
        line.Digits(time.GetUtcNow().ToUnixTimeMilliseconds() * NanosecondsPerMillisecond);
        lines.EndLine();
    }
}
