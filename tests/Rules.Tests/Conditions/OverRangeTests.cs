using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Tests.Conditions;

public class OverRangeTests
{
    [Theory]
    [InlineData("sump_level > 20 m", Truth.True)]
    [InlineData("sump_level >= 20 m", Truth.True)]
    [InlineData("20 m < sump_level", Truth.True)]
    [InlineData("sump_level < 20 m", Truth.Unknown)]
    [InlineData("sump_level <= 20 m", Truth.Unknown)]
    [InlineData("sump_level == 20 m", Truth.Unknown)]
    [InlineData("sump_level != 20 m", Truth.Unknown)]
    [InlineData("sump_level + 1 m > 20 m", Truth.True)]
    [InlineData("sump_level - 1 m > 20 m", Truth.True)]
    [InlineData("20 m - sump_level > 1 m", Truth.Unknown)]
    [InlineData("-sump_level < 1 m", Truth.Unknown)]
    [InlineData("sump_level * 2 > 40 m", Truth.True)]
    [InlineData("sump_level * -2 > 40 m", Truth.Unknown)]
    [InlineData("sump_level / 2 > 40 m", Truth.True)]
    [InlineData("2 / sump_level > 1 m-1", Truth.Unknown)]
    [InlineData("sump_level > sump_level", Truth.Unknown)]
    [InlineData("abs(sump_level) > 20 m", Truth.True)]
    [InlineData("max(sump_level, 1 m) > 20 m", Truth.True)]
    [InlineData("max(sump_level, high_level) > 20 m", Truth.True)]
    [InlineData("min(sump_level, 1 m) == 1 m", Truth.True)]
    public void Over_range_satisfies_every_above_and_no_below(string text, Truth expected) =>
        Assert.Equal(expected, new Station().With("sump_level", new Num(12.5, NumState.Over)).Evaluate(text));
}
