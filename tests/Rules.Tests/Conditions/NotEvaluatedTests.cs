using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class NotEvaluatedTests
{
    [Theory]
    [InlineData("mean(carbon_monoxide, 15m) > 70 ppm", "mean(carbon_monoxide, 15m)")]
    [InlineData("any(increase(start_count, 1h) > 6)", "increase(start_count, 1h)")]
    [InlineData("rate(sump_level, 2m) > 0.05 m/min", "rate(sump_level, 2m)")]
    [InlineData("rate(methane_lel, 5m) > 1 %LEL/min", "rate(methane_lel, 5m)")]
    [InlineData("rate(water_volume, 60m) > 1 m3/h", "rate(water_volume, 60m)")]
    [InlineData("headroom / rate(sump_level, 3m) < 5 min", "rate(sump_level, 3m)")]
    [InlineData("count_in(street, cover_open, 30m) >= 3", "count_in(street, cover_open, 30m)")]
    [InlineData("count_in(catchment, sump_level > high_level - 0.2 m, 10m) >= 3", "count_in(catchment, sump_level > high_level - 0.2 m, 10m)")]
    [InlineData("count_in(gauge, pressure_low, 10m) >= 10", "count_in(gauge, pressure_low, 10m)")]
    [InlineData("work_order && oxygen < 19.5 %", "work_order")]
    [InlineData("work_order(\"entry\") && (oxygen < 19.5 % || oxygen > 23.5 %)", "work_order(\"entry\")")]
    [InlineData("increase(extinction_coefficient, 30s) > 0.005 m-1 && neighbour(rising(extinction_coefficient, 30s))", "increase(extinction_coefficient, 30s)|neighbour(rising(extinction_coefficient, 30s))")]
    [InlineData("any(fan_command != fan_state && newer(fan_state, fan_command))", "newer(fan_state, fan_command)")]
    [InlineData("stuck(sump_level, 10m) && any(changed(pump_run, 10m))", "stuck(sump_level, 10m)|changed(pump_run, 10m)")]
    [InlineData("any(held(pump_run, 30m))", "held(pump_run, 30m)")]
    [InlineData("last(sump_level) > start_1", "last(sump_level)")]
    [InlineData("alarm(leak_high) && newer(power_supply, leak_high)", "alarm(leak_high)|newer(power_supply, leak_high)")]
    [InlineData("power_supply == lost && !alarm(leak_high, 10m)", "alarm(leak_high, 10m)")]
    [InlineData("any(times(stall_occupied, 7d) >= 3)", "times(stall_occupied, 7d)")]
    [InlineData("increase(water_volume, 60m) > 20 L && !any(stall_occupied) && closed_hours", "increase(water_volume, 60m)|closed_hours")]
    [InlineData("rain_forecast", "rain_forecast")]
    [InlineData("gauge.rainfall > 2 mm", "gauge.rainfall")]
    [InlineData("gauge.power_supply == lost", "gauge.power_supply")]
    public void Functions_of_time_and_place_are_read_checked_and_listed(string text, string listed)
    {
        var condition = Station.Compile(text);
        Assert.Equal(listed.Split('|'), condition.NotEvaluated);
        Assert.False(condition.CanHold);
        Assert.NotEqual(Truth.True, condition.Evaluate(new Station().WithInstances(1)));
    }

    [Theory]
    [InlineData("wet", true)]
    [InlineData("very_wet", true)]
    [InlineData("closed_hours || high_float", true)]
    [InlineData("closed_hours && high_float", false)]
    [InlineData("!(closed_hours && high_float)", true)]
    [InlineData("!(closed_hours || high_float)", true)]
    [InlineData("!closed_hours", false)]
    [InlineData("closed_hours == high_float", false)]
    [InlineData("unknown(gauge.rainfall)", true)]
    [InlineData("false", false)]
    public void It_is_known_whether_a_condition_can_hold_at_all(string text, bool canHold) => Assert.Equal(canHold, Station.Compile(text).CanHold);

    [Fact]
    public void A_word_holds_by_the_part_that_is_evaluated()
    {
        var condition = Station.Compile("very_wet");
        Assert.Equal(["increase(gauge.rainfall, 60m)"], condition.NotEvaluated);
        Assert.Equal(["sump_level", "high_float"], condition.Channels.Select(channel => channel.Name));
        Assert.Equal(Truth.True, condition.Evaluate(new Station().With("sump_level", 2).With("high_float", 1)));
    }

    [Fact]
    public void Only_what_is_evaluated_is_looked_at()
    {
        var condition = Station.Compile("sump_level > high_level || mean(carbon_monoxide, 15m) > start_1 / 1 m");
        Assert.Equal(["sump_level"], condition.Channels.Select(channel => channel.Name));
    }

    [Fact]
    public void Several_conditions_hold_together()
    {
        var result = ConditionCompiler.CompileAll(["high_float || call_point", "wet"], Station.Scope);
        Assert.Empty(result.Errors);
        Assert.Equal("(high_float || call_point) && (wet)", result.Condition!.Text);
        Assert.Equal(Truth.False, result.Condition.Evaluate(new Station().With("high_float", 1).With("sump_level", 1)));
        Assert.Equal(Truth.True, result.Condition.Evaluate(new Station().With("high_float", 1).With("sump_level", 2)));
        var error = Assert.Single(ConditionCompiler.CompileAll(["high_float", "wett"], Station.Scope).Errors);
        Assert.Equal("wett", error.Text);
    }
}
