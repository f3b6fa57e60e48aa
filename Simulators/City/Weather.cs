using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.City;

/// <summary>The weather over the whole city.</summary>
/// <param name="Temperature">°C, the day's mean.</param>
/// <param name="Swing">K by which the afternoon is above that mean, and the early morning below.</param>
public sealed record Weather(double Temperature, double Swing, IReadOnlyList<Storm> Storms)
{
    /// <summary>A dry day in spring [estimate].</summary>
    public static Weather Mild { get; } = new(22, 4, []);
}

/// <summary>A front that crosses the city: it rains on each district from when the front reaches its centre.</summary>
/// <param name="At">Since the city's start, when it reaches the first district.</param>
/// <param name="From">The bearing that it comes from, degrees clockwise from north.</param>
/// <param name="Speed">Kilometres an hour.</param>
/// <param name="Rain">Points of the hydrograph: mm/h by the time since the front, in order.</param>
public sealed record Storm(TimeSpan At, double From, double Speed, IReadOnlyList<(TimeSpan After, double Intensity)> Rain);

/// <summary>A weather above a city that began at a moment: what it is like where and when.</summary>
public sealed class Sky(Weather weather, DateTimeOffset start)
{
    private const double KilometresPerDegree = 111.2;
    private const double WarmestHour = 15;

    private readonly long _start = start.ToUnixTimeMilliseconds();
    private readonly IReadOnlyList<(double[] Fronts, Curve Rain)> _storms =
        [.. weather.Storms.Select(storm => (Fronts(storm), new Curve([.. storm.Rain.Select(point => (point.After.TotalSeconds, point.Intensity))])))];

    /// <summary>mm/h.</summary>
    /// <param name="district">In <see cref="Districts.All"/>; -1 for elsewhere, which has the city's first rain.</param>
    /// <param name="now">Unix ms.</param>
    public double Rain(int district, long now)
    {
        var rain = 0.0;
        foreach (var (fronts, course) in _storms)
        {
            var since = ((now - _start) / 1000.0) - (district < 0 ? fronts.Min() : fronts[district]);
            rain += since < 0 ? 0 : course.At(since);
        }
        return rain;
    }

    /// <summary>°C.</summary>
    /// <param name="hour">Of the local day.</param>
    public double Temperature(double hour) => weather.Temperature + (weather.Swing * Math.Cos((hour - WarmestHour) * Math.PI / 12));

    /// <summary>Seconds from the city's start until the front reaches each district, the first at the storm's time.</summary>
    private static double[] Fronts(Storm storm)
    {
        // It moves away from where it comes from.
        var bearing = (storm.From + 180) * Math.PI / 180;
        var ways = Districts.All.Select(district => KilometresPerDegree *
            ((district.Latitude * Math.Cos(bearing)) + (district.Longitude * Math.Cos(Districts.All[0].Latitude * Math.PI / 180) * Math.Sin(bearing)))).ToList();
        return [.. ways.Select(way => storm.At.TotalSeconds + ((way - ways.Min()) / storm.Speed * 3600))];
    }
}
