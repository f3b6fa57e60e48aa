using System.Globalization;

namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>Where a moment of the run lies across the picture.</summary>
internal sealed class TimeAxis(ScenarioRun run, double left, double right)
{
    private static readonly int[] Steps = [1, 2, 5, 10, 15, 30, 60, 120, 180];
    private const int MostTicks = 13;

    private readonly long _start = run.Start.ToUnixTimeMilliseconds();
    private readonly double _length = (run.End - run.Start).TotalMilliseconds;

    public double Left => left;

    public double Right => right;

    /// <summary>What came after the end lies at the end.</summary>
    public double X(long unixMilliseconds) => left + (Math.Clamp((unixMilliseconds - _start) / _length, 0, 1) * (right - left));

    public double X(TimeSpan sinceBegin) => X(_start + (long)sinceBegin.TotalMilliseconds);

    /// <summary>At round minutes of China's time, the first at or after the begin.</summary>
    public IEnumerable<(double X, string Text)> Ticks()
    {
        var minutes = _length / 60_000;
        var step = (Steps.FirstOrDefault(each => minutes / each <= MostTicks) is > 0 and var fits ? fits : Steps[^1]) * 60_000L;
        const long zone = 8 * 3_600_000L;
        for (var at = (_start + zone + step - 1) / step * step; at <= _start + zone + _length; at += step)
            yield return (X(at - zone), Clock(at - zone));
    }

    /// <summary>China's time.</summary>
    public static string Clock(long unixMilliseconds, bool seconds = false) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).ToOffset(TimeSpan.FromHours(8)).ToString(seconds ? "HH:mm:ss" : "HH:mm", CultureInfo.InvariantCulture);
}
