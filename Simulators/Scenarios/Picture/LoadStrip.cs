using System.Globalization;
using System.Text;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>Calls in the last 10 min, against what a person can bear: about 1, and 10, above which it is a flood (EEMUA 191).</summary>
internal static class LoadStrip
{
    public const double Height = 96;
    private const double Plot = 72;

    /// <summary>By so much a flood stands out above what is cut off.</summary>
    private const double Above = 6;

    private const int Target = 1;
    private const int FloodAbove = 10;
    private const int Least = 12;

    /// <summary>A storm of hundreds would press both lines to the ground: the scale ends here, and the peak is said in words.</summary>
    private const int Most = 40;

    public static void Paint(Svg svg, TimeAxis axis, Score score, double top)
    {
        var curve = LoadCurve.Of(score.Run, (int)(axis.Right - axis.Left));
        var peak = curve.MaxBy(point => point.Calls);
        var scale = Math.Clamp(peak.Calls, Least, Most);
        var ground = top + Plot;
        double Y(int calls) => ground - (Math.Min(calls, scale) * Plot / scale);
        foreach (var (from, to) in Floods(curve))
            svg.Box(axis.X(from), top - Above, Math.Max(1, axis.X(to) - axis.X(from)), Plot + Above, "flood", $"flood {TimeAxis.Clock(from)}–{TimeAxis.Clock(to)}");
        svg.Raw($"<path class=\"load\" d=\"{Area(axis, curve, ground, Y)}\"/>");
        svg.Line(axis.Left, ground, axis.Right, ground, "axis");
        svg.Line(axis.Left, Y(FloodAbove), axis.Right, Y(FloodAbove), "limit");
        svg.Line(axis.Left, Y(Target), axis.Right, Y(Target), "target");
        svg.Text(axis.Left - 6, Y(FloodAbove) + 4, "small", "flood 洪泛 > 10", "end");
        svg.Text(axis.Left - 6, Y(Target) + 4, "small", "target 目标 1", "end");
        svg.Text(RowPainter.DeviceAt, top + 12, "name", "Operator load 操作员负荷");
        svg.Text(RowPainter.DeviceAt, top + 28, "small", "calls in the last 10 min 近 10 分钟报警数");
        svg.Text(axis.Right + RowPainter.ToldAfter, top + 12, peak.Calls > FloodAbove ? "bad" : "good", string.Create(CultureInfo.InvariantCulture, $"peak 峰值 {peak.Calls}"));
        if (peak.Calls > scale)
            svg.Text(axis.Right + RowPainter.ToldAfter, top + 28, "small", string.Create(CultureInfo.InvariantCulture, $"(scale ends at {scale})"));
        if (score.Load.FloodTime > 0)
            svg.Text(axis.Right + RowPainter.ToldAfter, top + 44, "bad", string.Create(CultureInfo.InvariantCulture, $"flood 洪泛 {score.Load.FloodTime / 60_000.0:0.#} min"));
    }

    private static string Area(TimeAxis axis, IReadOnlyList<LoadPoint> curve, double ground, Func<int, double> y)
    {
        var path = new StringBuilder($"M{Svg.N(axis.Left)} {Svg.N(ground)}");
        var last = 0;
        foreach (var point in curve.Where(point => point.Calls != last || point.At == curve[^1].At))
        {
            path.Append(CultureInfo.InvariantCulture, $"H{Svg.N(axis.X(point.At))}V{Svg.N(y(point.Calls))}");
            last = point.Calls;
        }
        return path.Append(CultureInfo.InvariantCulture, $"V{Svg.N(ground)}Z").ToString();
    }

    private static IEnumerable<(long From, long To)> Floods(IReadOnlyList<LoadPoint> curve)
    {
        for (var i = 0; i < curve.Count; i++)
        {
            if (!curve[i].Flood)
                continue;
            var from = curve[i].At;
            while (i + 1 < curve.Count && curve[i + 1].Flood)
                i++;
            yield return (from, curve[i].At);
        }
    }
}
