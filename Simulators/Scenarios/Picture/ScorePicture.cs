using System.Globalization;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>A score as one SVG that needs nothing else: who was struck when, what was told after how long, and what the operator had to bear.</summary>
public static class ScorePicture
{
    private const double Width = 1420;
    private const double Left = 524;
    private const double Right = 1234;
    private const double Head = 108;
    private const double Gap = 14;
    private const double Foot = 88;

    /// <param name="families">Of the run, for the rules' titles.</param>
    public static string Write(Score score, FamilySet families)
    {
        var lanes = PictureRow.Of(score, families);
        var load = Head + (lanes.Sum(lane => lane.Count()) * RowPainter.Height) + Gap;
        var height = load + LoadStrip.Height + Foot;
        var axis = new TimeAxis(score.Run, Left, Right);
        var svg = new Svg();
        svg.Raw($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Svg.N(Width)} {Svg.N(height)}\" width=\"{Svg.N(Width)}\" height=\"{Svg.N(height)}\">");
        svg.Raw($"<style>{Marks.Style}</style>");
        svg.Raw("<defs><pattern id=\"stripes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"2.5\" height=\"6\" fill=\"#fff\"/></pattern></defs>");
        svg.Box(0, 0, Width, height, "page");
        PaintHead(svg, score);
        PaintRows(svg, axis, score, lanes, load + LoadStrip.Height - Gap);
        LoadStrip.Paint(svg, axis, score, load);
        PaintLegend(svg, load + LoadStrip.Height + 18);
        svg.Raw("</svg>");
        return svg.ToString();
    }

    private static void PaintHead(Svg svg, Score score)
    {
        var (scenario, run) = (score.Scenario, score.Run);
        svg.Text(RowPainter.DeviceAt, 30, "title", $"{scenario.Title.Zh} · {scenario.Title.En}");
        svg.Text(Width - 14, 30, "small", string.Create(CultureInfo.InvariantCulture,
            $"{scenario.Name} · {TimeAxis.Clock(run.Start.ToUnixTimeMilliseconds())}–{TimeAxis.Clock(run.End.ToUnixTimeMilliseconds())} 上海时间 Shanghai time (UTC+8) · {scenario.DeviceCount} devices, seed {scenario.Seed}, {run.Readings} readings"), "end");
        var (missed, late) = (score.Count(Verdict.Missed), score.Count(Verdict.Late));
        svg.Text(RowPainter.DeviceAt, 56, missed > 0 ? "big bad" : late > 0 ? "big warn" : "big good", string.Create(CultureInfo.InvariantCulture,
            $"{score.Count(Verdict.Detected)} of {score.Findings.Count} detected 及时 · {late} late 迟报 · {missed} missed 漏报 · longest 最长 {ScoreReport.Delay(score.Longest)}"));
        svg.Text(Left + 130, 56, "big", string.Create(CultureInfo.InvariantCulture,
            $"{score.FalseAlarms.Count} false 误报 · {score.Load.Alarms} calls 报警 (P1 {score.Load.Critical}, P2 {score.Load.High}, P3+P4 {score.Load.MediumAndLow}) · flood 洪泛 {score.Load.FloodTime / 60_000.0:0.#} min"));
        svg.Text(RowPainter.DeviceAt, 76, score.Failures.Count == 0 ? "good" : "bad", score.Failures.Count == 0 ? "passed 通过" : $"failed 未通过: {string.Join(", ", score.Failures)}");
        foreach (var (x, text) in new[] { (RowPainter.DeviceAt, "who 对象"), (RowPainter.WhatAt, "what happens 事件"), (RowPainter.RuleAt, "which alarm 报警"), (Right + RowPainter.ToldAfter, "told after … of 告知用时") })
            svg.Text(x, Head - 6, "head", text);
    }

    private static void PaintRows(Svg svg, TimeAxis axis, Score score, IReadOnlyList<IGrouping<string, PictureRow>> lanes, double ground)
    {
        var top = Head;
        for (var i = 0; i < lanes.Count; i++)
        {
            var height = lanes[i].Count() * RowPainter.Height;
            if (i % 2 == 0)
                svg.Box(0, top, Width, height, "band");
            top += height;
        }
        foreach (var (x, text) in axis.Ticks())
        {
            svg.Line(x, Head, x, ground, "grid");
            svg.Text(x, Head - 6, "head", text, "middle");
        }
        var painter = new RowPainter(svg, axis, score);
        top = Head;
        foreach (var lane in lanes)
        {
            var first = true;
            foreach (var row in lane)
            {
                painter.Paint(row, top, first);
                first = false;
                top += RowPainter.Height;
            }
        }
    }

    private static void PaintLegend(Svg svg, double y)
    {
        var x = RowPainter.DeviceAt + 6;
        foreach (var (mark, kind, text) in new[]
        {
            (Marks.Happens, "happens", "happens 发生"), (Marks.Ends, "ends", "over 结束"), (Marks.Detected, "detected", "told in time 及时"), (Marks.Late, "late", "told late 迟报"),
            (Marks.Missed, "missed", "never told 漏报"), (Marks.False, "false", "false alarm 误报"), ("M0 -7V7", "due", "latest moment 时限"), ("M-8 0H8", "delay", "delay 用时"),
        })
        {
            svg.Mark(x, y, mark, kind);
            svg.Text(x + 14, y + 4, "", text);
            x += 150;
        }
        x = RowPainter.DeviceAt;
        y += 24;
        foreach (var (kind, text) in new[] { ("critical", "P1 紧急"), ("high", "P2 高"), ("medium", "P3 中"), ("low", "P4 低") })
        {
            svg.Box(x, y - 6, 26, 12, kind);
            svg.Box(x + 26, y - 6, 26, 12, $"{kind} acked");
            svg.Text(x + 58, y + 4, "", text);
            x += 140;
        }
        svg.Text(x, y + 4, "quiet", "full: not acknowledged 未确认 · pale: acknowledged 已确认");
        x = RowPainter.DeviceAt;
        y += 24;
        foreach (var (kinds, text) in new[] { ((string[])["critical", "striped"], "over, waits for a reset 已恢复，待复位"), (["critical over"], "over, not acknowledged 已恢复未确认"), (["laid"], "suppressed or shelved 抑制或搁置") })
        {
            foreach (var kind in kinds)
                svg.Box(x, y - 6, 52, 12, kind);
            svg.Text(x + 58, y + 4, "", text);
            x += 330;
        }
    }
}
