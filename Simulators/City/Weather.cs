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
public sealed record Storm(TimeSpan At, double From, double Speed, IReadOnlyList<(TimeSpan After, double Intensity)> Rain)
{
    private const double KilometresPerDegree = 111.2;

    /// <summary>Since the city's start, when the front is over a district's centre; in whole seconds.</summary>
    /// <param name="district">In <see cref="Districts.All"/>; -1 for elsewhere, which has the city's first rain.</param>
    public TimeSpan ReachesAfter(int district) =>
        district < 0 ? At : At + TimeSpan.FromSeconds(Math.Round((Way(Districts.All[district]) - Districts.All.Min(Way)) / Speed * 3600));

    /// <summary>Kilometres along the storm's way, from anywhere.</summary>
    private double Way(District district)
    {
        // It moves away from where it comes from.
        var bearing = (From + 180) * Math.PI / 180;
        return KilometresPerDegree * ((district.Latitude * Math.Cos(bearing)) + (district.Longitude * Math.Cos(Districts.All[0].Latitude * Math.PI / 180) * Math.Sin(bearing)));
    }
}
