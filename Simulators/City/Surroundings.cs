namespace Telemetry.Simulators.City;

/// <summary>What a device finds around it: the hour, the weather, the streets.</summary>
/// <param name="district">In <see cref="Districts.All"/>.</param>
/// <param name="now">Unix ms.</param>
public readonly struct Surroundings(Sky sky, int district, long now)
{
    // China keeps one zone, UTC+8, without summer time.
    private const long Zone = 8 * 3_600_000L;
    private const long Day = 86_400_000L;

    // Nanchang.
    private const double Latitude = 28.7;
    private const double SolarNoon = 12 + ((120 - 115.9) / 15);

    /// <summary>Of the local day, 0 up to 24.</summary>
    public double Hour => (now + Zone) % Day / 3_600_000.0;

    /// <summary>Saturday or Sunday. The epoch was a Thursday.</summary>
    public bool Weekend => ((now + Zone) / Day + 4) % 7 is 0 or 6;

    /// <summary>The sun is down, to a quarter of an hour.</summary>
    public bool Dark
    {
        get
        {
            var declination = -23.44 * Math.PI / 180 * Math.Cos(2 * Math.PI * (((now + Zone) / Day % 365.2425) + 10) / 365.2425);
            var halfDay = Math.Acos(-Math.Tan(Latitude * Math.PI / 180) * Math.Tan(declination)) * 12 / Math.PI;
            return Math.Abs(Hour - SolarNoon) > halfDay;
        }
    }

    /// <summary>mm/h.</summary>
    public double Rain => sky.Rain(district, now);

    /// <summary>°C.</summary>
    public double Temperature => sky.Temperature(Hour);

    /// <summary>How busy the streets are, 0 to 1: two rush hours over a quiet night.</summary>
    public double Busy
    {
        get
        {
            var hour = Hour;
            return Math.Min(1, 0.1 + (0.3 * Bump((hour - 13.5) / 4.5)) + (0.55 * Bump((hour - 8) / 1.5)) + (0.55 * Bump((hour - 18) / 1.7)));
        }
    }

    /// <summary>By the names that physics files use.</summary>
    public static IReadOnlyDictionary<string, Func<Surroundings, double>> Names { get; } = new SortedDictionary<string, Func<Surroundings, double>>(StringComparer.Ordinal)
    {
        ["busy"] = around => around.Busy,
        ["dark"] = around => around.Dark ? 1 : 0,
        ["hour"] = around => around.Hour,
        ["rain"] = around => around.Rain,
        ["temperature"] = around => around.Temperature,
        ["weekend"] = around => around.Weekend ? 1 : 0,
    };

    private static double Bump(double x) => Math.Exp(-x * x);
}
