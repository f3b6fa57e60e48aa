namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>What an alarm says beside its title: a figure that can't be told leaves the whole sentence out.</summary>
public sealed class SayTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump.ReplaceLineEndings("\n").Replace(
        "    deadband: 0.2 m\n", "    deadband: 0.2 m\n    say: \"overflow in {(high + 0.6 m - level) / rate(level, 60s)}\"\n", StringComparison.Ordinal));

    public void Dispose() => _timeline.Dispose();

    private string? Said(params double[] levels)
    {
        for (var i = 0; i < levels.Length; i++)
            _timeline.At(i * 10).Reading("ps-1", FormattableString.Invariant($"level={levels[i]}"));
        return _timeline.Transitions.Single(transition => transition.Cause == "raised").Alarm.Detail;
    }

    [Fact]
    public void A_rising_level_says_how_long_is_left() => Assert.Equal("overflow in 53 s", Said(2.22, 2.31, 2.38, 2.45));

    [Fact]
    public void A_falling_level_says_nothing() => Assert.Null(Said(2.5, 2.4, 2.3, 2.25));

    [Fact]
    public void A_level_that_stands_says_nothing() => Assert.Null(Said(2.3, 2.3, 2.3, 2.3));
}
