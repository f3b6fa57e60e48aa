using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class DeadbandTests
{
    [Theory]
    [InlineData("sump_level > 2 m", 1.9, Truth.True)]
    [InlineData("sump_level > 2 m", 1.7, Truth.False)]
    [InlineData("2 m < sump_level", 1.9, Truth.True)]
    [InlineData("sump_level < 2 m", 2.1, Truth.True)]
    [InlineData("sump_level < 2 m", 2.3, Truth.False)]
    [InlineData("2 m > sump_level", 2.1, Truth.True)]
    [InlineData("sump_level == 2 m", 2.1, Truth.False)]
    [InlineData("!(sump_level < 2 m)", 1.9, Truth.True)]
    [InlineData("!(sump_level > 2 m)", 2.1, Truth.True)]
    [InlineData("!!(sump_level > 2 m)", 1.9, Truth.True)]
    [InlineData("high_float == (sump_level > 2 m)", 1.9, Truth.False)]
    public void A_standing_alarm_shifts_the_limit_so_that_it_holds_longer(string text, double level, Truth whileHolding)
    {
        var condition = Station.Compile(text, Station.Scope with { Deadband = "20 cm" });
        var station = new Station().With("sump_level", level).With("high_float", 1);
        Assert.Equal(Truth.False, condition.Evaluate(station));
        station.Holding = true;
        Assert.Equal(whileHolding, condition.Evaluate(station));
    }

    [Fact]
    public void A_general_deadband_leaves_other_units_alone()
    {
        var station = new Station { Holding = true }.With("sump_level", 2.3).With("tilt_angle", 14.9);
        Assert.Equal(Truth.False, station.Evaluate("sump_level < 2 m || tilt_angle > 15 deg", Station.Scope with { Deadband = "0.2 m" }));
        Assert.Equal(Truth.True, station.Evaluate("sump_level < 2 m || tilt_angle > 15 deg", Station.Scope with { Deadband = "5 deg" }));
    }

    [Fact]
    public void A_channels_own_deadband_goes_before_the_general_one()
    {
        var scope = Station.Scope with { Deadband = "0.2 m", Deadbands = new Dictionary<string, string> { ["sump_level"] = "0.5 m", ["tilt_angle"] = "5" } };
        var station = new Station { Holding = true }.With("sump_level", 1.6).With("tilt_angle", 13).WithSetting("installed_tilt", 2);
        Assert.Equal(Truth.True, station.Evaluate("sump_level > 2 m", scope));
        Assert.Equal(Truth.True, station.Evaluate("tilt_angle - installed_tilt > 15 deg", scope));
    }

    [Fact]
    public void A_deadband_may_be_an_expression_of_settings()
    {
        var condition = Station.Compile("sump_level > 2 m", Station.Scope with { Deadband = "5 % of well_depth" });
        Assert.Equal(Truth.True, condition.Evaluate(new Station { Holding = true }.With("sump_level", 1.85).WithSetting("well_depth", 400)));
        Assert.Equal(["well_depth"], condition.Settings.Select(setting => setting.Name));
    }

    [Fact]
    public void A_deadband_widens_sums_over_instances()
    {
        var station = new Station { Holding = true }.WithInstances(1, 2).With("motor_current", 4, 1).With("motor_current", 5, 2);
        Assert.Equal(Truth.True, station.Evaluate("sum(motor_current) > 10 A", Station.Scope with { Deadband = "2 A" }));
        Assert.Equal(Truth.True, station.Evaluate("count(motor_current > 5.5 A) >= 2", Station.Scope with { Deadband = "2 A" }));
    }

    [Theory]
    [InlineData(null, "0.2 q", 5, "unknown unit 'q'")]
    [InlineData(null, "sump_level > 1", 1, "'sump_level > 1' is true or false, not a number")]
    [InlineData("sump_levl", "0.2 m", 1, "the deadband '0.2 m' is for the unknown channel 'sump_levl'; did you mean 'sump_level'?")]
    [InlineData("sump_level", "2 A", 1, "the deadband '2 A' is in A and 'sump_level' in m: give both in units of one kind")]
    public void A_deadband_that_cannot_be_is_an_error(string? channel, string deadband, int column, string message)
    {
        var scope = channel is null ? Station.Scope with { Deadband = deadband } : Station.Scope with { Deadbands = new Dictionary<string, string> { [channel] = deadband } };
        var error = Assert.Single(ConditionCompiler.Compile("sump_level > 2 m", scope).Errors);
        Assert.Equal(new ConditionError(column, message, deadband), error);
    }

    [Theory]
    [InlineData("sump_level > 2 m", "-0.2 m", "the deadband '-0.2 m' is below 0: the alarm would be over before it began; write how far back the value must go, such as 0.2 m")]
    [InlineData("sump_level > 2 m", "500 cm", "the deadband '500 cm' puts the end of the alarm at -3 m, and 'sump_level' begins at 0 m: it would never be over; write 2 m at most")]
    [InlineData("sump_level >= 2 m", "2 m", "the deadband '2 m' puts the end of the alarm at 0 m, and 'sump_level' begins at 0 m: it would never be over; write less than 2 m")]
    [InlineData("!(sump_level < 2 m)", "2 m", "write less than 2 m")]
    [InlineData("sump_level < 2 m || high_float", "11 m", "the deadband '11 m' puts the end of the alarm at 13 m, and 'sump_level' ends at 12 m: it would never be over; write 10 m at most")]
    [InlineData("sump_level > 2 m", "2 m", null)]
    [InlineData("sump_level > 2 m && high_float", "5 m", null)]
    [InlineData("sump_level > high_level", "5 m", null)]
    [InlineData("sump_level > 2 m", "5 % of well_depth", null)]
    [InlineData("sump_level > 400 m", "1 m", null)]
    [InlineData("sump_level > -1 m", "1 m", null)]
    public void A_deadband_lets_the_alarm_end(string text, string deadband, string? message)
    {
        var scope = Station.Scope with { Channels = [.. Station.Scope.Channels.Select(channel => channel.Name == "sump_level" ? channel with { PlausibleMin = 0, PlausibleMax = 12 } : channel)] };
        var errors = ConditionCompiler.Compile(text, scope with { Deadband = deadband }).Errors;
        if (message is null)
            Assert.Empty(errors);
        else
            Assert.Contains(message, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LimitSide.Above, 2.2, false, Truth.False)]
    [InlineData(LimitSide.AtOrAbove, 2.2, false, Truth.True)]
    [InlineData(LimitSide.Below, 2.1, false, Truth.True)]
    [InlineData(LimitSide.AtOrBelow, 2.2, false, Truth.True)]
    [InlineData(LimitSide.Above, 2.05, true, Truth.True)]
    [InlineData(LimitSide.Below, 2.35, true, Truth.True)]
    public void A_ladders_rung_is_its_subject_beyond_its_limit(LimitSide side, double level, bool holding, Truth expected)
    {
        var result = ConditionCompiler.CompileLimit("sump_level", side, "high_level", Station.Scope with { Deadband = "0.2 m" });
        Assert.Empty(result.Errors);
        Assert.Equal(expected, result.Condition!.Evaluate(new Station { Holding = holding }.With("sump_level", level).WithSetting("high_level", 2.2)));
    }

    [Fact]
    public void A_ladders_mistake_stands_in_the_text_that_holds_it()
    {
        Assert.Equal(
            new ConditionError(1, "unknown setting 'high_levle'; did you mean 'high_level'?", "high_levle"),
            Assert.Single(ConditionCompiler.CompileLimit("sump_level", LimitSide.Above, "high_levle", Station.Scope).Errors));
        Assert.Equal(
            new ConditionError(1, "'20 A' is in A and 'sump_level' in m: give both in units of one kind", "20 A"),
            Assert.Single(ConditionCompiler.CompileLimit("sump_level", LimitSide.Above, "20 A", Station.Scope).Errors));
    }
}
