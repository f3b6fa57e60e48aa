using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class ExplanationTests
{
    [Fact]
    public void The_first_comparison_that_holds_gives_value_and_limit()
    {
        var condition = Station.Compile("power_supply == lost || tilt_angle - installed_tilt > 15 deg || high_level < sump_level");
        var station = new Station().With("power_supply", 0).With("tilt_angle", 10).WithSetting("installed_tilt", 2).With("sump_level", 3).WithSetting("high_level", 2.2);
        Assert.Equal(("sump_level", 3, 2.2), Shown(condition.Explain(station)));
        station.With("tilt_angle", 20);
        Assert.Equal(("tilt_angle", 18, 15), Shown(condition.Explain(station)));
        station.With("power_supply", 2);
        Assert.Equal(("power_supply", 2, 2), Shown(condition.Explain(station)));
    }

    [Fact]
    public void Figures_come_in_the_channels_unit()
    {
        var condition = Station.Compile("wet && sump_level > 80 % of well_depth");
        Assert.Equal(["sump_level > 1.8 m", "sump_level > 80 % of well_depth"], condition.Comparisons.Select(comparison => comparison.Text));
        var station = new Station().With("sump_level", 1.7).WithSetting("well_depth", 200);
        Assert.Equal(("sump_level", 1.7, 1.6), Shown(condition.Explain(station)));
    }

    [Fact]
    public void Within_any_it_names_the_instance()
    {
        var condition = Station.Compile("any(motor_current < 5 A)");
        var station = new Station { Instance = 9 }.WithInstances(1, 3).With("motor_current", 8, 1).With("motor_current", 2, 3);
        var explanation = condition.Explain(station);
        Assert.Equal(("motor_current", 2, 5), Shown(explanation));
        Assert.Equal(3, explanation!.Value.Instance);
        Assert.Equal(9, station.Instance);
    }

    [Fact]
    public void Under_a_negation_the_comparison_that_fails_is_the_reason()
    {
        var condition = Station.Compile("!(sump_level < 2 m)");
        Assert.Equal(("sump_level", 3, 2), Shown(condition.Explain(new Station().With("sump_level", 3))));
    }

    [Fact]
    public void Nothing_is_explained_where_nothing_compares_or_holds()
    {
        Assert.Null(Station.Compile("high_float").Explain(new Station().With("high_float", 1)));
        Assert.Null(Station.Compile("sump_level > 2 m").Explain(new Station().With("sump_level", 1)));
        Assert.Null(Station.Compile("sump_level > 2 m").Explain(new Station().With("sump_level", Num.Unknown)));
    }

    [Fact]
    public void A_count_has_figures_but_no_channel()
    {
        var explanation = Station.Compile("count(pump_run) >= 2").Explain(new Station().WithInstances(1, 2).With("pump_run", 1, 1).With("pump_run", 1, 2));
        Assert.Equal(new Explanation(null, 0, Num.Of(2), Num.Of(2)), explanation);
    }

    private static (string?, double, double) Shown(Explanation? explanation) =>
        (explanation!.Value.Channel?.Name, explanation.Value.Value.Value, explanation.Value.Limit.Value);
}
