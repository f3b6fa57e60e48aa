using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>Test and drill: what stands then is nobody's call, until the device is live again.</summary>
public sealed class ModeTests
{
    private static Device In(string state, string id = "d", double? until = null) =>
        new() { Id = id, Family = "small", Gateway = "gw", District = "north", State = state, StateReason = "work", StateUntil = until is { } seconds ? Iso.Time(Timeline.Zero + (long)(seconds * 1000)) : null };

    [Theory]
    [InlineData("test")]
    [InlineData("drill")]
    public void In_test_and_drill_alarms_carry_the_mode_and_insist_on_nothing_until_the_device_is_live(string mode)
    {
        using var small = new SmallTimeline("plain: critical");
        small.Line.Register(In(mode));
        small.At(0, "plain").TicksTo(900);
        Assert.Equal(["00:00 plain ActiveUnacknowledged raised"], small.Look(insistence: true));
        Assert.Equal((mode, null), (small.Line.Transitions[0].Alarm.Mode, small.Line.Transitions[0].Alarm.SoundedAt));
        small.Line.Act("acknowledge").Register(In("live"));
        Assert.Equal(["15:00 plain ActiveAcknowledged acknowledged", "15:00 plain ActiveUnacknowledged live"], small.Look());
        small.TicksTo(1200);
        Assert.Equal(["20:00 plain ActiveUnacknowledged re_sounded"], small.Look(insistence: true));
    }

    [Fact]
    public void A_test_ends_by_itself_and_what_holds_then_is_told()
    {
        using var small = new SmallTimeline("plain: critical", "latch: high latched", "over: high");
        small.Line.Register(In("test", until: 60));
        small.At(0, "plain latch over").At(1, "!latch !over").Look();
        var told = small.TicksTo(59).Resumed(rest => rest.TicksTo(60));
        Assert.Equal(
            ["01:00 latch LatchedUnacknowledged live", "01:00 over ClearedUnacknowledged live", "01:00 plain ActiveUnacknowledged live"], small.Look());
        Assert.All(told, transition => Assert.Null(transition.Alarm.Mode));
        Assert.Equal(("live", null, null), (small.Line.Pipeline.Moment.ChangedDevices.Single().State, small.Line.Pipeline.Moment.ChangedDevices.Single().StateUntil, small.Line.Pipeline.Moment.ChangedDevices.Single().StateReason));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(9 * 3600.0)]
    public void No_mode_lasts_longer_than_a_shift_whatever_was_written(double? until)
    {
        using var small = new SmallTimeline("plain: high");
        small.Line.At(0).Register(In("drill", until: until));
        Assert.Equal(Iso.Time(Timeline.Zero + (8 * 3600 * 1000)), small.Line.Pipeline.Moment.ChangedDevices.Single().StateUntil);
    }

    [Fact]
    public void A_real_alarm_in_the_district_ends_the_drill_aloud_and_one_elsewhere_or_in_the_drill_does_not()
    {
        using var small = new SmallTimeline("plain: critical");
        small.Line.Register(In("drill", "a")).Register(In("drill", "b")).Register(In("test", "t")).Register(In("live", "real"));
        small.Line.Register(In("live", "far") with { District = "south" });
        small.At(0, "plain", "a").At(10, "plain", "far").At(15, "plain", "t");
        Assert.Equal(["drill", null, "test"], small.Line.Transitions.Select(transition => transition.Alarm.Mode));
        small.Look();
        small.At(20, "plain", "real");
        Assert.Equal(
            ["00:20 real plain ActiveUnacknowledged raised", "00:20 north drill_ended ActiveUnacknowledged raised", "00:20 north drill_ended ClearedUnacknowledged cleared", "00:20 a plain ActiveUnacknowledged live"],
            small.Line.Look().Select(line => line.Split(' ')).Select(words => $"{words[0]} {words[1]} {words[2]} {words[3]} {words[5]}"));
        Assert.Equal(["a", "b"], small.Line.Pipeline.Moment.ChangedDevices.Select(device => device.Id));
        Assert.Equal("plain at real is real; 2 devices are live again", small.Line.Transitions[^2].Alarm.Detail);
    }

    [Fact]
    public void A_real_alarm_that_grows_worse_ends_the_drill_too()
    {
        using var small = new SmallTimeline("base: high", "lift: critical lifts=base");
        small.At(0, "base", "real");
        small.Line.Register(In("live", "real")).Register(In("drill", "a"));
        small.Look();
        small.At(20, "lift", "real");
        Assert.Contains(small.Line.Transitions, transition => transition.Cause == "escalated" && transition.Alarm.Device == "real");
        Assert.Equal(["a"], small.Line.Pipeline.Moment.ChangedDevices.Select(device => device.Id));
    }

    [Fact]
    public void A_real_alarm_ends_an_exercise_as_a_whole_and_no_other_one()
    {
        using var small = new SmallTimeline("plain: critical");
        foreach (var (id, district, state, exercise) in ((string, string, string, string?)[])[
            ("a", "north", "drill", "storm"), ("b", "south", "drill", "storm"), ("c", "south", "drill", "flood"), ("e", "south", "drill", null), ("t", "north", "test", "works"), ("real", "north", "live", null)])
        {
            small.Line.Register(In(state, id) with { District = district, Exercise = exercise });
        }
        small.At(0, "plain", "b").Look();
        var told = small.Resumed(rest => rest.At(20, "plain", "real"));
        Assert.Equal(["a", "b"], small.Line.Pipeline.Moment.ChangedDevices.Select(device => device.Id));
        Assert.All(small.Line.Pipeline.Moment.ChangedDevices, device => Assert.Equal(("live", null, null), (device.State, device.Exercise, device.StateUntil)));
        Assert.Equal("storm is over: plain at real is real; 2 devices are live again", told.First(transition => transition.Alarm.Rule == "drill_ended").Alarm.Detail);
        // What stood in the drill elsewhere is real now, too.
        Assert.Contains(told, transition => transition.Alarm.Device == "b" && transition is { Cause: "live", To: Rules.Alarms.AlarmState.ActiveUnacknowledged });
        Assert.Equal(["c", "e", "t"], small.Line.Pipeline.Fleet.Devices.Where(device => device.Device.State != "live").Select(device => device.Device.Id).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("commissioning")]
    [InlineData("test")]
    [InlineData("drill")]
    public void An_exercise_ends_for_all_at_one_time_and_commissioning_does_so_in_an_exercise_alone(string mode)
    {
        using var small = new SmallTimeline("plain: critical");
        small.Line.Register(In(mode, "a", until: 60) with { Exercise = "works" }).Register(In(mode, "b", until: 60) with { Exercise = "works" }).Register(In("commissioning", "c", until: 60));
        small.TicksTo(59);
        var told = small.Resumed(rest => rest.TicksTo(60));
        Assert.Empty(told);
        Assert.Equal(["live a", "live b", "commissioning c"], small.Line.Pipeline.Fleet.Devices.Select(device => $"{device.Device.State} {device.Device.Id}"));
        // What holds then is raised as anywhere else.
        small.At(61, "plain", "a").At(61, "plain", "c");
        Assert.Equal([("a", (string?)null)], small.Line.Transitions.Select(transition => (transition.Alarm.Device, transition.Alarm.Mode)));
    }

    [Theory]
    [InlineData("drill", "drill", "drill")]
    [InlineData("drill", "commissioning", "drill")]
    [InlineData("test", "commissioning", "test")]
    [InlineData("commissioning", "commissioning", "test")]
    [InlineData("drill", "live", null)]
    [InlineData("commissioning", "provisional", null)]
    public void A_gateway_that_carries_nothing_live_takes_part_in_the_drill(string first, string second, string? mode)
    {
        using var small = new SmallTimeline("plain: critical");
        small.Line.Register(In(first, "a")).Register(In(second, "b"));
        small.At(0, "plain", "a").Look();
        small.Line.Add(new GatewayEntry("gw", false, "status"));
        small.TicksTo(12);

        var alarm = small.Line.Transitions[^1].Alarm;
        Assert.Equal(("gw", "offline", mode, mode is null), (alarm.Device, alarm.Rule, alarm.Mode, alarm.SoundedAt is not null));
    }

    [Fact]
    public void An_outage_that_was_a_drills_is_told_when_a_device_behind_it_is_live()
    {
        using var small = new SmallTimeline("plain: critical");
        small.Line.Register(In("drill", "a", until: 60)).Register(In("commissioning", "b"));
        small.At(0, "plain", "b").Look();
        small.Line.Add(new GatewayEntry("gw", false, "status"));
        small.TicksTo(59).Look();
        var told = small.Resumed(rest => rest.TicksTo(61));

        Assert.Equal(["01:00 offline ActiveUnacknowledged live"], small.Look());
        Assert.Equal(("gw", null), (told[^1].Alarm.Device, told[^1].Alarm.Mode));
        small.Line.Register(In("commissioning", "a"));
        Assert.Empty(small.Look());
    }
}
