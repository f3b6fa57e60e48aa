using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class NotEvaluatedTests
{
    [Theory]
    [InlineData("count_in(street, cover_open, 30m) >= 3", "count_in(street, cover_open, 30m)")]
    [InlineData("count_in(catchment, sump_level > high_level - 0.2 m, 10m) >= 3", "count_in(catchment, sump_level > high_level - 0.2 m, 10m)")]
    [InlineData("count_in(gauge, pressure_low, 10m) >= 10", "count_in(gauge, pressure_low, 10m)")]
    [InlineData("work_order && oxygen < 19.5 %", "work_order")]
    [InlineData("work_order(\"entry\") && (oxygen < 19.5 % || oxygen > 23.5 %)", "work_order(\"entry\")")]
    [InlineData("increase(extinction_coefficient, 30s) > 0.005 m-1 && neighbour(rising(extinction_coefficient, 30s))", "neighbour(rising(extinction_coefficient, 30s))")]
    [InlineData("increase(water_volume, 60m) > 20 L && !any(stall_occupied) && closed_hours", "closed_hours")]
    [InlineData("rain_forecast", "rain_forecast")]
    public void Functions_of_other_places_are_read_checked_and_listed(string text, string listed)
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
        Assert.Equal(["rain_forecast"], condition.NotEvaluated);
        Assert.Equal(["sump_level", "high_float"], condition.Channels.Select(channel => channel.Name));
        Assert.Equal(Truth.True, condition.Evaluate(new Station().With("sump_level", 2).With("high_float", 1)));
    }

    [Fact]
    public void Only_what_is_evaluated_is_looked_at()
    {
        var condition = Station.Compile("sump_level > high_level || neighbour(carbon_monoxide > 70 ppm)");
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
