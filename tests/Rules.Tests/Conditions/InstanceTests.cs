using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class InstanceTests
{
    // One letter an instance: T, F, Unknown, Absent.
    [Theory]
    [InlineData("any(pump_run)", "FTF", Truth.True)]
    [InlineData("any(pump_run)", "FF", Truth.False)]
    [InlineData("any(pump_run)", "FU", Truth.Unknown)]
    [InlineData("any(pump_run)", "FA", Truth.False)]
    [InlineData("any(pump_run)", "AA", Truth.Absent)]
    [InlineData("any(pump_run)", "", Truth.Absent)]
    [InlineData("all(pump_run)", "TT", Truth.True)]
    [InlineData("all(pump_run)", "TF", Truth.False)]
    [InlineData("all(pump_run)", "TU", Truth.Unknown)]
    [InlineData("all(pump_run)", "UF", Truth.False)]
    [InlineData("all(pump_run)", "TA", Truth.True)]
    [InlineData("all(pump_run)", "", Truth.Absent)]
    [InlineData("count(pump_run) == 2", "TFT", Truth.True)]
    [InlineData("count(pump_run) == 2", "TAT", Truth.True)]
    [InlineData("count(pump_run) == 2", "TUT", Truth.Unknown)]
    [InlineData("count(pump_run) == 0", "", Truth.Absent)]
    [InlineData("count(pump) == 3", "FUA", Truth.True)]
    [InlineData("count(pump_run) > 20 % of count(pump)", "FTF", Truth.True)]
    public void Conditions_run_over_the_instances(string text, string flags, Truth expected)
    {
        var station = new Station().WithInstances([.. Enumerable.Range(1, flags.Length)]);
        foreach (var (index, flag) in flags.Index())
            station.With("pump_run", flag switch { 'T' => Num.Of(1), 'F' => Num.Of(0), 'U' => Num.Unknown, _ => Num.Absent }, index + 1);
        Assert.Equal(expected, station.Evaluate(text));
    }

    [Theory]
    [InlineData("sum(motor_current)", 60)]
    [InlineData("mean(motor_current)", 20)]
    [InlineData("min(motor_current)", 10)]
    [InlineData("max(motor_current)", 30)]
    [InlineData("sum(2 * motor_current + 1)", 123)]
    [InlineData("count(motor_current > 10 A)", 2)]
    public void Numbers_run_over_the_instances_that_have_one(string text, double expected)
    {
        var station = new Station().WithInstances(1, 2, 3, 7).With("motor_current", 10, 1).With("motor_current", 20, 2).With("motor_current", 30, 7);
        Assert.Equal(Num.Of(expected), station.Calculate(text));
    }

    [Fact]
    public void An_each_rule_sees_its_own_instance_and_may_count_all()
    {
        var scope = Station.Scope with { Each = "pump" };
        var station = new Station { Instance = 2 }.WithInstances(1, 2, 3).With("pump_run", 1, 1).With("pump_run", 0, 2).With("pump_run", 1, 3);
        Assert.Equal(Truth.True, station.Evaluate("!pump_run && count(pump_run) == 2 && !pump_run", scope));
        Assert.Equal(2, station.Instance);
    }

    [Fact]
    public void The_station_example_reads_as_it_stands()
    {
        const string text = "any(pump_run) && sum(discharge_flow) < 50 % of rated_flow * count(pump_run) && sump_level > start_1 && !falling(sump_level, 90s)";
        var condition = Station.Compile(text);
        var station = new Station().WithInstances(1, 2).With("pump_run", 1, 1).With("pump_run", 1, 2).With("discharge_flow", 100, 1).With("discharge_flow", 0, 2)
            .With("sump_level", 1.5).WithSetting("rated_flow", 900).WithSetting("start_1", 1.2);
        Assert.Equal(Truth.Absent, condition.Evaluate(station));
        Assert.Equal(Truth.True, station.Evaluate(text.Replace("&& !falling(sump_level, 90s)", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Evaluating_allocates_nothing()
    {
        var condition = Station.Compile("any(pump_run && motor_current < 20 % of rated_current) || sum(discharge_flow) > 3 m3/h || power_supply == lost", Station.Scope with { Deadband = "1 A" });
        var station = new Station().WithInstances(1, 2).With("pump_run", 1, 1).With("motor_current", 10, 1).With("discharge_flow", 1, 2).With("power_supply", 0).WithSetting("rated_current", 20);
        condition.Evaluate(station);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < 100; run++)
            condition.Evaluate(station);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
