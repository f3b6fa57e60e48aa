using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics;

/// <summary>
/// <c>{wander: 0.3, by: 0.08, over: 15min}</c>: wanders about its mean and returns to it (an Ornstein-Uhlenbeck process), never farther than three deviations.
/// </summary>
/// <param name="away">The place of how many deviations it is away from its mean.</param>
/// <param name="memory">Seconds after which it has forgotten where it was; 0 for noise.</param>
public sealed class Wander(int slot, int away, Func<double[], double> mean, Func<double[], double> deviation, double memory) : Part(slot)
{
    // Nearly every step is as long as this one.
    private readonly (double Kept, double Moved) _step = Over(SimulatedDevice.Step.TotalSeconds, memory);

    public override void Begin(double[] values, Random random)
    {
        values[away] = Clamped(random);
        Set(values);
    }

    public override void Advance(double[] values, double seconds, Random random)
    {
        if (seconds > 0)
        {
            var (kept, moved) = seconds == SimulatedDevice.Step.TotalSeconds ? _step : Over(seconds, memory);
            values[away] = Math.Clamp((values[away] * kept) + (moved * Clamped(random)), -3, 3);
        }
        Set(values);
    }

    private void Set(double[] values) => values[Slot] = mean(values) + (deviation(values) * values[away]);

    private static (double Kept, double Moved) Over(double seconds, double memory)
    {
        var kept = memory == 0 ? 0 : Math.Exp(-seconds / memory);
        return (kept, Math.Sqrt(1 - (kept * kept)));
    }

    /// <summary>Standard normal, cut at ±3.</summary>
    public static double Clamped(Random random)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Clamp(normal, -3, 3);
    }
}
