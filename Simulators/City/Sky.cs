using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.City;

/// <summary>A weather above a city that began at a moment: what it is like where and when.</summary>
public sealed class Sky(Weather weather, DateTimeOffset start)
{
    private const double WarmestHour = 15;

    private readonly long _start = start.ToUnixTimeMilliseconds();
    private readonly IReadOnlyList<(double[] Fronts, Curve Rain)> _storms = [.. weather.Storms.Select(storm => (FrontsOf(storm), RainOf(storm)))];

    /// <summary>mm/h.</summary>
    /// <param name="district">In <see cref="Districts.All"/>; -1 for elsewhere, which has the city's first rain.</param>
    /// <param name="now">Unix ms.</param>
    public double Rain(int district, long now)
    {
        var rain = 0.0;
        foreach (var (fronts, course) in _storms)
        {
            var since = ((now - _start) / 1000.0) - fronts[district + 1];
            rain += since < 0 ? 0 : course.At(since);
        }
        return rain;
    }

    /// <summary>°C.</summary>
    /// <param name="hour">Of the local day.</param>
    public double Temperature(double hour) => weather.Temperature + (weather.Swing * Math.Cos((hour - WarmestHour) * Math.PI / 12));

    /// <summary>Seconds from the city's start until the front is over each district, the one for elsewhere first.</summary>
    private static double[] FrontsOf(Storm storm) => [.. Enumerable.Range(-1, Districts.All.Count + 1).Select(district => storm.ReachesAfter(district).TotalSeconds)];

    private static Curve RainOf(Storm storm) => new([.. storm.Rain.Select(point => (point.After.TotalSeconds, point.Intensity))]);
}
