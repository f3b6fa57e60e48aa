using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Tests.City;

/// <summary>The domain's arithmetic of a storm: what the simulator says must be what a pencil says.</summary>
public sealed class PumpPhysicsTests
{
    /// <summary>0.8 · 80 mm/h · 20 ha / 360 = 3.56 m³/s come in, two pumps lift 2; the surplus raises 200 m² by 0.47 m/min: 2.2 to 2.8 m in 77 s.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void A_storm_of_80_mm_an_hour_lifts_a_sump_with_two_pumps_from_high_to_overflow_in_77_seconds(int step)
    {
        var pump = new PumpPhysics(new Random(1), new PumpPhysics.Station(2, 3600, 160, DryFlow: 0));
        pump.Happen(Incident.StormHits, 80);
        double? high = null, overflow = null;
        var (before, at) = (Level(pump), 0);
        while (overflow is null && at < 1000)
        {
            pump.Advance(step, 12);
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

    [Fact]
    public void What_comes_in_and_is_not_pumped_stands_in_the_sump()
    {
        var pump = new PumpPhysics(new Random(1), new PumpPhysics.Station(3, 3600, 160, DryFlow: 0));
        pump.Happen(Incident.StormHits, 50);
        var (begin, pumped, seconds) = (Level(pump), 0, 0);
        for (; seconds < 600; seconds++)
        {
            pump.Advance(1, 12);
            pumped += Enumerable.Range(1, 3).Count(n => Values(pump)[$"pump_run.{n}"] == 1);
        }

        Assert.True(pumped > 0);
        Assert.Equal((0.8 * 50 * 20 / 360 * seconds) - pumped, 200 * (Level(pump) - begin), 0.5);
    }

    private static double Level(PumpPhysics pump) => Values(pump)["sump_level"];

    private static Dictionary<string, double> Values(PumpPhysics pump)
    {
        var values = new ValueList();
        pump.Report(values);
        return values.ToArray().ToDictionary(value => value.Channel, value => value.Number);
    }
}
