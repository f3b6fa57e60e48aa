using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>Response beside acknowledgement: what sounds again, what is overdue, what chatters, and what only a test hears.</summary>
public sealed class InsistenceTests
{
    [Fact]
    public void A_critical_alarm_sounds_again_every_five_minutes_until_someone_accepts_it_acknowledged_or_not()
    {
        using var small = new SmallTimeline("plain: critical");
        small.At(0, "plain").TicksTo(299);
        Assert.Equal(["00:00 plain ActiveUnacknowledged raised"], small.Look(insistence: true));
        small.TicksTo(300).Line.Act("acknowledge");
        small.TicksTo(599);
        Assert.Equal(["05:00 plain ActiveUnacknowledged re_sounded", "05:00 plain ActiveAcknowledged acknowledged"], small.Look(insistence: true));
        small.TicksTo(600);
        Assert.Equal("10:00 plain ActiveAcknowledged re_sounded", small.Look(insistence: true).Last(line => line.Contains(" plain ", StringComparison.Ordinal) && line.EndsWith("re_sounded", StringComparison.Ordinal)));
        small.Line.Act("accept", "plain", by: "crew 7");
        small.Look();
        small.TicksTo(1300);
        Assert.DoesNotContain(small.Look(insistence: true), line => line.Contains(" plain ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("plain: high")]
    [InlineData("plain: critical ticket")]
    public void Nothing_else_sounds_again(string rule)
    {
        using var small = new SmallTimeline(rule);
        small.At(0, "plain").TicksTo(3600);
        Assert.Single(small.Look(insistence: true));
    }

    [Fact]
    public void A_service_that_was_down_for_two_hours_sounds_once_and_not_24_times()
    {
        using var small = new SmallTimeline("plain: critical");
        small.At(0, "plain").TicksTo(1).At(7200).Line.Tick();
        Assert.Equal(
            ["00:00 plain ActiveUnacknowledged raised", "10:00 plain ActiveUnacknowledged response_overdue", "00:00 plain ActiveUnacknowledged re_sounded", "00:00 response_overdue ActiveUnacknowledged raised"],
            small.Look(insistence: true));
    }

    [Fact]
    public void An_alarm_that_is_latched_waits_for_someone_too_and_one_that_is_over_or_shelved_does_not()
    {
        using var small = new SmallTimeline("plain: critical", "latch: critical latched", "shut: critical");
        small.At(0, "plain latch shut").Line.Act("shelve", "shut", reason: "known", until: 1200, second: "Wang");
        small.At(10, "!plain !latch").Look();
        small.TicksTo(310);
        Assert.Equal(["05:00 latch LatchedUnacknowledged re_sounded"], small.Look(insistence: true));
    }

    [Fact]
    public void Nobody_on_site_in_time_is_one_critical_alarm_of_the_device_until_someone_is()
    {
        using var small = new SmallTimeline("plain: critical", "other: critical");
        small.At(0, "plain").Line.Act("accept", by: "crew 7");
        small.At(60, "other").Line.Act("accept", by: "crew 8");
        small.Look();
        small.TicksTo(599);
        Assert.Empty(small.Look(insistence: true));
        small.TicksTo(600);
        Assert.Equal(["10:00 plain ActiveUnacknowledged response_overdue", "10:00 response_overdue ActiveUnacknowledged raised"], small.Look(insistence: true));
        var overdue = small.Line.Transitions[^1].Alarm;
        Assert.Equal(("d", "system", Severity.Critical, "plain"), (overdue.Device, overdue.Family, overdue.Severity, overdue.Detail));
        small.TicksTo(660);
        Assert.Equal(["11:00 other ActiveUnacknowledged response_overdue", "11:00 response_overdue ActiveUnacknowledged climbed"], small.Look(insistence: true));
        small.Line.Act("on-site", "plain", by: "crew 7");
        Assert.Equal(["11:00 plain ActiveUnacknowledged on_site"], small.Look(insistence: true));
        small.Line.Act("on-site", "other", by: "crew 8");
        Assert.Equal(["11:00 other ActiveUnacknowledged on_site", "11:00 response_overdue ClearedUnacknowledged cleared"], small.Look(insistence: true));
    }

    [Fact]
    public void A_response_is_accepted_before_it_is_on_site_or_done_and_none_of_it_acknowledges()
    {
        using var small = new SmallTimeline("plain: critical");
        small.At(0, "plain").Line.Act("on-site");
        Assert.Equal("not_accepted", small.Line.Refusal);
        small.Line.Act("done");
        Assert.Equal("not_accepted", small.Line.Refusal);
        small.Line.Act("accept", by: "crew 7").Act("accept", by: "crew 7").Act("on-site", by: "crew 7").Act("done", by: "crew 7").Act("false-alarm", reason: "lorry");
        Assert.Equal(
            ["00:00 plain ActiveUnacknowledged raised", "00:00 plain ActiveUnacknowledged accepted", "00:00 plain ActiveUnacknowledged on_site", "00:00 plain ActiveUnacknowledged done", "00:00 plain ActiveUnacknowledged false_alarm"],
            small.Look());
        Assert.Equal(("lorry", "lorry"), (small.Line.Transitions[^1].Reason, small.Line.Transitions[^1].Alarm.FalseAlarm));
        small.Line.Act("decline", by: "crew 7");
        Assert.Equal((null, "crew 7", null), (small.Line.Transitions[^1].Alarm.AcceptedBy, small.Line.Transitions[^1].Alarm.DeclinedBy, small.Line.Transitions[^1].Alarm.OnSiteAt));
    }

    [Fact]
    public void Three_occurrences_within_a_minute_chatter_and_the_delay_that_would_have_removed_them_is_proposed()
    {
        using var small = new SmallTimeline("plain: high");
        small.At(0, "plain").At(5, "!plain").At(30, "plain").At(37.2, "!plain").At(60, "plain");
        var third = small.Line.Transitions[^1].Alarm;
        Assert.Equal((true, 8000L), (third.Chattering, third.ProposedOnDelay));
        Assert.All(small.Line.Transitions.SkipLast(1), transition => Assert.False(transition.Alarm.Chattering));
    }

    [Fact]
    public void The_third_a_second_after_the_minute_is_none()
    {
        using var small = new SmallTimeline("plain: high");
        small.At(0, "plain").At(5, "!plain").At(30, "plain").At(37, "!plain").At(60.001, "plain");
        Assert.False(small.Line.Transitions[^1].Alarm.Chattering);
    }

    [Fact]
    public void A_restart_between_the_second_and_the_third_chatters_as_well()
    {
        using var small = new SmallTimeline("plain: high");
        small.At(0, "plain").At(5, "!plain").At(30, "plain");
        Assert.True(small.Resumed(rest => rest.At(37.2, "!plain").At(60, "plain"))[^1].Alarm.Chattering);
    }

    [Fact]
    public void A_restart_forgets_no_shelve_no_next_sound_and_no_time_to_respond()
    {
        using var small = new SmallTimeline("plain: critical", "shut: high");
        small.At(0, "plain shut").Line.Act("shelve", "shut", reason: "known", until: 450);
        Assert.Equal(
            ["re_sounded", "shelve_expired", "response_overdue", "re_sounded", "raised"],
            small.TicksTo(100).Resumed(rest => rest.TicksTo(600)).Select(transition => transition.Cause));
    }
}
