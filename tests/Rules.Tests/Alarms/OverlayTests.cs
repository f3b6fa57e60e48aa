using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>Shelved, suppressed, out of service: what goes on beneath, and what is told when the overlay is taken off.</summary>
public sealed class OverlayTests
{
    [Fact]
    public void A_shelve_outlives_the_occurrence_and_the_next_one_is_recorded_beneath_it_without_a_sound()
    {
        using var small = new SmallTimeline("plain: high");
        small.At(0, "plain").At(10).Line.Act("shelve", reason: "cleaning", until: 3600);
        small.At(20, "!plain").At(30, "plain");
        Assert.Equal(
            ["00:00 plain ActiveUnacknowledged raised", "00:10 plain Shelved shelved", "00:20 plain Shelved cleared", "00:30 plain Normal recurred", "00:30 plain Shelved raised"],
            small.Look());
        var beneath = small.Line.Transitions[^1].Alarm;
        Assert.Equal((AlarmState.ActiveUnacknowledged, null, "cleaning"), (beneath.Underlying, beneath.SoundedAt, beneath.Overlay!.Reason));
        small.At(40).Line.Act("unshelve");
        Assert.Equal(["00:40 plain ActiveUnacknowledged unshelved"], small.Look());
        Assert.Equal(Timeline.Zero + 40_000, small.Line.Transitions[^1].Alarm.SoundedAt);
    }

    [Theory]
    [InlineData("", "ActiveUnacknowledged")]
    [InlineData("!plain", "Normal")]
    public void A_shelve_ends_at_its_time_by_a_tick_and_not_one_before(string meanwhile, string after)
    {
        using var small = new SmallTimeline("plain: high");
        small.At(0, "plain").Line.Act("acknowledge").Act("shelve", reason: "cleaning", until: 60.5);
        small.At(10, meanwhile).Look();
        small.TicksTo(60);
        Assert.Empty(small.Look());
        small.TicksTo(61);
        Assert.Equal([$"01:00.500 plain {after} shelve_expired"], small.Look());
    }

    [Theory]
    [InlineData("shelve", "unshelve")]
    [InlineData("suppress", "unsuppress")]
    [InlineData("out-of-service", "return-to-service")]
    public void A_latch_that_was_or_came_to_be_beneath_an_overlay_leaves_it_latched_or_active_and_never_normal(string on, string off)
    {
        foreach (var (before, meanwhile, expected) in new[] { ("!latch", "", "LatchedUnacknowledged"), ("", "!latch", "LatchedUnacknowledged"), ("!latch", "latch", "ActiveUnacknowledged"), ("", "", "ActiveUnacknowledged") })
        {
            using var small = new SmallTimeline("latch: high latched");
            small.At(0, "latch").At(10, before).Line.Act("acknowledge").Act(on, reason: "work", until: on == "out-of-service" ? null : 3600, permit: "P-1", watch: "a guard");
            Assert.Null(small.Line.Refusal);
            small.At(20, meanwhile).At(30).Line.Act(off);
            Assert.Equal(expected, small.Look()[^1].Split(' ')[2]);
        }
    }

    [Fact]
    public void A_one_shot_shelve_ends_with_the_condition()
    {
        using var small = new SmallTimeline("plain: high", "latch: high latched");
        small.At(0, "plain latch").Line.Act("shelve", "plain", reason: "noise", until: 3600, oneShot: true).Act("shelve", "latch", reason: "noise", until: 3600, oneShot: true);
        small.At(10).Look();
        small.At(10, "!plain !latch");
        Assert.Equal(["00:10 plain Normal cleared", "00:10 latch LatchedUnacknowledged cleared"], small.Look());
        small.At(20, "plain");
        Assert.Equal(["00:20 plain ActiveUnacknowledged raised"], small.Look());
    }

    [Fact]
    public void A_shelve_taken_at_one_step_ends_when_a_higher_one_is_reached_and_out_of_service_does_not()
    {
        foreach (var (action, expected) in new[] { ("shelve", "ActiveUnacknowledged"), ("out-of-service", "OutOfService") })
        {
            using var timeline = new Timeline(Pipeline.Families.Pump);
            for (var at = 0; at <= 30; at += 10)
                timeline.At(at).Reading("ps-1", "level=2.3");
            timeline.Act(action, reason: "wave", until: action == "shelve" ? 3600 : null, permit: "P-1", watch: "a guard");
            Assert.Null(timeline.Refusal);
            timeline.Look();
            for (var at = 40; at <= 60; at += 10)
                timeline.At(at).Reading("ps-1", "level=3");
            Assert.Equal([$"00:50 ps-1 level_high {expected} Critical climbed"], timeline.Look());
        }
    }

    [Fact]
    public void A_new_occurrence_that_begins_at_a_higher_step_than_the_shelve_was_taken_at_is_heard()
    {
        using var timeline = new Timeline(Pipeline.Families.Pump);
        for (var at = 0; at <= 30; at += 10)
            timeline.At(at).Reading("ps-1", "level=2.3");
        timeline.Act("acknowledge").Act("shelve", reason: "wave", until: 3600);
        for (var at = 40; at <= 200; at += 10)
            timeline.At(at).Reading("ps-1", "level=1");
        timeline.Look();
        for (var at = 210; at <= 220; at += 10)
            timeline.At(at).Reading("ps-1", "level=3");
        Assert.Equal(["03:40 ps-1 level_high Normal High recurred", "03:40 ps-1 level_high ActiveUnacknowledged Critical raised"], timeline.Look());
    }

    [Theory]
    [InlineData("sos", "high")]
    [InlineData("leak_high", "high")]
    [InlineData("close_failed", "high")]
    [InlineData("leak_past_valve", "high")]
    [InlineData("tunnel_fire", "high")]
    [InlineData("co_close", "high")]
    [InlineData("flood_close", "high")]
    [InlineData("road_flood_close", "high")]
    [InlineData("overflow", "high")]
    public void What_people_depend_on_is_never_shelved_but_goes_out_of_service_by_permit_with_a_watch(string rule, string severity)
    {
        using var small = new SmallTimeline($"{rule}: {severity}");
        small.At(0, rule).Line.Act("shelve", reason: "noise", until: 60, second: "Wang");
        Assert.Equal("never_shelved", small.Line.Refusal);
        small.Line.Act("suppress", reason: "noise", until: 60, second: "Wang");
        Assert.Equal("never_shelved", small.Line.Refusal);
        small.Line.Act("out-of-service", reason: "calibration", permit: "P-7");
        Assert.Equal("permit_missing", small.Line.Refusal);
        small.Line.Act("out-of-service", reason: "calibration", permit: "P-7", watch: "crew 3 with a meter");
        Assert.Null(small.Line.Refusal);
        Assert.Equal([$"00:00 {rule} ActiveUnacknowledged raised", $"00:00 {rule} OutOfService out_of_service"], small.Look());
    }

    [Fact]
    public void The_never_shelved_step_of_a_ladder_is_not_and_the_one_beneath_it_is()
    {
        using var timeline = new Timeline(Pipeline.Families.Pump);
        for (var at = 0; at <= 10; at += 10)
            timeline.At(at).Reading("ps-1", "level=3");
        timeline.Act("shelve", reason: "wave", until: 600, second: "Wang");
        Assert.Equal("never_shelved", timeline.Refusal);
        for (var at = 20; at <= 150; at += 10)
            timeline.At(at).Reading("ps-1", "level=2.3");
        timeline.Act("shelve", reason: "wave", until: 600);
        Assert.Null(timeline.Refusal);
    }

    [Theory]
    [InlineData("gas_valve", "co_high", true)]
    [InlineData("tunnel", "co_high", false)]
    [InlineData("tunnel", "visibility_close", false)]
    public void Carbon_monoxide_is_never_shelved_in_a_kitchen_and_is_in_a_tunnel_where_it_asks_for_fans(string family, string rule, bool never) =>
        Assert.Equal(never, Vocabulary.IsNeverShelved(family, rule));

    [Theory]
    [InlineData("critical", 1800, "Wang", null)]
    [InlineData("critical", 1801, "Wang", "too_long")]
    [InlineData("critical", 60, null, "second_person")]
    [InlineData("critical", 60, "Li", "second_person")]
    [InlineData("critical", 60, " ", "second_person")]
    [InlineData("high", 28800, null, null)]
    [InlineData("high", 28801, null, "too_long")]
    [InlineData("high", 0, null, "until_missing")]
    public void A_shelve_has_an_end_and_what_is_critical_a_second_person(string severity, int seconds, string? second, string? refusal)
    {
        using var small = new SmallTimeline($"plain: {severity}");
        small.At(0, "plain").Line.Act("shelve", reason: "noise", until: seconds, second: second);
        Assert.Equal(refusal, small.Line.Refusal);
        Assert.Equal(refusal is null ? AlarmState.Shelved : AlarmState.ActiveUnacknowledged, small.Line.Transitions[^1].To);
    }

    [Fact]
    public void Repeating_an_action_in_the_state_that_it_leads_to_changes_nothing()
    {
        using var small = new SmallTimeline("plain: high");
        small.At(0, "plain").Line.Act("shelve", reason: "noise", until: 60);
        small.Look();
        small.At(5).Line.Act("shelve", reason: "more noise", until: 600);
        Assert.Null(small.Line.Refusal);
        Assert.Empty(small.Look());
        Assert.Equal("noise", small.Line.Transitions[^1].Alarm.Overlay!.Reason);
    }

    [Fact]
    public void A_reset_waits_until_the_condition_is_known_to_be_false()
    {
        using var timeline = new Timeline(Pipeline.Families.Pump);
        for (var at = 0; at <= 30; at += 10)
            timeline.At(at).Reading("ps-1", "command.1=true run.1=false");
        timeline.At(40).Reading("ps-1", "command.1=true run.1=true").Act("acknowledge");
        timeline.At(50).Reading("ps-1", "run.1=false!bad").Act("reset");
        Assert.Equal("condition_unknown", timeline.Refusal);
        timeline.At(60).Reading("ps-1", "command.1=true run.1=false").Act("reset");
        Assert.Equal("condition_active", timeline.Refusal);
        timeline.At(70).Reading("ps-1", "command.1=true run.1=true").At(100).Act("reset");
        // Its values are past their hold of 25 s.
        Assert.Equal("condition_unknown", timeline.Refusal);
        timeline.At(110).Reading("ps-1", "command.1=true run.1=true").Act("reset");
        Assert.Null(timeline.Refusal);
        Assert.Equal("01:50 ps-1 not_started/1 Normal High reset", timeline.Look()[^1]);
    }

    [Fact]
    public void A_device_whose_clock_is_an_hour_behind_can_be_reset()
    {
        using var timeline = new Timeline(Pipeline.Families.Pump);
        for (var at = 0; at <= 30; at += 10)
            timeline.At(3600 + at).Reading("ps-1", "command.1=true run.1=false", eventTime: at);
        timeline.At(3640).Reading("ps-1", "command.1=true run.1=true", eventTime: 40).Act("acknowledge").At(3650).Act("reset");
        Assert.Null(timeline.Refusal);
    }

    [Theory]
    [InlineData("", null, false, "reset_needs_site")]
    [InlineData("Li", null, true, "reset_needs_site")]
    [InlineData("Li", "east portal", false, "reset_needs_site")]
    [InlineData("Li", "east portal", true, null)]
    public void A_reset_on_site_takes_a_name_a_place_and_checked_on_site(string by, string? place, bool isChecked, string? refusal)
    {
        using var small = new SmallTimeline("gone: high latched on_site");
        small.At(0, "gone").At(10, "!gone").Line.Act("acknowledge").Act("reset", by: by, place: place, checkedOnSite: isChecked);
        Assert.Equal(refusal, small.Line.Refusal);
        Assert.Equal(refusal is null ? AlarmState.Normal : AlarmState.LatchedAcknowledged, small.Line.Transitions[^1].To);
    }

    [Fact]
    public void The_refusal_of_a_reset_names_everything_that_is_missing()
    {
        using var small = new SmallTimeline("gone: high latched on_site");
        small.At(0, "gone").At(10, "!gone").Line.Act("acknowledge").Act("reset", by: "");
        Assert.EndsWith("missing: by (a name), place, checkedOnSite: true", small.Line.Pipeline.Moment.Refusal!.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_acknowledgement_survives_the_end_of_the_condition_ThingsBoard_1860()
    {
        using var small = new SmallTimeline("latch: high latched slow");
        small.At(0, "latch").At(10).Line.Act("acknowledge");
        small.At(20, "!latch").TicksTo(90);
        Assert.Equal("01:20 latch LatchedAcknowledged cleared", small.Look()[^1]);
        var over = small.Line.Transitions[^1].Alarm;
        Assert.Equal(("Li", Timeline.Zero + 10_000), (over.AcknowledgedBy, over.AcknowledgedAt));
    }

    [Theory]
    [InlineData(true, AlarmState.ActiveUnacknowledged, Severity.Critical)]
    [InlineData(false, AlarmState.Shelved, Severity.High)]
    public void An_outage_that_is_graver_than_the_one_that_was_shelved_is_heard(bool moreBehind, AlarmState state, Severity severity)
    {
        using var line = new Timeline(SmallFamily.Of("plain: high"), Pipeline.Families.Pump);
        line.At(0).Register(new Device { Id = "a", Family = SmallFamily.Name, Gateway = "gw" });
        line.Reading("a", "is_plain=false", family: SmallFamily.Name);
        line.Add(new GatewayEntry("gw", false, "status"));
        line.TicksTo(30).Act("shelve", rule: "offline", reason: "known", until: 8 * 3600);
        line.Add(new GatewayEntry("gw", true, "status"));
        line.TicksTo(200);
        if (moreBehind)
            line.Register(new Device { Id = "p", Family = "pump", Gateway = "gw" });
        line.Add(new GatewayEntry("gw", false, "status"));
        line.TicksTo(300);
        var alarm = line.Pipeline.OpenAlarms.Single(open => open.Rule == "offline");
        Assert.Equal((state, severity), (alarm.State, alarm.Severity));
    }

    [Fact]
    public void An_alarm_that_was_critical_goes_back_to_high_and_stays_acknowledged_ThingsBoard_14490()
    {
        using var timeline = new Timeline(Pipeline.Families.Pump);
        for (var at = 0; at <= 10; at += 10)
            timeline.At(at).Reading("ps-1", "level=3");
        timeline.Act("acknowledge");
        for (var at = 20; at <= 150; at += 10)
            timeline.At(at).Reading("ps-1", "level=2.3");
        Assert.Equal(["00:10 ps-1 level_high ActiveUnacknowledged Critical raised", "00:10 ps-1 level_high ActiveAcknowledged Critical acknowledged", "02:20 ps-1 level_high ActiveAcknowledged High descended"], timeline.Look());
    }

    [Fact]
    public void An_overlay_ends_with_its_rule()
    {
        using var small = new SmallTimeline("plain: high", "other: high");
        small.At(0, "plain").Line.Act("out-of-service", reason: "work", permit: "P-1", watch: "a guard");
        small.At(10).Line.Add(new FamilyEntry("small", SmallFamily.Of("other: high", "added: high"), "changed"));
        Assert.Equal("00:10 plain Normal rule_removed", small.Look()[^1]);
    }
}
