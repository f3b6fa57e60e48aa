using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class TruthTests
{
    // F, T, U and A in the order of Truth; columns are the right side.
    [Theory]
    [InlineData("&&", Truth.False, "FFFF")]
    [InlineData("&&", Truth.True, "FTUA")]
    [InlineData("&&", Truth.Unknown, "FUUA")]
    [InlineData("&&", Truth.Absent, "FAAA")]
    [InlineData("||", Truth.False, "FTUF")]
    [InlineData("||", Truth.True, "TTTT")]
    [InlineData("||", Truth.Unknown, "UTUU")]
    [InlineData("||", Truth.Absent, "FTUA")]
    [InlineData("==", Truth.False, "TFUA")]
    [InlineData("==", Truth.Unknown, "UUUA")]
    [InlineData("!=", Truth.True, "TFUA")]
    [InlineData("!=", Truth.Absent, "AAAA")]
    public void Conditions_combine_in_four_values(string symbol, Truth left, string expected)
    {
        var results = Enum.GetValues<Truth>().Select(right => Flags(left, right).Evaluate($"high_float {symbol} call_point"));
        Assert.Equal(expected, string.Concat(results.Select(truth => truth.ToString()[0])));
    }

    [Theory]
    [InlineData(Truth.False, Truth.True)]
    [InlineData(Truth.True, Truth.False)]
    [InlineData(Truth.Unknown, Truth.Unknown)]
    [InlineData(Truth.Absent, Truth.Absent)]
    public void Negation_leaves_what_is_not_known(Truth value, Truth expected) => Assert.Equal(expected, Flags(value, value).Evaluate("!high_float"));

    /// <summary>A rule that is read aloud has words for the signs.</summary>
    [Theory]
    [InlineData("power_supply is lost", "power_supply == lost")]
    [InlineData("power_supply is not mains", "power_supply != mains")]
    [InlineData("power_supply  is\n not mains", "power_supply != mains")]
    [InlineData("not high_float and not (power_supply is mains or call_point)", "!high_float && !(power_supply == mains || call_point)")]
    public void Words_mean_what_the_signs_mean(string words, string signs)
    {
        foreach (var supply in (double[])[0, 1, 2])
        {
            var station = new Station().With("power_supply", Num.Of(supply)).With("high_float", Num.Of(0)).With("call_point", Num.Of(0));
            Assert.Equal(station.Evaluate(signs), station.Evaluate(words));
        }
    }

    [Theory]
    [InlineData(NumState.Known, Truth.False)]
    [InlineData(NumState.Over, Truth.False)]
    [InlineData(NumState.Unknown, Truth.True)]
    [InlineData(NumState.Absent, Truth.True)]
    public void Unknown_asks_whether_there_is_a_value(NumState state, Truth expected) =>
        Assert.Equal(expected, new Station().With("sump_level", new Num(1, state)).Evaluate("unknown(sump_level)"));

    [Theory]
    [InlineData(NumState.Unknown, NumState.Known, Truth.Unknown)]
    [InlineData(NumState.Absent, NumState.Known, Truth.Absent)]
    [InlineData(NumState.Absent, NumState.Unknown, Truth.Absent)]
    [InlineData(NumState.Unknown, NumState.Absent, Truth.Absent)]
    public void A_comparison_lacks_what_its_sides_lack(NumState left, NumState right, Truth expected)
    {
        var station = new Station().With("sump_level", new Num(1, left)).With("rainfall", new Num(1, right));
        Assert.Equal(expected, station.Evaluate("sump_level > rainfall"));
        Assert.Equal(expected, station.Evaluate("sump_level == rainfall"));
        Assert.Equal(expected, station.Evaluate("sump_level + rainfall < 3 m"));
    }

    [Fact]
    public void A_missing_setting_is_unknown() => Assert.Equal(Truth.Unknown, new Station().With("sump_level", 9).Evaluate("sump_level > high_level"));

    [Theory]
    [InlineData("true || true && false", Truth.True)]
    [InlineData("(true || true) && false", Truth.False)]
    [InlineData("not true or true", Truth.True)]
    [InlineData("!false && false", Truth.False)]
    [InlineData("not 1 == 2", Truth.True)]
    [InlineData("true and not false", Truth.True)]
    [InlineData("1 + 2 * 3 == 7", Truth.True)]
    [InlineData("(1 + 2) * 3 == 9", Truth.True)]
    [InlineData("10 - 4 - 3 == 3", Truth.True)]
    [InlineData("16 / 4 / 2 == 2", Truth.True)]
    [InlineData("-2 * 3 == -6", Truth.True)]
    [InlineData("2 - -3 == 5", Truth.True)]
    [InlineData("1 + 1 > 1 && 2 >= 2 && 1 < 2 && 2 <= 2 && 1 != 2", Truth.True)]
    [InlineData("20 % of 5 m - 0.5 m == 0.5 m", Truth.True)]
    [InlineData("abs(-3) == 3 && min(3, 1, 2) == 1 && max(3, 1, 2) == 3", Truth.True)]
    [InlineData("1 / 0 > 1", Truth.Unknown)]
    public void Operators_bind_as_they_read(string text, Truth expected) => Assert.Equal(expected, new Station().Evaluate(text));

    [Theory]
    [InlineData("power_supply == lost", 2, Truth.True)]
    [InlineData("lost == power_supply", 2, Truth.True)]
    [InlineData("power_supply == lost", 0, Truth.False)]
    [InlineData("power_supply != mains", 1, Truth.True)]
    public void States_compare_by_name(string text, double state, Truth expected) => Assert.Equal(expected, new Station().With("power_supply", state).Evaluate(text));

    [Theory]
    [InlineData(0, 2, Truth.True)]
    [InlineData(1, 1, Truth.True)]
    [InlineData(2, 2, Truth.False)]
    [InlineData(1, 3, Truth.False)]
    public void States_of_two_channels_compare_by_name_not_by_index(double command, double state, Truth same)
    {
        var station = new Station().WithInstances(1).With("fan_command", command, 1).With("fan_state", state, 1);
        Assert.Equal(same, station.Evaluate("any(fan_command == fan_state)"));
        Assert.Equal(same == Truth.True ? Truth.False : Truth.True, station.Evaluate("any(fan_state != fan_command)"));
    }

    [Fact]
    public void Settings_are_numbers_choices_or_conditions()
    {
        var station = new Station().WithSetting("road_class", 1).WithSetting("black_spot", 1).WithSetting("high_level", 2);
        Assert.Equal(Truth.True, station.Evaluate("road_class == verge && black_spot && high_level == 200 cm"));
    }

    private static Station Flags(Truth left, Truth right) => new Station().With("high_float", AsNum(left)).With("call_point", AsNum(right));

    private static Num AsNum(Truth truth) => truth switch
    {
        Truth.False => Num.Of(0),
        Truth.True => Num.Of(1),
        Truth.Unknown => Num.Unknown,
        _ => Num.Absent,
    };
}
