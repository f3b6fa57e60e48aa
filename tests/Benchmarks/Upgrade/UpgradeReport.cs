using System.Globalization;

namespace Telemetry.Benchmarks.Upgrade;

/// <summary>The figures, as Markdown.</summary>
internal static class UpgradeReport
{
    public static string Of(UpgradeMeasured measured)
    {
        var result = measured.Result;
        return string.Join('\n',
        [
            Text($"{measured.Versions}; {measured.Options.Rate:0} readings/s, {measured.Options.AlarmsPerSecond} alarms/s, {result.Seconds:0} s"),
            "",
            "| node | acknowledged | stored | lost | doubled |",
            "|---|---|---|---|---|",
            .. result.Nodes.Select((node, i) => Text($"| {i + 1} | {node.Acknowledged:N0} | {node.Stored:N0} | {node.Lost} | {node.Doubled} |")),
            "",
            Text($"Journals: {(result.JournalDifferences.Count == 0 ? "equal" : $"{result.JournalDifferences.Count} lines differ")}. People called twice under one key: {result.CalledTwice}. Changes of the owner: {result.OwnerMoves}."),
            Text($"Longest time in which no gateway got an acknowledgement: {result.LongestWithoutAcknowledgement * 1000:N0} ms. A reading was acknowledged after {result.Load.AckP50:N0} ms (p50), {result.Load.AckP99:N0} ms (p99), {result.Load.AckMax:N0} ms (max); connections lost {result.Load.Drops}, readings sent again {result.Load.Resent}."),
            "",
            "| | s | alarms | at an MQTT client: p50 · p99 · max, ms | at the first of three: max | a person called: p50 · p99 · max, ms |",
            "|---|---|---|---|---|---|",
            Row("before", "", measured.Before),
            .. result.Restarts.Select(restart => Row(UpgradePicture.NameOf(restart), Text($"{restart.Ended - restart.Begun:0.0} to stop, {restart.Ready - restart.Begun:0.0} until ready"), measured.During(restart))),
            Row("between and after", "", measured.Between),
        ]);
    }

    private static string Row(string name, string seconds, IEnumerable<ToldAlarm> alarms)
    {
        var all = alarms.ToList();
        if (all.Count == 0)
            return $"| {name} | {seconds} | 0 | | | |";
        return Text($"| {name} | {seconds} | {all.Count} | {Three(all.SelectMany(alarm => alarm.Clients))} | {all.Max(alarm => alarm.Clients.Min()):N0} | {Three(all.Select(alarm => alarm.Person))} |");
    }

    private static string Three(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToList();
        return Text($"{sorted[(int)(0.5 * (sorted.Count - 1))]:N0} · {sorted[(int)(0.99 * (sorted.Count - 1))]:N0} · {sorted[^1]:N0}");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
