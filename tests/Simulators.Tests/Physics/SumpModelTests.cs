using Telemetry.Simulators.Physics;
using Telemetry.Simulators.Physics.Models;

namespace Telemetry.Simulators.Tests.Physics;

/// <summary>The domain's arithmetic of a storm: what the simulator says must be what a pencil says.</summary>
public sealed class SumpModelTests
{
    private static readonly (string, string) Dry = ("dry_flow:        0.28 m3/s", "dry_flow:        0 m3/s");

    /// <summary>0.8 · 80 mm/h · 20 ha / 360 = 3.56 m³/s come in, two pumps lift 2; the surplus raises 200 m² by 0.47 m/min: 2.2 to 2.8 m in 77 s.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void A_storm_of_80_mm_an_hour_lifts_a_sump_with_two_pumps_from_high_to_overflow_in_77_seconds(int step)
    {
        var pump = Devices.Of("drainage_pump", ("pumps:           {is: 3,", "pumps:           {is: 2,"), Dry);
        pump.Happen("storm_hits", 80, Devices.Around());
        double? high = null, overflow = null;
        var (before, at) = (Level(pump), 0);
        while (overflow is null && at < 1000)
        {
            pump.Advance(step, Devices.Around());
            at += step;
            var level = Level(pump);
            high ??= Crossed(2.2);
            overflow ??= Crossed(2.8);
            before = level;

            double? Crossed(double limit) => before < limit && level >= limit ? at - step + (step * (limit - before) / (level - before)) : null;
        }

        Assert.Equal(200 * 0.6 / ((0.8 * 80 * 20 / 360) - 2), 77.14, 0.01);
        Assert.InRange(overflow!.Value - high!.Value, 77.14 * 0.98, 77.14 * 1.02);
    }

    private static double Level(DevicePhysics pump) => ((SumpModel)pump.Model!).Level;
}
