namespace Telemetry.Simulators.City;

/// <summary>A value that wanders about its mean and returns to it (an Ornstein-Uhlenbeck process), never farther than three deviations.</summary>
/// <param name="memory">Seconds after which it has forgotten where it was.</param>
public sealed class Wander(Random random, double mean, double deviation, double memory)
{
    public double Value { get; private set; } = mean + (deviation * Clamped(random));

    public double Advance(double seconds)
    {
        var kept = Math.Exp(-seconds / memory);
        var moved = mean + ((Value - mean) * kept) + (deviation * Math.Sqrt(1 - (kept * kept)) * Clamped(random));
        Value = Math.Clamp(moved, mean - (3 * deviation), mean + (3 * deviation));
        return Value;
    }

    /// <summary>Standard normal, cut at ±3.</summary>
    public static double Clamped(Random random)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Clamp(normal, -3, 3);
    }
}
