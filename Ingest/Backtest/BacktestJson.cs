using System.Text.Json;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backtest;

/// <summary>The comparison for machines: a line a difference, then one with the totals.</summary>
public static class BacktestJson
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<string> Lines(OutcomeComparison comparison) => comparison.Differences.Select(Line).Append(Totals(comparison));

    private static string Line(Difference difference)
    {
        var alarm = difference.Of.Alarm;
        return JsonSerializer.Serialize(
            new
            {
                change = Words.Name(difference.Change),
                family = alarm.Family,
                rule = alarm.Rule,
                device = alarm.Device,
                instance = alarm.Instance,
                district = alarm.District,
                kind = AlarmJson.Name(alarm.Kind),
                at = difference.Is is { } now ? Iso.Time(now.RaisedAt) : null,
                wasAt = difference.Was is { } was ? Iso.Time(was.RaisedAt) : null,
                severity = difference.Is is { } young ? AlarmJson.Name(young.Severity) : null,
                wasSeverity = difference.Was is { } old ? AlarmJson.Name(old.Severity) : null,
                calls = difference.Is?.Calls,
                wasCalls = difference.Was?.Calls,
                alarm = alarm.Id,
            },
            Json);
    }

    /// <summary>The last line.</summary>
    public static string Totals(OutcomeComparison comparison) => JsonSerializer.Serialize(
        new
        {
            totals = Totals(Tally.Whole(comparison)),
            from = Iso.Time(comparison.Span.From),
            to = Iso.Time(comparison.Span.To),
            readings = comparison.Is.Readings,
            was = comparison.WhyEvaluated is null ? "journal" : "evaluated",
            whyEvaluated = comparison.WhyEvaluated,
            rules = Tally.ByRule(comparison).Where(tally => tally.Differs).Select(Totals),
            severities = Tally.BySeverity(comparison).Where(tally => tally.Differs).Select(Totals),
            districts = Tally.ByDistrict(comparison).Where(tally => tally.Differs).Select(Totals),
            load = new { was = Load(comparison.Was), @is = Load(comparison.Is) },
        },
        Json);

    private static object Totals(Tally tally) => new
    {
        name = tally.Name,
        was = tally.Was,
        @is = tally.Is,
        callsWas = tally.CallsWas,
        callsIs = tally.CallsIs,
        added = tally.Added,
        removed = tally.Removed,
        earlier = tally.Earlier,
        later = tally.Later,
        severity = tally.Severity,
        medianShiftMs = tally.MedianShift,
    };

    private static IEnumerable<object> Load(Outcome outcome) => outcome.Load.Where(load => load.Of == LoadOf.Position).Select(load => new
    {
        position = load.Name,
        alarms = load.Alarms,
        critical = load.Critical,
        high = load.High,
        mediumAndLow = load.MediumAndLow,
        floods = load.Floods,
        floodMinutes = load.FloodTime / 60_000,
        peakPer10Minutes = load.FloodPeak,
        chattering = load.Chattering,
        fleeting = load.Fleeting,
    });
}
