using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Delays, deadbands and holds as timelines.</summary>
public sealed class DelayTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump);

    public void Dispose() => _timeline.Dispose();

    private void Levels(double from, double to, double level)
    {
        for (var at = from; at <= to; at += 10)
            _timeline.At(at).Reading("ps-1", FormattableString.Invariant($"level={level}"));
    }

    [Fact]
    public void A_rung_raises_after_its_delay_at_event_time_and_clears_after_its_own()
    {
        Levels(0, 60, 2.3);
        Assert.Equal(["00:30 ps-1 level_high ActiveUnacknowledged High raised"], _timeline.Look());
        Levels(70, 200, 1.0);
        Assert.Equal(["03:10 ps-1 level_high ClearedUnacknowledged High cleared"], _timeline.Look());
    }

    [Fact]
    public void A_later_reading_and_a_tick_give_the_same_time()
    {
        Levels(0, 20, 2.3);
        _timeline.TicksTo(29.0);
        Assert.Empty(_timeline.Look());
        _timeline.At(30).Tick();
        Assert.Equal(["00:30 ps-1 level_high ActiveUnacknowledged High raised"], _timeline.Look());
    }

    [Fact]
    public void One_millisecond_before_the_delay_nothing_has_matured()
    {
        Levels(0, 20, 2.3);
        _timeline.At(29.999).Reading("ps-1", "level=2.3");
        Assert.Empty(_timeline.Look());
        _timeline.At(30).Reading("ps-1", "level=1");
        Assert.Equal(["00:30 ps-1 level_high ActiveUnacknowledged High raised"], _timeline.Look());
    }

    [Fact]
    public void The_limit_itself_is_not_above_it()
    {
        Levels(0, 60, 2.2);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void Inside_the_deadband_it_stands_and_at_its_edge_it_begins_to_clear()
    {
        Levels(0, 40, 2.3);
        Levels(50, 400, 2.01);
        Assert.Single(_timeline.Look());
        Levels(410, 530, 2.0);
        Assert.Equal(["08:50 ps-1 level_high ClearedUnacknowledged High cleared"], _timeline.Look());
    }

    [Fact]
    public void Crossing_again_inside_the_off_delay_is_the_same_occurrence_and_keeps_its_acknowledgement()
    {
        Levels(0, 40, 2.3);
        _timeline.Act("acknowledge");
        Levels(50, 160, 1.0);
        Levels(160, 300, 2.3);
        Assert.Equal(
            ["00:30 ps-1 level_high ActiveUnacknowledged High raised", "00:40 ps-1 level_high ActiveAcknowledged High acknowledged"],
            _timeline.Look());
    }

    [Fact]
    public void Climbing_annunciates_again_and_descending_does_not()
    {
        Levels(0, 40, 2.3);
        _timeline.Act("acknowledge");
        Levels(50, 70, 3.0);
        Assert.Equal("01:00 ps-1 level_high ActiveUnacknowledged Critical climbed", _timeline.Look()[^1]);
        _timeline.Act("acknowledge");
        Levels(80, 210, 2.3);
        Assert.Equal("03:20 ps-1 level_high ActiveAcknowledged High descended", _timeline.Look()[^1]);
    }

    [Fact]
    public void A_jump_over_rungs_is_one_transition_each_way()
    {
        Levels(0, 60, 3.5);
        Levels(70, 300, 0.5);
        Assert.Equal(
            ["00:10 ps-1 level_high ActiveUnacknowledged Critical raised", "03:10 ps-1 level_high ClearedUnacknowledged Critical cleared"],
            _timeline.Look());
    }

    [Fact]
    public void A_gap_longer_than_the_hold_neither_matures_nor_clears_ThingsBoard_14210()
    {
        _timeline.At(0).Reading("ps-1", "level=2.3");
        // The hold is 25 s; the delay of 30 s lies beyond it.
        _timeline.TicksTo(120);
        _timeline.At(120).Reading("ps-1", "level=2.3").At(140).Reading("ps-1", "level=2.3");
        Assert.DoesNotContain(_timeline.Look(), line => line.Contains("level_high", StringComparison.Ordinal));
        _timeline.At(150).Reading("ps-1", "level=2.3");
        Assert.Contains("02:30 ps-1 level_high ActiveUnacknowledged High raised", _timeline.Look());
        _timeline.At(160).Reading("ps-1", "level=1").TicksTo(400);
        Assert.DoesNotContain(_timeline.Look(), line => line.Contains("cleared", StringComparison.Ordinal) && line.Contains("level_high", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cover_that_says_open_once_matures_by_ticks_alone()
    {
        _timeline.At(0).Reading("ps-1", "cover=open").TicksTo(12);
        Assert.Equal(["00:10 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_late_reading_that_is_the_newest_raises_with_its_own_time()
    {
        _timeline.At(0).Tick().TicksTo(600).Reading("ps-1", "cover=open", eventTime: 100);
        Assert.Equal(["01:50 ps-1 cover_open ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_reading_older_than_the_newest_is_not_the_present()
    {
        _timeline.At(100).Reading("ps-1", "level=1");
        _timeline.At(101).Reading("ps-1", "level=2.3", eventTime: 50).TicksTo(130);
        Assert.Empty(_timeline.Look());
    }

    [Fact]
    public void Bad_and_stale_values_never_clear()
    {
        Levels(0, 40, 2.3);
        foreach (var quality in (string[])["bad", "stale"])
        {
            for (var at = 50; at < 400; at += 10)
                _timeline.At(at).Reading("ps-1", $"level=0!{quality}");
        }
        Assert.DoesNotContain(_timeline.Look(), line => line.Contains("cleared", StringComparison.Ordinal));
    }

    [Fact]
    public void Over_range_raises()
    {
        for (var at = 0; at <= 60; at += 10)
            _timeline.At(at).Reading("ps-1", "level=15!uncertain");
        Assert.Equal(["00:10 ps-1 level_high ActiveUnacknowledged Critical raised"], _timeline.Look());
    }

    [Fact]
    public void A_lost_channel_of_a_device_that_talks_is_one_alarm_listing_the_blinded_rules()
    {
        _timeline.At(0).Reading("ps-1", "level=1");
        for (var at = 10; at <= 60; at += 10)
            _timeline.At(at).Reading("ps-1", "level=0!bad");
        Assert.Equal(["00:20 ps-1 unknown ActiveUnacknowledged Medium raised"], _timeline.Look());
        Assert.Equal("level_high", _timeline.Transitions[^1].Alarm.Detail);
    }

    [Fact]
    public void A_setting_in_the_register_moves_the_limit_and_an_event_is_one_transition()
    {
        _timeline.Register(new Device { Id = "ps-1", Family = "pump", Settings = new Dictionary<string, string> { ["high"] = "400 cm" } });
        Levels(0, 60, 3.9);
        Assert.Empty(_timeline.Look());
        _timeline.At(70).Reading("ps-1", "temperature=51");
        Assert.Equal(["01:10 ps-1 hot Normal Low raised"], _timeline.Look());
        Assert.Equal(_timeline.Transitions[^1].Alarm.RaisedAt, _timeline.Transitions[^1].Alarm.ClearedAt);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(3600)]
    public void A_gateway_whose_clock_is_late_raises_and_clears_at_its_own_times(int late)
    {
        for (var at = 0; at <= 60; at += 10)
            _timeline.TicksTo(late + at).Reading("ps-1", "level=2.3", eventTime: at);
        Assert.Equal(["00:30 ps-1 level_high ActiveUnacknowledged High raised"], _timeline.Look());
        for (var at = 70; at <= 200; at += 10)
            _timeline.TicksTo(late + at).Reading("ps-1", "level=1", eventTime: at);
        Assert.Equal(["03:10 ps-1 level_high ClearedUnacknowledged High cleared"], _timeline.Look().Where(line => line.Contains("level_high", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_backlog_with_a_gap_longer_than_the_hold_begins_the_delay_anew()
    {
        _timeline.TicksTo(600).Reading("ps-1", "level=2.3", eventTime: 0).Reading("ps-1", "level=2.3", eventTime: 40);
        Assert.Empty(_timeline.Look());
        // Its hold reaches the end of the delay that began at 40 s.
        _timeline.Reading("ps-1", "level=2.3", eventTime: 60);
        Assert.Equal(["01:10 ps-1 level_high ActiveUnacknowledged High raised"], _timeline.Look());
    }
}
