using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Values beyond what a channel can have done (<c>max_rate</c>), as timelines: 2 m/min here, so 0.33 m within ten seconds.</summary>
public sealed class JumpTests : IDisposable
{
    private Timeline _timeline = null!;

    public void Dispose() => _timeline?.Dispose();

    private Timeline Pump(string family = Families.Pump)
    {
        _timeline = new Timeline(Families.WithMaxRate(family, "2 m/min"));
        return _timeline;
    }

    private Timeline Watch(params string[] rules)
    {
        _timeline = new Timeline(Families.WithMaxRate(Families.Watch(rules), "2 m/min"));
        return _timeline;
    }

    private Timeline Level(double at, double level, double? received = null) =>
        _timeline.At(received ?? at).Reading("w-1", FormattableString.Invariant($"level={level}"), at, family: "watch");

    [Fact]
    public void A_single_spike_raises_nothing_and_stands_in_no_window()
    {
        Watch("high: level > 2 m", "fast: rate(level, 60s) > 0.5 m/min", "peak: highest(level, 10m) > 2 m", "moved: increase(level, 30s) > 0.5 m");
        for (var at = 0; at <= 60; at += 5)
            Level(at, at == 30 ? 9 : 1).TicksTo(at + 4);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void A_second_value_beside_it_lets_it_count_from_its_own_time()
    {
        Watch("high: level > 2 m", "peak: highest(level, 10m) > 2 m");
        Level(0, 1);
        Level(5, 3).TicksTo(9);
        Assert.Empty(_timeline.Look());
        Level(10, 3.1);
        Assert.Equal(["00:05 w-1 high ActiveUnacknowledged Low raised", "00:05 w-1 peak ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void Without_another_value_it_counts_after_ten_seconds()
    {
        Watch("high: level > 2 m");
        Level(0, 1);
        Level(5, 3).TicksTo(15);
        Assert.Empty(_timeline.Look());
        _timeline.TicksTo(16);
        Assert.Equal(["00:05 w-1 high ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void A_value_at_the_very_end_of_the_wait_still_decides()
    {
        Watch("high: level > 2 m");
        Level(0, 1);
        Level(10, 3).TicksTo(20);
        Level(20, 1).TicksTo(40);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void The_wait_is_part_of_the_delay()
    {
        // 3.5 m is above the upper rung, whose delay is ten seconds: as the wait.
        Pump().At(0).Reading("ps-1", "level=1").At(5).Reading("ps-1", "level=3.5").TicksTo(16);
        Assert.Equal(["00:15 ps-1 level_high ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void It_clears_nothing_before_it_counts()
    {
        Watch("high: level > 2 m");
        Level(0, 3);
        Assert.Single(_timeline.Look());
        Level(5, 0);
        Level(10, 3).TicksTo(20);
        Level(20, 0).TicksTo(29);
        Assert.Empty(_timeline.Look());
        Level(30, 0);
        Assert.Equal(["00:20 w-1 high ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void Above_the_plausible_range_it_waits_as_long_and_raises()
    {
        Pump().At(0).Reading("ps-1", "level=1").At(5).Reading("ps-1", "level=15").TicksTo(16);
        Assert.Equal(["00:15 ps-1 level_high ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_flood_as_fast_as_Zhengzhou_waits_for_nothing()
    {
        Watch("high: level > 0.25 m");
        for (var at = 0; at <= 120; at += 10)
            Level(at, at * 0.14 / 60).TicksTo(at + 9);
        Assert.Equal(["01:50 w-1 high ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void What_agrees_with_neither_is_no_single_spike()
    {
        Watch("high: level > 2 m");
        Level(0, 1);
        Level(5, 9);
        Level(10, 5);
        Assert.Equal(["00:05 w-1 high ActiveUnacknowledged Low raised"], _timeline.Look());
        // The second one is a jump in turn.
        Level(15, 9).TicksTo(30);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void A_bad_value_behind_it_lets_it_count()
    {
        Watch("high: level > 2 m");
        Level(0, 1);
        Level(5, 9);
        _timeline.At(8).Reading("w-1", "level=0!bad", family: "watch").TicksTo(60);
        Assert.Equal(["00:05 w-1 high ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void After_a_gap_or_a_bad_value_nothing_is_a_jump()
    {
        Watch("high: level > 2 m");
        Level(0, 1);
        Level(26, 3);
        Assert.Single(_timeline.Look());
        Level(36, 3).At(46).Reading("w-1", "level=0!bad", family: "watch");
        Level(56, 0);
        Assert.Equal(["00:56 w-1 high ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void What_another_channel_said_meanwhile_is_not_judged_from_before_it()
    {
        Watch("both: level > 2 m && flag");
        Level(0, 1).At(0).Reading("w-1", "flag=false", family: "watch");
        Level(5, 3).At(8).Reading("w-1", "flag=true", family: "watch").TicksTo(16);
        Assert.Equal(["00:08 w-1 both ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void What_was_told_while_it_waited_was_told()
    {
        // The old value's delay is over at 00:30, before the fall counts: raised, and over from then on, not before.
        Pump().At(0).Reading("ps-1", "level=2.4");
        for (var at = 10; at <= 20; at += 10)
            _timeline.At(at).Reading("ps-1", "level=2.4").TicksTo(at + 9);
        _timeline.At(25).Reading("ps-1", "level=0.5").TicksTo(34).At(34).Reading("ps-1", "level=0.5");
        Assert.Equal(["00:30 ps-1 level_high ActiveUnacknowledged High raised"], _timeline.Look());
        for (var at = 40; at <= 160; at += 10)
            _timeline.At(at).Reading("ps-1", "level=0.5").TicksTo(at + 9);
        Assert.Equal(["02:30 ps-1 level_high ClearedUnacknowledged High cleared"], _timeline.Look());
    }

    [Fact]
    public void What_changes_by_itself_counts_from_its_time_too()
    {
        Watch("long: held(level > 2 m, 8s)", "moved: changed(flag, 5s)");
        Level(0, 1);
        Level(5, 3).TicksTo(15);
        Assert.Empty(_timeline.Look());
        _timeline.TicksTo(16);
        Assert.Equal(["00:13 w-1 long ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void A_value_that_comes_late_and_goes_back_takes_the_alarm_back()
    {
        Watch("high: level > 2 m");
        Level(0, 1);
        Level(5, 9).TicksTo(17);
        Assert.Equal(["00:05 w-1 high ActiveUnacknowledged Low raised"], _timeline.Look());
        Level(10, 1, received: 17).TicksTo(18);
        Assert.Equal(["00:05 w-1 high ClearedUnacknowledged Low amended_by_late_data"], _timeline.Look());
        Assert.NotNull(_timeline.Transitions[^1].Alarm.RetractedAt);
    }

    [Fact]
    public void Those_who_link_the_device_see_what_it_sent()
    {
        Pump(Families.PumpOverTime).Register(new Device { Id = "ps-1", Family = "pump", Gateway = "gw", Links = new Dictionary<string, string> { ["other"] = "ps-2" } });
        _timeline.At(0).Reading("ps-2", "level=1").Reading("ps-1", "temperature=20").At(5).Reading("ps-2", "level=3");
        Assert.Equal(["00:05 ps-1 linked ActiveUnacknowledged Low raised"], _timeline.Look().Where(line => line.Contains("linked", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_change_of_the_rules_ends_the_wait()
    {
        Watch("high: level > 2 m");
        Level(0, 1);
        Level(5, 3);
        var text = Families.Watch("high: level > 2.5 m");
        _timeline.At(7).Add(new FamilyEntry("watch", text, Telemetry.Rules.Families.FamilyReader.HashOf(text)));
        Assert.Equal(["00:07 w-1 high ActiveUnacknowledged Low raised"], _timeline.Look());
    }
}
