using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>One row: who and what in words, the alarm in time, and how long it took.</summary>
internal sealed class RowPainter(Svg svg, TimeAxis axis, Score score)
{
    public const double Height = 20;
    public const double DeviceAt = 14;
    public const double WhatAt = 158;
    public const double RuleAt = 284;
    public const double ToldAfter = 28;
    private const double Bar = 12;

    /// <param name="first">Of the device: it has its name and what happens to it.</param>
    public void Paint(PictureRow row, double top, bool first)
    {
        var middle = top + (Height / 2);
        if (first)
            svg.Text(DeviceAt, middle + 4, "name", Short(row.Device));
        foreach (var span in row.Spans)
            Paint(span, middle);
        if (row.Finding is { } finding)
            Paint(finding, middle);
        foreach (var happening in score.Scenario.Events.Where(happening => happening.Device == row.Device && first && !IsLookedFor(happening)))
            Paint(happening, middle);
        if (row.Rule is { } rule)
            svg.Text(RuleAt, middle + 4, "", $"{rule}{(row.Instance is null ? "" : "/" + row.Instance)} {row.Title?.Zh}{Asked(row)}");
        if (row.What is { } what)
            svg.Text(WhatAt, middle + 4, "quiet", what);
        var (text, kind) = Outcome(row);
        svg.Text(axis.Right + ToldAfter, middle + 4, kind, text);
        if (row.False is { } wrong)
            svg.Mark(axis.X(row.Spans is [var called, ..] ? called.From : wrong.RaisedAt), middle, Marks.False, "false", $"false alarm: {wrong.Device} {wrong.Rule}");
    }

    private void Paint(AlarmSpan span, double middle)
    {
        var (from, to) = (axis.X(span.From), axis.X(span.To));
        var tip = $"{span.State} {TimeAxis.Clock(span.From, true)}–{TimeAxis.Clock(span.To, true)}";
        var kind = span.State switch
        {
            AlarmState.ActiveUnacknowledged or AlarmState.LatchedUnacknowledged => Hue(span),
            AlarmState.ActiveAcknowledged or AlarmState.LatchedAcknowledged => $"{Hue(span)} acked",
            AlarmState.ClearedUnacknowledged => $"{Hue(span)} over",
            _ => "laid",
        };
        var width = Math.Max(1, to - from);
        svg.Box(from, middle - (Bar / 2), width, Bar, kind, tip);
        if (span.State is AlarmState.LatchedUnacknowledged or AlarmState.LatchedAcknowledged)
            svg.Box(from, middle - (Bar / 2), width, Bar, "striped");
    }

    private void Paint(Finding finding, double middle)
    {
        var (happened, due) = (axis.X(finding.Truth.At), axis.X(finding.Truth.At + finding.Truth.Within));
        var told = finding.ToldAt is { } at ? axis.X(at) : due;
        svg.Line(happened, middle, told, middle, finding.ToldAt is null ? "wait" : "delay");
        svg.Line(due, middle - 8, due, middle + 8, "due");
        svg.Mark(happened, middle - 4, Marks.Happens, "happens", $"{finding.Truth.Event} {TimeAxis.Clock((score.Run.Start + finding.Truth.At).ToUnixTimeMilliseconds(), true)}");
        svg.Mark(told, middle, Marks.Of(finding.Verdict), finding.Verdict.ToString().ToLowerInvariant(), $"{finding.Truth.Rule}: {Told(finding)}");
    }

    private void Paint(StoryEvent happening, double middle)
    {
        var ends = happening.What is Incident.Restored or Incident.GatewayReturns;
        svg.Mark(axis.X(happening.At), middle - 4, ends ? Marks.Ends : Marks.Happens, ends ? "ends" : "happens", $"{happening.What} {TimeAxis.Clock((score.Run.Start + happening.At).ToUnixTimeMilliseconds(), true)}");
    }

    /// <summary>It begins the delay of a row of its own.</summary>
    private bool IsLookedFor(StoryEvent happening) => score.Scenario.Truths.Any(truth => truth.Device == happening.Device && truth.At == happening.At);

    private (string Text, string Kind) Outcome(PictureRow row) => row switch
    {
        { Finding: { } finding } => (Told(finding), finding.Verdict switch { Verdict.Detected => "good", Verdict.Late => "warn", _ => "bad" }),
        { False: { } wrong } => (wrong.Occurrences == 1 ? "false 误报" : FormattableString.Invariant($"false 误报 ×{wrong.Occurrences}"), "odd"),
        { Rule: not null } => ("follows 伴随", "quiet"),
        _ => ("", ""),
    };

    /// <summary>The severity that it must reach: the same rule may be asked for twice, step by step.</summary>
    private static string Asked(PictureRow row) => row.Finding?.Truth.AtLeast switch
    {
        Severity.Critical => " · P1",
        Severity.High => " · P2",
        Severity.Medium => " · P3",
        _ => "",
    };

    private string Told(Finding finding)
    {
        var within = ScoreReport.Delay((long)finding.Truth.Within.TotalMilliseconds);
        return finding.Verdict switch
        {
            Verdict.Missed => $"missed 漏报 ({within})",
            Verdict.Late => $"late 迟报 {ScoreReport.Delay(score.Delay(finding))} of {within}",
            _ => $"{ScoreReport.Delay(score.Delay(finding))} of {within}",
        };
    }

    private static string Hue(AlarmSpan span) => span.Severity.ToString().ToLowerInvariant();

    private string Short(string id) => score.Scenario.Prefix.Length > 0 && id.StartsWith(score.Scenario.Prefix, StringComparison.Ordinal) ? id[score.Scenario.Prefix.Length..] : id;
}
