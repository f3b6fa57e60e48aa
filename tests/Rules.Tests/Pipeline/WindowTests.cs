using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Functions over time as timelines: at the limit, one reading before it, over a gap, with late readings.</summary>
public sealed class WindowTests : IDisposable
{
    private Timeline _timeline = null!;

    public void Dispose() => _timeline?.Dispose();

    private Timeline Watch(params string[] rules)
    {
        _timeline = new Timeline(Families.Watch(rules));
        return _timeline;
    }

    private void Values(double from, double to, Func<double, string> values, double every = 10)
    {
        for (var at = from; at <= to; at += every)
            _timeline.At(at).Reading("w-1", values(at), family: "watch");
    }

    private static string Level(double level) => FormattableString.Invariant($"level={level}");

    [Fact]
    public void A_rate_is_that_of_the_window_and_needs_a_quarter_of_it()
    {
        Watch("fast: rate(level, 2m) > 0.05 m/min");
        Values(0, 20, at => Level(at * 0.1 / 60));
        Assert.Empty(_timeline.Look());
        Values(30, 30, at => Level(at * 0.1 / 60));
        Assert.Equal(["00:30 w-1 fast ActiveUnacknowledged Low raised"], _timeline.Look());
        Values(40, 240, _ => Level(0.05));
        // 0.05 m in 60 s is at the limit, not above it.
        Assert.Equal(["01:00 w-1 fast ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void A_function_of_a_function_follows_the_readings()
    {
        Watch("long_fast: held(rate(level, 2m) > 0.05 m/min, 20s)");
        Values(0, 40, at => Level(at * 0.1 / 60));
        Assert.Empty(_timeline.Look());
        Values(50, 50, at => Level(at * 0.1 / 60));
        Assert.Equal(["00:50 w-1 long_fast ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void A_slow_device_has_a_rate_over_two_of_its_reports()
    {
        Watch("fast: rate(slow, 2m) > 0.05 m/min");
        _timeline.At(0).Reading("w-1", "slow=0", family: "watch").At(1800).Reading("w-1", "slow=3", family: "watch");
        Assert.Equal(["30:00 w-1 fast ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void A_rate_over_a_gap_is_unknown_and_clears_nothing()
    {
        Watch("fast: rate(level, 2m) > 0.05 m/min");
        Values(0, 60, at => Level(at * 0.1 / 60));
        Assert.Single(_timeline.Look());
        Values(600, 600, _ => Level(0));
        Assert.Empty(_timeline.Look());
        Values(610, 630, _ => Level(0));
        Assert.Equal(["10:30 w-1 fast ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void A_value_climbs_against_its_lowest_within_the_window()
    {
        Watch("jumps: increase(level, 30s) > 0.5 m");
        Values(0, 30, _ => Level(1));
        Values(40, 40, _ => Level(1.5));
        Assert.Empty(_timeline.Look());
        Values(50, 50, _ => Level(1.51));
        Assert.Equal(["00:50 w-1 jumps ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void A_counter_that_is_exchanged_counts_nothing_for_that_step()
    {
        Watch("busy: increase(starts, 1h) > 6");
        Values(0, 3000, at => FormattableString.Invariant($"starts={100 + (at / 600)}"), 600);
        Values(3600, 3600, _ => "starts=2");
        Assert.Empty(_timeline.Look());
        Values(4200, 4200, _ => "starts=5");
        Assert.Equal(["10:00 w-1 busy ActiveUnacknowledged Low raised"], _timeline.Look().Select(line => line.Replace("01:10:00", "10:00", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_mean_is_weighted_by_time_and_waits_for_half_its_window()
    {
        Watch("high: mean(level, 3m) > 2 m");
        Values(0, 80, _ => Level(9));
        Assert.Empty(_timeline.Look());
        Values(90, 90, _ => Level(9));
        Assert.Equal(["01:30 w-1 high ActiveUnacknowledged Low raised"], _timeline.Look());
        // 9 m stood until 100 s; 40 s of it in a window of 180 s are 2 m.
        Values(100, 240, _ => Level(0));
        Assert.Equal(["04:00 w-1 high ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void A_late_reading_takes_its_place_in_the_window()
    {
        Watch("high: mean(level, 3m) > 2 m");
        Values(0, 180, _ => Level(1));
        _timeline.At(185).Reading("w-1", "level=60", eventTime: 95, family: "watch");
        Assert.Empty(_timeline.Look());
        Values(190, 190, _ => Level(1));
        Assert.Equal(["03:10 w-1 high ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void What_has_held_long_enough_is_told_at_its_moment_without_a_reading()
    {
        Watch("long: held(flag, 35s)");
        _timeline.At(0).Reading("w-1", "flag=true", family: "watch").At(20).Reading("w-1", "flag=true", family: "watch");
        _timeline.TicksTo(34);
        Assert.Empty(_timeline.Look());
        _timeline.TicksTo(36);
        Assert.Equal(["00:35 w-1 long ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void A_gap_begins_the_holding_anew()
    {
        Watch("long: held(flag, 35s)");
        _timeline.At(0).Reading("w-1", "flag=true", family: "watch").TicksTo(100).Reading("w-1", "flag=true", family: "watch").TicksTo(124);
        _timeline.Reading("w-1", "flag=true", family: "watch").TicksTo(134);
        Assert.Empty(_timeline.Look());
        _timeline.TicksTo(136);
        Assert.Equal(["02:15 w-1 long ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void A_change_is_one_for_its_span_and_the_first_sight_is_none()
    {
        Watch("moved: changed(mode, 60s)");
        _timeline.At(0).Reading("w-1", "mode=auto", family: "watch").TicksTo(10);
        Assert.Empty(_timeline.Look());
        _timeline.Reading("w-1", "mode=manual", family: "watch").TicksTo(80);
        Assert.Equal(["00:10 w-1 moved ActiveUnacknowledged Low raised", "01:10 w-1 moved ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void What_is_reported_without_a_change_is_stuck_and_what_is_not_reported_is_not()
    {
        Watch("frozen: stuck(level, 60s)");
        Values(0, 50, _ => Level(1.234));
        Assert.Empty(_timeline.Look());
        Values(60, 60, _ => Level(1.234));
        Assert.Equal(["01:00 w-1 frozen ActiveUnacknowledged Low raised"], _timeline.Look());
        Values(70, 70, _ => Level(1.235));
        Assert.Equal(["01:10 w-1 frozen ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void Times_counts_beginnings()
    {
        Watch("often: times(flag, 10m) >= 3");
        Values(0, 30, at => at % 20 == 0 ? "flag=true" : "flag=false");
        Assert.Empty(_timeline.Look());
        Values(40, 50, at => at % 20 == 0 ? "flag=true" : "flag=true");
        Assert.Equal(["00:40 w-1 often ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void A_direction_is_more_than_the_noise_of_the_channel()
    {
        Watch("down: falling(noisy, 60s)", "up: rising(noisy, 60s)");
        Values(0, 60, at => FormattableString.Invariant($"noisy={1 + (at % 20 / 1000)}"));
        Assert.Empty(_timeline.Look());
        Values(70, 80, _ => "noisy=0.9");
        Assert.Equal(["01:10 w-1 down ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void What_was_last_heard_counts_however_old_it_is()
    {
        Watch("was: flag && last(level) > 2 m");
        _timeline.At(0).Reading("w-1", "level=3", family: "watch").At(1000).Reading("w-1", "flag=true", family: "watch");
        Assert.Equal(["16:40 w-1 was ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void An_answer_is_newer_than_the_alarm_only_after_the_moment_that_raised_it()
    {
        Watch("high: level > 2 m", "unanswered: alarm(high) && !newer(mode, high)");
        _timeline.At(0).Reading("w-1", "level=3 mode=auto", family: "watch");
        Assert.Equal(["00:00 w-1 high ActiveUnacknowledged Low raised", "00:00 w-1 unanswered ActiveUnacknowledged Low raised"], _timeline.Look());
        _timeline.At(30).Reading("w-1", "mode=auto", family: "watch");
        Assert.Equal(["00:30 w-1 unanswered ClearedUnacknowledged Low cleared"], _timeline.Look());
    }

    [Fact]
    public void A_command_is_newer_only_by_its_change()
    {
        Watch("refused: mode != wish && newer(mode, wish)");
        _timeline.At(0).Reading("w-1", "mode=auto wish=auto", family: "watch");
        _timeline.At(10).Reading("w-1", "mode=auto wish=manual", family: "watch");
        Assert.Empty(_timeline.Look());
        _timeline.At(20).Reading("w-1", "mode=auto wish=manual", family: "watch");
        Assert.Equal(["00:20 w-1 refused ActiveUnacknowledged Low raised"], _timeline.Look());
    }

    [Fact]
    public void An_alarm_counts_a_while_after_it_is_over_and_a_latched_one_until_its_reset()
    {
        Watch("high: level > 2 m", "lately: alarm(high, 30s)");
        Values(0, 0, _ => Level(3));
        Values(10, 10, _ => Level(1));
        _timeline.Look();
        _timeline.TicksTo(41);
        Assert.Equal(["00:40 w-1 lately ClearedUnacknowledged Low cleared"], _timeline.Look());

        Watch("high!: level > 2 m", "standing: alarm(high)");
        Values(0, 0, _ => Level(3));
        Values(10, 20, _ => Level(1));
        Assert.DoesNotContain(_timeline.Look(), line => line.Contains("standing Cleared", StringComparison.Ordinal));
        _timeline.Act("acknowledge", "high").Act("reset", "high").At(30).Reading("w-1", "level=1", family: "watch");
        Assert.Contains("00:20 w-1 standing ClearedUnacknowledged Low cleared", _timeline.Look());
    }
}
