using Telemetry.Rules.Alarms;
using Telemetry.Rules.Explain;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Alarms;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Explain;

/// <summary>A timeline, then one question about a moment of it.</summary>
public sealed class ExplainTests : IDisposable
{
    private readonly Timeline _line = new(Pipeline.Families.Pump);

    public void Dispose() => _line.Dispose();

    private static long Ms(double seconds) => Timeline.Zero + (long)(seconds * 1000);

    private static Explained Ask(Timeline line, string family, string device, string rule, double at, int instance = 0, Device? registered = null) => Explainer.Explain(new Question
    {
        Device = registered ?? new Device { Id = device, Family = FamilyReader.Read("test.yaml", family).Family!.Name, Gateway = "gw" },
        Family = FamilyReader.Read("test.yaml", family).Family!,
        Rule = rule,
        Instance = instance,
        At = Ms(at),
        Journal = line.Transitions,
        History = Timeline.History(line.Log),
        DuplicateWindow = (long)TimeSpan.FromDays(7).TotalMilliseconds,
    });

    private Explained Ask(string rule, double at, int instance = 0) => Ask(_line, Pipeline.Families.Pump, "ps-1", rule, at, instance);

    /// <summary>The level each 10 s from here to there, ticks between.</summary>
    private void Levels(double from, double to, double level)
    {
        for (var at = from; at <= to; at += 10)
            _line.TicksTo(at).Reading("ps-1", FormattableString.Invariant($"level={level}"));
    }

    [Fact]
    public void An_alarm_that_stood_is_told_with_its_figures_and_its_transitions_so_far()
    {
        Levels(0, 60, 2.5);
        _line.Act("acknowledge").TicksTo(70);
        var answer = Ask("level_high", 45);
        Assert.Equal((Reason.AlarmStood, AlarmState.ActiveUnacknowledged, Ms(30)), (answer.Answer, answer.Alarm!.State, answer.Alarm.RaisedAt));
        Assert.Equal(["raised"], answer.Transitions.Select(transition => transition.Cause));
        Assert.Equal(("level > high", "true", true), (answer.Conditions[0].Text, answer.Conditions[0].Truth, answer.Conditions[0].Stands));
        Assert.Equal(("level", 2.5, 2.2, "m", "true"), (answer.Comparisons[0].Channel, answer.Comparisons[0].Value, answer.Comparisons[0].Limit, answer.Comparisons[0].Unit, answer.Comparisons[0].Holds));
        Assert.Equal("false", answer.Conditions[1].Truth);
        Assert.Equal(("high", 2.2, "family"), (answer.Settings[0].Setting, answer.Settings[0].Value, answer.Settings[0].Of));
        Assert.Contains("level was 2.5 m, limit 2.2 m", answer.Sentence.En, StringComparison.Ordinal);
        Assert.Contains("限值 2.2 m", answer.Sentence.Zh, StringComparison.Ordinal);
        Assert.Equal(AlarmState.ActiveAcknowledged, Ask("level_high", 65).Alarm!.State);
    }

    [Fact]
    public void Since_when_it_stood_so_is_not_since_when_it_was_raised()
    {
        Levels(0, 60, 2.5);
        _line.Act("acknowledge").TicksTo(70);
        Assert.Contains($"stood as active_unacknowledged since {Iso.Time(Ms(30))} (", Ask("level_high", 45).Sentence.En, StringComparison.Ordinal);
        var acknowledged = Ask("level_high", 65).Sentence;
        Assert.Contains($"was raised at {Iso.Time(Ms(30))}, and stood as active_acknowledged since {Iso.Time(Ms(60))} (", acknowledged.En, StringComparison.Ordinal);
        Assert.Contains($"于 {Iso.Time(Ms(30))} 发出，自 {Iso.Time(Ms(60))} 起为 active_acknowledged", acknowledged.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void States_are_told_by_name_and_without_a_limit()
    {
        var family = Pipeline.Families.Pump.ReplaceLineEndings("\n").Replace("settings:\n", "settings:\n  road: {states: [carriageway, verge], default: carriageway, title: {en: Road, zh: 道路}}\n", StringComparison.Ordinal)
            .Replace("cover == open\n", "cover == open && road != verge\n", StringComparison.Ordinal);
        using var line = new Timeline(family);
        line.At(0).Reading("ps-1", "cover=open").TicksTo(20);
        var answer = Ask(line, family, "ps-1", "cover_open", 15);
        Assert.Equal([("cover", "open", "open"), (null, "carriageway", "verge")], answer.Comparisons.Select(comparison => (comparison.Channel, comparison.Value as string, comparison.Limit as string)));
        Assert.EndsWith("(cover was open; road was carriageway).", answer.Sentence.En, StringComparison.Ordinal);
        Assert.EndsWith("（cover 为 open；road 为 carriageway）。", answer.Sentence.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_waits_for_a_second_one_is_named()
    {
        var family = Pipeline.Families.WithMaxRate(Pipeline.Families.Pump, "2 m/min");
        using var line = new Timeline(family);
        line.At(0).Reading("ps-1", "level=1").At(5).Reading("ps-1", "level=3.5").TicksTo(30);
        var waits = Ask(line, family, "ps-1", "level_high", 10);
        Assert.Equal((Reason.ConditionFalse, 1.0, new ExplainedJump(3.5, Ms(5), Ms(15))), (waits.Answer, waits.Channels[0].Value, waits.Channels[0].Jump));
        Assert.Contains("level had jumped to 3.5 m", waits.Sentence.En, StringComparison.Ordinal);
        Assert.Contains("跳变为 3.5 m", waits.Sentence.Zh, StringComparison.Ordinal);
        var counts = Ask(line, family, "ps-1", "level_high", 20);
        Assert.Equal((Reason.AlarmStood, 3.5, null), (counts.Answer, counts.Channels[0].Value, counts.Channels[0].Jump));
    }

    [Fact]
    public void Just_before_the_delay_is_over_it_says_when_it_will_be()
    {
        Levels(0, 10, 2);
        Levels(20, 60, 2.5);
        var answer = Ask("level_high", 49.5);
        Assert.Equal((Reason.DelayRunning, null), (answer.Answer, answer.Alarm));
        Assert.Equal((Ms(20), Ms(50), false), (answer.Conditions[0].Since!.Value, answer.Conditions[0].DueAt!.Value, answer.Conditions[0].Stands));
        Assert.Equal(Reason.AlarmStood, Ask("level_high", 50.5).Answer);
    }

    [Fact]
    public void Before_it_rose_the_condition_was_false_since_its_first_reading()
    {
        Levels(0, 20, 2.5);
        Levels(25, 65, 2);
        var answer = Ask("level_high", 50);
        Assert.Equal((Reason.ConditionFalse, "false", Ms(25)), (answer.Answer, answer.Conditions[0].Truth, answer.Conditions[0].Since!.Value));
        Assert.Equal(("level", (object)2.0, Quality.Good, Ms(45), 5000L, 25_000L, true), (answer.Channels[0].Channel, answer.Channels[0].Value, answer.Channels[0].Quality!.Value, answer.Channels[0].Time!.Value, answer.Channels[0].Age!.Value, answer.Channels[0].Hold!.Value, answer.Channels[0].Counts));
        Assert.Contains("level was 2 m, limit 2.2 m", answer.Sentence.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Within_the_deadband_it_stands_although_the_value_is_below_the_limit()
    {
        Levels(0, 50, 2.5);
        Levels(60, 9000, 2.1);
        var answer = Ask("level_high", 8995);
        Assert.Equal((Reason.AlarmStood, "true", true), (answer.Answer, answer.Conditions[0].Truth, answer.Conditions[0].Stands));
        Assert.Equal((2.1, 2.2, "true"), (answer.Comparisons[0].Value, answer.Comparisons[0].Limit, answer.Comparisons[0].Holds));
        // The same values with no alarm before them are below the limit.
        using var fresh = new Timeline(Pipeline.Families.Pump);
        for (var at = 0; at <= 100; at += 10)
            fresh.TicksTo(at).Reading("ps-1", "level=2.1");
        Assert.Equal(Reason.ConditionFalse, Ask(fresh, Pipeline.Families.Pump, "ps-1", "level_high", 95).Answer);
    }

    [Fact]
    public void The_off_delay_is_told_while_the_alarm_still_stands()
    {
        Levels(0, 50, 2.5);
        Levels(60, 100, 1.5);
        var answer = Ask("level_high", 100.5);
        Assert.Equal((Reason.AlarmStood, "false", true, Ms(180)), (answer.Answer, answer.Conditions[0].Truth, answer.Conditions[0].Stands, answer.Conditions[0].DueAt!.Value));
    }

    [Fact]
    public void A_bad_value_makes_it_unknown_and_is_named()
    {
        Levels(0, 20, 2.5);
        _line.TicksTo(25).Reading("ps-1", "level=9!bad").TicksTo(40);
        var answer = Ask("level_high", 35);
        Assert.Equal((Reason.ConditionUnknown, "unknown", Ms(25)), (answer.Answer, answer.Conditions[0].Truth, answer.Conditions[0].Since!.Value));
        Assert.Equal((Quality.Bad, false), (answer.Channels[0].Quality!.Value, answer.Channels[0].Counts));
        Assert.Contains("the value of level of 2026-09-21T", answer.Sentence.En, StringComparison.Ordinal);
        Assert.Contains("is bad", answer.Sentence.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_past_its_hold_is_unknown_from_that_moment_on()
    {
        Levels(0, 10, 2);
        Levels(20, 20, 2.5);
        _line.TicksTo(7200);
        var answer = Ask("level_high", 60);
        Assert.Equal((Reason.ConditionUnknown, Ms(45) + 1), (answer.Answer, answer.Conditions[0].Since!.Value));
        Assert.Equal((40_000L, false), (answer.Channels[0].Age!.Value, answer.Channels[0].Counts));
        // The last value is found however long ago it came.
        Assert.Equal(Ms(20), Ask("level_high", 7200).Channels[0].Time);
    }

    [Fact]
    public void A_channel_that_was_never_sent_is_no_data_and_so_is_a_device_that_was_never_heard()
    {
        _line.At(5).Reading("ps-1", "temperature=20").TicksTo(20);
        Assert.Equal((Reason.NoDataYet, "absent"), (Ask("level_high", 10).Answer, Ask("level_high", 10).Conditions[0].Truth));
        Assert.Equal(Reason.NoDataYet, Ask("level_high", 1).Answer);
        Assert.Equal(Reason.NoDataYet, Ask("not_started", 10).Answer);
    }

    [Fact]
    public void A_reading_that_came_later_is_shown_beside_what_was_known()
    {
        Levels(0, 20, 2);
        _line.TicksTo(420).Reading("ps-1", "level=3", eventTime: 30).Reading("ps-1", "level=3", eventTime: 40).Reading("ps-1", "level=3", eventTime: 50).Reading("ps-1", "level=3", eventTime: 60).Reading("ps-1", "level=2.5", eventTime: 70).TicksTo(430);
        var answer = Ask("level_high", 65);
        Assert.Equal(Reason.DataLate, answer.Answer);
        Assert.Equal(("unknown", "true"), (answer.Conditions[0].Truth, answer.Conditions[0].TruthLater));
        Assert.Equal([(Ms(30), Ms(420)), (Ms(40), Ms(420)), (Ms(50), Ms(420)), (Ms(60), Ms(420))], answer.ReadingsLater.Select(reading => (reading.Time, reading.ReceivedTime)));
        Assert.Equal(4, answer.ReadingsLaterCount);
        Assert.Contains($"The reading of {Iso.Time(Ms(60))} came at {Iso.Time(Ms(420))}.", answer.Sentence.En, StringComparison.Ordinal);
        Assert.Equal(Ms(20), answer.Channels[0].Time);
        // By the time it had come, nothing was late any more.
        Assert.Empty(Ask("level_high", 425).ReadingsLater);
    }

    [Fact]
    public void A_reading_that_was_sent_again_later_is_not_late()
    {
        Levels(0, 20, 2);
        _line.TicksTo(60).Reading("ps-1", "level=2", eventTime: 20);
        var answer = Ask("level_high", 30);
        Assert.Equal((Reason.ConditionFalse, 0), (answer.Answer, answer.ReadingsLaterCount));
        Assert.Null(answer.Conditions[0].TruthLater);
    }

    [Fact]
    public void What_changes_rarely_is_remembered_for_days()
    {
        _line.At(0).Reading("ps-1", "cover=open").Reading("ps-1", "level=1").TicksTo(20);
        _line.At(3 * 86_400).Reading("ps-1", "level=1").TicksTo(3 * 86_400 + 5);
        var answer = Ask("cover_open", 3 * 86_400 + 3);
        Assert.Equal((Reason.AlarmStood, "true", "open"), (answer.Answer, answer.Conditions[0].Truth, answer.Comparisons[0].Value));
        Assert.Equal((Ms(0), 3 * 86_400_000L + 3000), (answer.Channels[0].Time!.Value, answer.Channels[0].Age!.Value));
    }

    [Fact]
    public void Of_several_instances_the_one_that_was_nearest_to_an_alarm_is_told()
    {
        for (var at = 0; at <= 40; at += 10)
            _line.TicksTo(at).Reading("ps-1", "run.1=true command.1=true").Reading("ps-1", "run.2=false command.2=true");
        var answer = Ask("not_started", 15);
        Assert.Equal((Reason.DelayRunning, 2, Ms(20)), (answer.Answer, answer.Instance, answer.Conditions[0].DueAt!.Value));
        Assert.Equal(["command.2", "run.2"], answer.Channels.Select(channel => channel.Channel));
        Assert.Equal((Reason.ConditionFalse, 1), (Ask("not_started", 15, instance: 1).Answer, Ask("not_started", 15, instance: 1).Instance));
        Assert.Equal((Reason.AlarmStood, 2), (Ask("not_started", 35).Answer, Ask("not_started", 35).Instance));
    }

    [Fact]
    public void An_event_calls_nobody()
    {
        _line.At(5).Reading("ps-1", "temperature=55").TicksTo(8);
        var answer = Ask("hot", 7);
        Assert.Equal((Reason.Event, "hot"), (answer.Answer, answer.Alarm!.Rule));
        Assert.Equal(Reason.NoDataYet, Ask("hot", 3).Answer);
    }

    [Fact]
    public void Silence_is_told_from_the_last_sign_of_life()
    {
        _line.At(0).Reading("ps-1", "level=1");
        for (var at = 10; at <= 100; at += 10)
            _line.TicksTo(at).Reading("ps-2", "level=1");
        var answer = Ask("offline", 50);
        Assert.Equal((Reason.ConditionFalse, Ms(0), Ms(60)), (answer.Answer, answer.Conditions[0].Since!.Value, answer.Conditions[0].DueAt!.Value));
        Assert.Equal((Reason.AlarmStood, true), (Ask("offline", 90).Answer, Ask("offline", 90).Conditions[0].Stands));
        Assert.Equal(Reason.NoDataYet, Ask(_line, Pipeline.Families.Pump, "ps-9", "offline", 50).Answer);
    }

    [Fact]
    public void While_the_gateway_was_down_nothing_could_be_judged()
    {
        _line.Add(new GatewayEntry("gw", true, "status"));
        Levels(0, 20, 2);
        _line.Add(new GatewayEntry("gw", false, "status")).TicksTo(600);
        Assert.Equal(Reason.GatewayDown, Ask("level_high", 590).Answer);
        Assert.Equal(Reason.GatewayDown, Ask("offline", 590).Answer);
    }

    [Fact]
    public void The_rule_of_what_the_others_cannot_see_is_told_too()
    {
        Levels(0, 20, 2);
        _line.TicksTo(22).Reading("ps-1", "level=1!bad").TicksTo(24);
        Assert.Equal((Reason.DelayRunning, Ms(32)), (Ask("unknown", 24).Answer, Ask("unknown", 24).Conditions[0].DueAt!.Value));
        Assert.Equal(Reason.ConditionFalse, Ask("unknown", 15).Answer);
        _line.TicksTo(40);
        Assert.Equal(Reason.AlarmStood, Ask("unknown", 38).Answer);
    }

    [Fact]
    public void A_device_in_commissioning_is_not_evaluated()
    {
        Levels(0, 60, 2.5);
        var device = new Device { Id = "ps-1", Family = "pump", State = "commissioning" };
        Assert.Equal(Reason.NotEvaluated, Ask(_line, Pipeline.Families.Pump, "ps-1", "level_high", 20, registered: device).Answer);
        Assert.Equal(Reason.AlarmStood, Ask(_line, Pipeline.Families.Pump, "ps-1", "level_high", 50, registered: device).Answer);
    }

    [Fact]
    public void The_same_question_has_the_same_answer_wherever_the_log_has_come_to()
    {
        Levels(0, 60, 2.5);
        var before = Ask("level_high", 25);
        Levels(70, 300, 1);
        var after = Ask("level_high", 25);
        Assert.Equal((before.Answer, before.Sentence), (after.Answer, after.Sentence));
        Assert.Equal(before.Conditions, after.Conditions);
        Assert.Equal(before.Channels, after.Channels);
    }
}

/// <summary>What lies over an alarm is told before why it stood.</summary>
public sealed class ExplainOverlayTests : IDisposable
{
    private static readonly string Family = SmallFamily.Of("main: high hides=small", "small: high", "other: high");

    private readonly Timeline _line = new(Family);

    public void Dispose() => _line.Dispose();

    private Explained Ask(string rule, double at) => Explainer.Explain(new Question
    {
        Device = new Device { Id = "d", Family = SmallFamily.Name, Gateway = "gw" },
        Family = FamilyReader.Read("test.yaml", Family).Family!,
        Rule = rule,
        At = Timeline.Zero + (long)(at * 1000),
        Journal = _line.Transitions,
        History = Timeline.History(_line.Log),
        DuplicateWindow = (long)TimeSpan.FromDays(7).TotalMilliseconds,
    });

    private Timeline Holds(string values) => _line.Reading("d", values, family: SmallFamily.Name);

    [Fact]
    public void Beneath_its_cause_it_is_suppressed()
    {
        _line.At(1);
        Holds("is_main=true is_small=true").TicksTo(5);
        var answer = Ask("small", 4);
        Assert.Equal((Reason.Suppressed, _line.Transitions.First(transition => transition.Alarm.Rule == "main").Alarm.Id), (answer.Answer, answer.Alarm!.SuppressedBy));
        Assert.Equal("true", answer.Conditions[0].Truth);
        Assert.Equal(Reason.AlarmStood, Ask("main", 4).Answer);
    }

    [Fact]
    public void Shelved_it_says_by_whom_why_and_until_when()
    {
        _line.At(1);
        Holds("is_other=true").TicksTo(5).Act("shelve", reason: "contractor on site", until: 600).TicksTo(20);
        var answer = Ask("other", 10);
        Assert.Equal((Reason.Shelved, "Li"), (answer.Answer, answer.Alarm!.Overlay!.By));
        Assert.Contains($"Li had shelved it until {Iso.Time(Timeline.Zero + 600_000)}: contractor on site", answer.Sentence.En, StringComparison.Ordinal);
        Assert.Equal(Reason.AlarmStood, Ask("other", 3).Answer);
    }

    [Fact]
    public void A_shelve_over_nothing_is_not_the_reason()
    {
        _line.At(1);
        Holds("is_other=true").TicksTo(5).Act("shelve", reason: "contractor on site", until: 600).TicksTo(10);
        Holds("is_other=false").TicksTo(20);
        var answer = Ask("other", 15);
        Assert.Equal((Reason.ConditionFalse, "false"), (answer.Answer, answer.Conditions[0].Truth));
    }

    [Fact]
    public void Out_of_service_is_told()
    {
        _line.At(1);
        Holds("is_other=true").TicksTo(5).Act("out-of-service", reason: "exchange", permit: "P-7", watch: "patrol").TicksTo(20);
        Assert.Equal(Reason.OutOfService, Ask("other", 10).Answer);
    }

    [Fact]
    public void In_test_nobody_was_called()
    {
        _line.At(1).Register(new Device { Id = "d", Family = SmallFamily.Name, Gateway = "gw", State = "test", StateReason = "acceptance" });
        _line.At(2);
        Holds("is_other=true").TicksTo(5);
        var answer = Ask("other", 4);
        Assert.Equal((Reason.TestOrDrill, "test"), (answer.Answer, answer.Alarm!.Mode));
        Assert.Contains("the device was in test", answer.Sentence.En, StringComparison.Ordinal);
    }
}
