using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>A cause names rules: while it stands their alarms at the same device are recorded and not told; what outlives it is told then.</summary>
public sealed class SuppressionTests
{
    [Fact]
    public void What_a_cause_explains_is_recorded_beneath_it_and_told_if_it_outlives_it()
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: high");
        small.At(0, "cause").At(10, "effect").At(20, "!cause");
        Assert.Equal(
            ["00:00 cause ActiveUnacknowledged raised", "00:10 effect Suppressed raised", "00:20 cause ClearedUnacknowledged cleared", "00:20 effect ActiveUnacknowledged cause_over"], small.Look());
        var (cause, effect) = (small.Line.Transitions[0].Alarm, small.Line.Transitions[1].Alarm);
        Assert.Equal((cause.Id, AlarmState.ActiveUnacknowledged, null), (effect.SuppressedBy, effect.Underlying, effect.SoundedAt));
        Assert.Null(small.Line.Transitions[^1].Alarm.SuppressedBy);
    }

    [Fact]
    public void What_ends_before_its_cause_is_never_told()
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: high");
        small.At(0, "cause").At(10, "effect").At(20, "!effect").At(30, "!cause");
        Assert.Equal(["00:10 effect Suppressed raised", "00:20 effect Normal cleared"], small.Look().Where(line => line.Contains("effect", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_effect_that_was_told_first_goes_quiet_when_its_cause_comes()
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: high");
        small.At(0, "effect").Line.Act("acknowledge");
        small.At(10, "cause").At(20, "!cause");
        Assert.Equal(
            ["00:00 effect ActiveUnacknowledged raised", "00:00 effect ActiveAcknowledged acknowledged", "00:10 cause ActiveUnacknowledged raised", "00:10 effect Suppressed suppressed",
             "00:20 cause ClearedUnacknowledged cleared", "00:20 effect ActiveUnacknowledged cause_over"],
            small.Look());
    }

    [Fact]
    public void Within_one_entry_the_cause_comes_first_and_the_effect_makes_no_sound_whichever_rule_stands_first()
    {
        using var small = new SmallTimeline("last: high", "effect: high hides=last", "cause: high hides=effect");
        small.At(0, "last effect cause");
        Assert.Equal(["00:00 cause ActiveUnacknowledged raised", "00:00 effect Suppressed raised", "00:00 last Suppressed raised"], small.Look());
    }

    [Theory]
    [InlineData("test")]
    [InlineData("drill")]
    public void A_cause_of_a_test_or_a_drill_hides_nothing_real(string mode)
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: critical");
        small.At(0, "effect").Line.Register(new Device { Id = "d", Family = SmallFamily.Name, Gateway = "gw", State = mode, StateReason = "quarterly", StateUntil = Iso.Time(Timeline.Zero + 3_600_000) });
        small.At(10, "cause").Line.Tick();
        Assert.Equal(["00:00 effect ActiveUnacknowledged raised", "00:10 cause ActiveUnacknowledged raised"], small.Look());
        // One that is of the test itself is hidden as ever.
        small.At(20, "!effect").Line.Act("acknowledge", rule: "effect");
        small.Look();
        small.At(30, "effect");
        Assert.Equal(["00:30 effect Suppressed raised"], small.Look());
    }

    [Fact]
    public void An_event_of_a_place_gathers_as_its_alarm_would_and_has_no_gravity_to_compare()
    {
        var gathers = "  many:\n    title: {en: Many, zh: 多}\n    when: count_in(street, plain) >= 2\n    gathers: [plain]\n    kind: event\n    severity: low\n    source: engineering default\n";
        using var line = new Timeline(SmallFamily.Of("plain: critical") + gathers, FamilySet.ShippedFiles().Single(file => file.File == "area.yaml").Text);
        foreach (var id in (string[])["a", "b"])
            line.At(0).Register(new Device { Id = id, Family = SmallFamily.Name, Gateway = "gw", District = "north", Street = "s" });
        foreach (var id in (string[])["a", "b"])
            line.At(1).Reading(id, "is_plain=true", family: SmallFamily.Name);
        line.TicksTo(5);
        Assert.Contains(line.Transitions, transition => transition.Alarm.Rule == "many");
        Assert.All(line.Pipeline.OpenAlarms.Where(alarm => alarm.Rule == "plain"), alarm => Assert.Equal(AlarmState.Suppressed, alarm.State));
    }

    [Fact]
    public void A_latched_effect_waits_beneath_its_cause_and_comes_out_latched()
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: high latched");
        small.At(0, "cause effect").At(10, "!effect").At(20, "!cause");
        Assert.Equal(["00:00 effect Suppressed raised", "00:10 effect Suppressed cleared", "00:20 effect LatchedUnacknowledged cause_over"], small.Look().Where(line => line.Contains("effect", StringComparison.Ordinal)));
        var told = small.Line.Transitions[^1];
        Assert.Equal(told.At, told.Alarm.SoundedAt);
        Assert.True(LoadCall.Is(told));
    }

    [Fact]
    public void A_cause_explains_its_own_device_alone()
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: high");
        small.At(0, "cause").At(10, "effect", device: "another");
        Assert.Equal("00:10 effect ActiveUnacknowledged raised", small.Look()[^1]);
    }

    [Fact]
    public void An_event_explains_as_long_as_its_condition_holds()
    {
        using var small = new SmallTimeline("planned: low event hides=effect", "effect: high");
        small.At(0, "planned").At(10, "effect").At(20, "!planned");
        Assert.Equal(["00:00 planned Normal raised", "00:10 effect Suppressed raised", "00:20 effect ActiveUnacknowledged cause_over"], small.Look());
        Assert.Equal(small.Line.Transitions[0].Alarm.Id, small.Line.Transitions[1].Alarm.SuppressedBy);
    }

    [Fact]
    public void A_shelved_cause_explains_and_one_out_of_service_does_not()
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: high");
        small.At(0, "cause").Line.Act("shelve", reason: "known", until: 3600);
        small.At(10, "effect");
        Assert.Equal("00:10 effect Suppressed raised", small.Look()[^1]);
        small.At(20).Line.Act("out-of-service", "cause", reason: "broken relay", permit: "P-1", watch: "a guard");
        Assert.Equal(["00:20 cause OutOfService out_of_service", "00:20 effect ActiveUnacknowledged cause_over"], small.Look());
        small.At(30).Line.Act("return-to-service", "cause");
        Assert.Equal(["00:30 cause ActiveUnacknowledged returned_to_service", "00:30 effect Suppressed suppressed"], small.Look());
    }

    [Fact]
    public void A_shelve_that_ends_beneath_a_cause_stays_quiet()
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: high");
        small.At(0, "effect").Line.Act("shelve", reason: "known", until: 30);
        small.At(10, "cause").TicksTo(31);
        Assert.Equal("00:30 effect Suppressed shelve_expired", small.Look()[^1]);
        small.At(40, "!cause");
        Assert.Equal("00:40 effect ActiveUnacknowledged cause_over", small.Look()[^1]);
    }

    [Fact]
    public void Nothing_hides_overflow_it_breaks_through_the_suppression_of_its_ladder()
    {
        var family = Pipeline.Families.Pump.ReplaceLineEndings("\n").Replace("    when: cover == open\n", "    when: cover == open\n    suppresses: [level_high]\n", StringComparison.Ordinal);
        using var timeline = new Timeline(family);
        timeline.At(0).Reading("ps-1", "cover=open");
        for (var at = 10; at <= 40; at += 10)
            timeline.At(at).Reading("ps-1", "level=2.3 cover=open");
        Assert.Equal("00:40 ps-1 level_high Suppressed High raised", timeline.Look()[^1]);
        for (var at = 50; at <= 60; at += 10)
            timeline.At(at).Reading("ps-1", "level=3 cover=open");
        Assert.Equal(["01:00 ps-1 level_high ActiveUnacknowledged Critical climbed"], timeline.Look());
        for (var at = 70; at <= 190; at += 10)
            timeline.At(at).Reading("ps-1", "level=2.3 cover=open");
        Assert.Equal(["03:10 ps-1 level_high ActiveUnacknowledged High descended", "03:10 ps-1 level_high Suppressed High suppressed"], timeline.Look());
    }

    [Fact]
    public void A_reload_that_drops_the_suppression_tells_what_it_hid_and_one_that_adds_it_hides_before_anything_leaves_Alertmanager_4064()
    {
        using var small = new SmallTimeline("cause: high hides=effect", "effect: high");
        small.At(0, "cause").At(10, "effect").Look();
        small.At(20).Line.Add(new FamilyEntry("small", SmallFamily.Of("cause: high", "effect: high"), "changed"));
        Assert.Equal(["00:20 effect ActiveUnacknowledged cause_over"], small.Look());
        small.At(30).Line.Add(new FamilyEntry("small", SmallFamily.Of("cause: high hides=effect", "effect: high"), "again"));
        Assert.Equal(["00:30 effect Suppressed suppressed"], small.Look());
        // A reload that changes nothing about it leaks nothing.
        small.At(40).Line.Add(new FamilyEntry("small", SmallFamily.Of("cause: high hides=effect", "effect: medium"), "third"));
        Assert.Empty(small.Look());
    }

    [Theory]
    [InlineData("cause: high hides=effect")]
    [InlineData("cause: low event hides=effect")]
    public void A_restart_knows_what_is_suppressed_before_anything_leaves_Alertmanager_2229(string cause)
    {
        using var small = new SmallTimeline(cause, "effect: high", "later: high");
        small.At(0, "cause").At(10, "effect");
        var told = small.Resumed(rest => rest.TicksTo(20).At(30, "later").At(40, "!effect").At(50, "effect").At(60, "!cause"));
        Assert.Equal(
            ["later ActiveUnacknowledged", "effect Normal", "effect Suppressed", "effect ActiveUnacknowledged"],
            told.Where(transition => transition.Alarm.Rule != "cause").Select(transition => $"{transition.Alarm.Rule} {transition.To}"));
    }

    [Fact]
    public void Power_lost_explains_a_pump_that_does_not_start_and_nothing_else_at_a_shipped_station()
    {
        using var timeline = new Timeline(FamilySet.ShippedFiles().Single(file => file.File == "drainage_pump.yaml").Text);
        timeline.At(0).Register(new Device { Id = "d", Family = "drainage_pump", Gateway = "gw" });
        timeline.Reading("d", "power_supply=lost sump_level=1.5", family: "drainage_pump");
        for (var at = 10; at <= 60; at += 10)
            timeline.At(at).Reading("d", "sump_level=1.5 pump_command.1=true pump_run.1=false", family: "drainage_pump");
        timeline.At(70).Reading("d", "power_supply=mains", family: "drainage_pump");
        for (var at = 80; at <= 140; at += 10)
            timeline.At(at).Reading("d", "sump_level=1.5 pump_command.1=true pump_run.1=false", family: "drainage_pump");
        Assert.Equal(
            ["00:05 power_lost ActiveUnacknowledged", "00:30 fail_to_start/1 Suppressed", "02:10 power_lost ClearedUnacknowledged", "02:10 fail_to_start/1 ActiveUnacknowledged"],
            timeline.Look().Select(line => line.Split(' ')).Where(words => words[2].StartsWith("power", StringComparison.Ordinal) || words[2].StartsWith("fail", StringComparison.Ordinal)).Select(words => $"{words[0]} {words[2]} {words[3]}"));
    }

    [Fact]
    public void A_leak_of_which_no_closed_valve_is_heard_sounds_again_as_the_same_alarm()
    {
        using var small = new SmallTimeline("leak: high latched", "unconfirmed: critical lifts=leak");
        small.At(0, "leak").At(10).Line.Act("acknowledge").Act("accept");
        small.At(20, "unconfirmed").At(30, "!unconfirmed");
        Assert.Equal(["00:20 leak ActiveUnacknowledged escalated"], small.Look()[^1..]);
        var lifted = small.Line.Transitions[^1].Alarm;
        Assert.Equal((Severity.Critical, "unconfirmed", null, Timeline.Zero + 20_000), (lifted.Severity, lifted.EscalatedBy, lifted.AcceptedBy, lifted.SoundedAt));
        Assert.Single(small.Line.Transitions.Select(transition => transition.Alarm.Id).Distinct());
    }

    [Fact]
    public void What_lifts_an_alarm_that_does_not_stand_is_an_alarm_itself()
    {
        using var small = new SmallTimeline("leak: high", "unconfirmed: critical lifts=leak");
        small.At(20, "unconfirmed").At(30, "!unconfirmed");
        Assert.Equal(["00:20 unconfirmed ActiveUnacknowledged raised", "00:30 unconfirmed ClearedUnacknowledged cleared"], small.Look());
    }

    [Fact]
    public void Rules_that_would_hide_each_other_are_refused()
    {
        var errors = FamilyReader.Read("small.yaml", SmallFamily.Of("a: high hides=b", "b: high hides=c", "c: high hides=a", "d: high hides=a")).Errors;
        Assert.Equal(["rules.a.suppresses", "rules.b.suppresses", "rules.c.suppresses"], errors.Select(error => error.Key));
        Assert.Contains("'a' is suppressed by what it suppresses", errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offline_that_stands_from_before_does_not_sound_with_its_gateways_outage_and_no_further_one_comes()
    {
        using var timeline = new Timeline(Pipeline.Families.Pump);
        timeline.Register(new Device { Id = "ps-2", Family = "pump", Gateway = "gw" });
        for (var at = 0; at <= 70; at += 10)
            timeline.TicksTo(at).Reading("ps-1", "level=1");
        Assert.Equal("01:01 ps-2 offline ActiveUnacknowledged Medium raised", timeline.Look()[^1]);
        timeline.Add(new GatewayEntry("gw", up: false, "connection_ended")).TicksTo(400);
        Assert.Equal(["01:20 gw offline ActiveUnacknowledged Critical raised"], timeline.Look());
    }
}
