using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.OperatorPage.Charts;

namespace Telemetry.Ingest.Tests.Console.Charts;

/// <summary>Where values and moments lie on a chart.</summary>
public sealed class ScalesTests
{
    private const long Hour = 3_600_000;

    [Fact]
    public void A_scale_holds_its_values_with_room_and_what_is_never_negative_begins_at_nought() =>
        Gen.Double[-1e6, 1e6].Array[1, 50].Repeatably().Sample(values =>
        {
            var scale = ValueScale.Of(values);
            Assert.All(values, value => Assert.InRange(scale.Y(value), 0, Plot.Size));
            Assert.True(scale.Max > scale.Min);
            if (values.All(value => value >= 0))
                Assert.True(scale.Min >= 0);
        });

    [Fact]
    public void Its_ticks_are_few_round_ascending_and_inside() =>
        Gen.Select(Gen.Double[-1e6, 1e6], Gen.Double[1e-6, 1e6]).Repeatably().Sample((min, span) =>
        {
            var scale = new ValueScale(min, min + span);
            var ticks = scale.Ticks(5);
            Assert.InRange(ticks.Count, 1, 6);
            Assert.Equal(ticks.Order(), ticks);
            Assert.All(ticks, tick => Assert.InRange(tick, scale.Min - (span * 1e-6), scale.Max + (span * 1e-6)));
        });

    [Theory]
    [InlineData(0, 1, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(0.3, 2.95, "1 2")]
    [InlineData(-40, 85, "0 50")]
    public void Ticks_are_those_that_a_person_would_choose(double min, double max, string expected) =>
        Assert.Equal(expected, string.Join(' ', new ValueScale(min, max).Ticks(expected.Split(' ').Length > 4 ? 5 : 3).Select(tick => FormattableString.Invariant($"{tick}"))));

    [Fact]
    public void No_values_and_equal_values_have_a_scale_too()
    {
        Assert.Equal(new ValueScale(0, 1), ValueScale.Of([]));
        Assert.Equal(new ValueScale(0, 1), ValueScale.Of([double.NaN, double.PositiveInfinity]));
        Assert.Equal(new ValueScale(4.5, 5.5), ValueScale.Of([5, 5]));
        Assert.Equal(new ValueScale(0, 1), ValueScale.Of([0]));
    }

    [Theory]
    [InlineData("2026-07-01 00:20", 1, "00:30 00:40 00:50 01:00 01:10")]
    [InlineData("2026-07-01 21:40", 6, "22:00 23:00 00:00 01:00 02:00 03:00")]
    [InlineData("2026-07-01 21:40", 24, "00:00 04:00 08:00 12:00 16:00 20:00")]
    public void Times_are_round_in_the_citys_zone(string from, int hours, string expected)
    {
        var begin = LocalTime.Parse(from)!.Value + 1;
        var ticks = new TimeScale(begin, begin + (hours * Hour)).Ticks(7);
        Assert.StartsWith(expected, string.Join(' ', ticks.Select(tick => LocalTime.Shown(tick, "HH:mm"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Ticks_of_a_week_are_its_midnights_and_a_share_of_the_width_is_its_moment_again()
    {
        var begin = LocalTime.Parse("2026-07-01 09:30")!.Value;
        var scale = new TimeScale(begin, begin + (7 * 24 * Hour));
        Assert.Equal(7, scale.Ticks(8).Count);
        Assert.All(scale.Ticks(8), tick => Assert.Equal("00:00", LocalTime.Shown(tick, "HH:mm")));
        Assert.Equal(begin + (3 * Hour), scale.At(scale.X(begin + (3 * Hour)) / Plot.Size));
    }
}
