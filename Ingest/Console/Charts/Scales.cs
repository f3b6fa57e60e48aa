using Telemetry.Ingest.Notify;

namespace Telemetry.Ingest.OperatorPage.Charts;

/// <summary>Event time to a chart's width, 0 to <see cref="Plot.Size"/>. Unix ms.</summary>
internal readonly record struct TimeScale(long From, long To)
{
    private const long Minute = 60_000, Hour = 60 * Minute, Day = 24 * Hour;

    private static readonly long[] Steps = [5 * Minute, 10 * Minute, 15 * Minute, 30 * Minute, Hour, 2 * Hour, 4 * Hour, 6 * Hour, 12 * Hour, Day];

    public double X(long time) => (time - From) / (double)(To - From) * Plot.Size;

    /// <summary>The moment at a share of the width, 0 to 1.</summary>
    public long At(double share) => From + (long)Math.Round(share * (To - From));

    /// <summary>Round times in the city's zone.</summary>
    /// <param name="most">At most so many.</param>
    public IReadOnlyList<long> Ticks(int most)
    {
        var span = To - From;
        var step = Steps.FirstOrDefault(step => span / step < most, Day);
        // A day of the city begins at its own midnight.
        var first = LocalTime.Of(LocalTime.DayOf(From));
        first += (From - first + step - 1) / step * step;
        var ticks = new List<long>();
        for (var tick = first; tick < To; tick += step)
            ticks.Add(tick);
        return ticks;
    }
}

/// <summary>A value to a chart's height, from 0 at its top to <see cref="Plot.Size"/>.</summary>
internal readonly record struct ValueScale(double Min, double Max)
{
    /// <summary>With some room above and below; what is never below 0 begins there.</summary>
    public static ValueScale Of(IEnumerable<double> values)
    {
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite))
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        if (min > max)
            return new ValueScale(0, 1);
        var room = (max - min) * 0.08;
        if (room == 0)
            room = max == 0 ? 1 : Math.Abs(max) * 0.1;
        return new ValueScale(min >= 0 && min - room < 0 ? 0 : min - room, max + room);
    }

    /// <summary>One level a state, the first lowest.</summary>
    public static ValueScale OfStates(int count) => new(-0.5, count - 0.5);

    public double Y(double value) => (Max - value) / (Max - Min) * Plot.Size;

    /// <summary>Round numbers, ascending.</summary>
    /// <param name="about">So many, or a few less.</param>
    public IReadOnlyList<double> Ticks(int about)
    {
        var raw = (Max - Min) / about;
        if (!(raw > 0) || !double.IsFinite(raw))
            return [Min];
        var size = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = size * (raw <= size ? 1 : raw <= 2 * size ? 2 : raw <= 5 * size ? 5 : 10);
        var ticks = new List<double>();
        for (var i = Math.Ceiling(Min / step); i * step <= Max + (step * 1e-9) && ticks.Count <= 2 * about; i++)
        {
            // There is no minus nought on a scale.
            ticks.Add(Math.Round(i * step, 12) + 0.0);
        }
        return ticks;
    }
}
