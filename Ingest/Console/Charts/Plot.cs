using System.Globalization;
using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Charts;

/// <summary>
/// A trace as SVG paths on a square that the browser stretches to the chart's size; strokes keep their width, and a stroke of no length is a dot.
/// </summary>
internal static class Plot
{
    public const int Size = 1000;

    /// <summary>What is between two gaps, joined: by lines, or by steps where the channel has levels.</summary>
    public static string Line(ChannelTrace trace, TimeScale time, ValueScale scale)
    {
        var path = new StringBuilder();
        foreach (var run in Runs(trace.Points, trace.Gap))
        {
            Move(path, 'M', time.X(run[0].Time), scale.Y(run[0].Value!.Value));
            var level = scale.Y(run[0].Value!.Value);
            foreach (var point in run.Skip(1))
            {
                if (trace.Levels is not null)
                    Move(path, 'L', time.X(point.Time), level);
                level = scale.Y(point.Value!.Value);
                Move(path, 'L', time.X(point.Time), level);
            }
            if (trace.Levels is not null && run[^1].Time == trace.Points[^1].Time)
                Move(path, 'L', Math.Max(time.X(run[^1].Time), Size), level);
            else if (run.Count == 1)
                path.Append("h0");
        }
        return path.ToString();
    }

    /// <summary>From the least to the greatest value of each bucket.</summary>
    public static string Band(ChannelTrace trace, TimeScale time, ValueScale scale)
    {
        var path = new StringBuilder();
        foreach (var run in Runs(trace.Points, trace.Gap).Where(run => run[0].Min is not null))
        {
            Move(path, 'M', time.X(run[0].Time), scale.Y(run[0].Max!.Value));
            foreach (var point in run.Skip(1))
                Move(path, 'L', time.X(point.Time), scale.Y(point.Max ?? point.Value!.Value));
            foreach (var point in run.Reverse())
                Move(path, 'L', time.X(point.Time), scale.Y(point.Min ?? point.Value!.Value));
            path.Append('Z');
        }
        return path.ToString();
    }

    /// <summary>A dot where a value is of this quality; at the chart's foot where it is no measurement.</summary>
    public static string Dots(ChannelTrace trace, TimeScale time, ValueScale scale, Quality quality)
    {
        var path = new StringBuilder();
        foreach (var point in trace.Points.Where(point => point.Quality == quality))
        {
            Move(path, 'M', time.X(point.Time), point.Value is { } value ? scale.Y(value) : Size - 8);
            path.Append("h0");
        }
        return path.ToString();
    }

    /// <summary>A value that is missing is not drawn as if it had been there.</summary>
    public static IEnumerable<IReadOnlyList<ChartPoint>> Runs(IReadOnlyList<ChartPoint> points, long gap)
    {
        var run = new List<ChartPoint>();
        foreach (var point in points)
        {
            if (run.Count > 0 && (point.Value is null || point.Time - run[^1].Time > gap))
            {
                yield return run;
                run = [];
            }
            if (point.Value is not null)
                run.Add(point);
        }
        if (run.Count > 0)
            yield return run;
    }

    private static void Move(StringBuilder path, char command, double x, double y) =>
        path.Append(CultureInfo.InvariantCulture, $"{command}{x:0.#} {y:0.#}");
}
