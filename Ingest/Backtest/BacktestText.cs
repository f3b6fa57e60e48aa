using System.Globalization;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Backtest;

/// <summary>The comparison for a terminal.</summary>
public static class BacktestText
{
    private const int Most = 20;

    public static void Write(TextWriter output, OutcomeComparison comparison, string was, string now)
    {
        Line($"backtest of {Words.Time(comparison.Span.From)} to {Words.Time(comparison.Span.To)} (Asia/Shanghai); {comparison.Is.Readings:N0} readings played, warm-up included");
        Line($"before: {was}, {Words.Source(comparison)}");
        Line($"after:  {now}; {ChangedFamilies(comparison)}");
        output.WriteLine();
        WriteLoad(output, comparison);
        output.WriteLine();
        var all = Tally.Whole(comparison);
        Line($"{all.Was:N0} occurrences before, {all.Is:N0} after: {all.Added} added, {all.Removed} removed, {all.Earlier} earlier, {all.Later} later, {all.Severity} of another severity");
        if (!all.Differs)
            return;
        WriteTallies(output, "rule", Tally.ByRule(comparison));
        WriteTallies(output, "kind and severity", Tally.BySeverity(comparison));
        WriteTallies(output, "district", Tally.ByDistrict(comparison));
        output.WriteLine();
        Line($"first to look at ({Math.Min(Most, comparison.Differences.Count)} of {comparison.Differences.Count}; --json lists all, --html shows their readings)");
        foreach (var difference in Highlights.Of(comparison, Most))
            Line($"  {Words.Name(difference.Severity),-8} {Words.Change(difference),-24} {difference.Of.Alarm.Family}/{difference.Of.Alarm.Rule}{Instance(difference.Of.Alarm)} {difference.Of.Alarm.Device} at {Words.Time(difference.Of.RaisedAt)}");

        void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Of the first position: what one person had to bear.</summary>
    private static void WriteLoad(TextWriter output, OutcomeComparison comparison)
    {
        output.WriteLine(Row("operator load", "before", "after"));
        foreach (var (was, now) in comparison.Was.Load.Where(load => load.Of == LoadOf.Position).Zip(comparison.Is.Load.Where(load => load.Of == LoadOf.Position)))
        {
            output.WriteLine(Row($"{now.Name}: alarms", was.Alarms, now.Alarms));
            output.WriteLine(Row("  critical / high / lower", $"{was.Critical} / {was.High} / {was.MediumAndLow}", $"{now.Critical} / {now.High} / {now.MediumAndLow}"));
            output.WriteLine(Row("  floods, minutes in flood", $"{was.Floods}, {was.FloodTime / 60_000}", $"{now.Floods}, {now.FloodTime / 60_000}"));
            output.WriteLine(Row("  most within 10 min of a flood", was.FloodPeak, now.FloodPeak));
            output.WriteLine(Row("  began to chatter, fleeting", $"{was.Chattering}, {was.Fleeting}", $"{now.Chattering}, {now.Fleeting}"));
        }
    }

    private static void WriteTallies(TextWriter output, string what, IEnumerable<Tally> tallies)
    {
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {"before",8} {"after",8} {"calls",7} {"after",7} {"added",6} {"removed",8} {"earlier",8} {"later",6} {"severity",9} median shift"));
        foreach (var tally in tallies.Where(tally => tally.Differs))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tally.Name,-40} {tally.Was,8} {tally.Is,8} {tally.CallsWas,7} {tally.CallsIs,7} {tally.Added,6} {tally.Removed,8} {tally.Earlier,8} {tally.Later,6} {tally.Severity,9} {Shift(tally)}"));
    }

    private static string ChangedFamilies(OutcomeComparison comparison)
    {
        var changed = comparison.Is.Families.Where(family => comparison.Was.Families.FirstOrDefault(other => other.Name == family.Name)?.Hash != family.Hash).Select(family => family.Name).ToArray();
        return changed.Length == 0 ? "the same rules" : "other rules in " + string.Join(", ", changed);
    }

    private static string Shift(Tally tally) => tally.MedianShift is { } shift ? Words.Duration(shift) + (shift < 0 ? " earlier" : " later") : "";

    private static string Instance(Alarm alarm) => alarm.Instance is null ? "" : "/" + alarm.Instance;

    private static string Row(string name, object was, object now) => string.Create(CultureInfo.InvariantCulture, $"{name,-40} {was,18} {now,18}");
}
