using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Scenarios;

/// <summary>A score for people (tables) and for machines (JSON lines).</summary>
public static class ScoreReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>A line a ground-truth event, a line a false alarm, and a last one with totals.</summary>
    public static IEnumerable<string> Lines(Score score)
    {
        var start = score.Run.Start.ToUnixTimeMilliseconds();
        foreach (var finding in score.Findings)
        {
            var (truth, expected) = (finding.Truth, start + (long)(finding.Truth.At + finding.Truth.Within).TotalMilliseconds);
            yield return JsonSerializer.Serialize(
                new { truth.Event, truth.Device, truth.Rule, expectedAt = Iso.Time(expected), detectedAt = Time(finding.DetectedAt), toldAt = Time(finding.ToldAt), finding.Verdict }, Json);
        }
        foreach (var alarm in score.FalseAlarms)
            yield return JsonSerializer.Serialize(new { falseAlarm = alarm.Rule, alarm.Device, alarm.Instance, alarm.Severity, raisedAt = Iso.Time(alarm.RaisedAt), alarm.Occurrences }, Json);
        yield return JsonSerializer.Serialize(
            new
            {
                scenario = score.Scenario.Name,
                detected = score.Count(Verdict.Detected),
                late = score.Count(Verdict.Late),
                missed = score.Count(Verdict.Missed),
                falseAlarms = score.FalseAlarms.Count,
                longestDelaySeconds = score.Longest / 1000.0,
                alarms = score.Load.Alarms,
                score.Load.Critical,
                score.Load.High,
                score.Load.MediumAndLow,
                floodMinutes = Math.Round(score.Load.FloodTime / 60_000.0, 1),
                score.Run.Readings,
                failures = score.Failures,
            },
            Json);
    }

    /// <summary>One scenario in full.</summary>
    public static void Print(IAnsiConsole console, Score score)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("event", "at", "alarm", "told after", "within", "verdict");
        foreach (var finding in score.Findings)
        {
            var truth = finding.Truth;
            table.AddRow(
                Markup.Escape(truth.Event), truth.At.ToString("c", CultureInfo.InvariantCulture), Markup.Escape($"{truth.Device} {truth.Rule}"),
                Delay(score.Delay(finding)), Delay((long)truth.Within.TotalMilliseconds), finding.Verdict == Verdict.Detected ? "detected" : $"[red]{finding.Verdict.ToString().ToLowerInvariant()}[/]");
        }
        console.WriteLine($"{score.Scenario.Name}: {score.Scenario.Title.En} · {score.Scenario.Title.Zh}");
        console.Write(table);
        foreach (var alarm in score.FalseAlarms)
            console.WriteLine($"false alarm: {alarm.Device} {alarm.Rule}{(alarm.Instance is null ? "" : "/" + alarm.Instance)} ({alarm.Severity.ToString().ToLowerInvariant()}), {Iso.Time(alarm.RaisedAt)}{(alarm.Occurrences == 1 ? "" : FormattableString.Invariant($", and {alarm.Occurrences - 1} times more"))}");
        foreach (var failure in score.Failures)
            console.WriteLine($"failed: {failure}");
    }

    /// <summary>One row a scenario, as the documentation has them: a table in Markdown too.</summary>
    public static void PrintAll(IAnsiConsole console, IEnumerable<Score> scores)
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumns([.. Columns]);
        foreach (var score in scores)
            table.AddRow([.. Row(score).Select(Markup.Escape)]);
        console.Write(table);
    }

    private static readonly string[] Columns = ["scenario", "detected", "late", "missed", "longest delay", "false alarms", "alarms", "P1/P2/P3+P4", "flood minutes"];

    public static IReadOnlyList<string> Row(Score score) =>
    [
        score.Scenario.Name, $"{score.Count(Verdict.Detected)} of {score.Findings.Count}", Number(score.Count(Verdict.Late)), Number(score.Count(Verdict.Missed)), Delay(score.Longest),
        Number(score.FalseAlarms.Count), Number(score.Load.Alarms), $"{score.Load.Critical}/{score.Load.High}/{score.Load.MediumAndLow}", (score.Load.FloodTime / 60_000.0).ToString("0.#", CultureInfo.InvariantCulture),
    ];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    internal static string Delay(long? milliseconds) => milliseconds switch
    {
        null => "never",
        < 120_000 => FormattableString.Invariant($"{milliseconds / 1000.0:0.#} s"),
        _ => FormattableString.Invariant($"{milliseconds / 60_000.0:0.#} min"),
    };

    private static string? Time(long? unixMilliseconds) => unixMilliseconds is { } known ? Iso.Time(known) : null;
}
