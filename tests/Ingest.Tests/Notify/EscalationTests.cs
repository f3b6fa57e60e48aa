using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Alarms;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>Who is told when, as timelines over the rules' own journal. Nobody accepts unless it is said.</summary>
public sealed class EscalationTests : IDisposable
{
    private readonly Timeline _line = Telling.Line();

    [Fact]
    public void A_critical_alarm_goes_to_the_next_after_3_min_to_the_leader_after_6_and_again_whenever_it_sounds_again()
    {
        _line.Now(0, "fire").Then(0, 900);

        Assert.Equal(["00:00 wang Call fire@d", "03:00 li Call fire@d", "06:00 chen Call fire@d", "10:00 chen Call fire@d", "15:00 chen Call fire@d"], _line.Told().Where(line => line.Contains("fire", StringComparison.Ordinal)));
    }

    [Fact]
    public void Accepting_stops_it()
    {
        _line.Now(0, "fire").At(60).Act("accept").Then(60, 590);

        Assert.Equal(["00:00 wang Call fire@d"], _line.Told());
    }

    [Fact]
    public void Nobody_on_site_in_time_is_an_alarm_of_its_own()
    {
        _line.Now(0, "fire").At(60).Act("accept").Then(60, 601);

        Assert.Equal(["00:00 wang Call fire@d", "10:00 wang Call response_overdue@d"], _line.Told());
    }

    [Fact]
    public void Where_its_device_is_moved_to_whoever_answers_there_is_asked_from_the_first_step_on_unless_somebody_has_accepted()
    {
        var file = Telling.File(Files.Small
            .Replace("routes:", "  south:\n    title: {en: South, zh: 南区}\n    people: [chen]\n    leader: li\nroutes:\n  - {district: South, to: south}\n  - {district: East, to: duty}", StringComparison.Ordinal));
        _line.Now(0, "fire", "a").Now(1, "fire", "b").Now(2, "fire", "c").At(30).Act("accept", by: "wang", rule: "fire").Then(30, 60);
        foreach (var (device, district) in new[] { ("a", "South"), ("b", "East"), ("c", "South") })
            _line.Register(new Device { Id = device, Family = SmallFamily.Name, District = district });
        _line.Then(60, 100);

        Assert.Equal(["00:00 wang Call fire@a", "01:00 chen Call fire@a", "01:00 wang Call fire@b"], _line.Told(file).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Acknowledging_does_not()
    {
        _line.Now(0, "fire").At(60).Act("acknowledge").Then(60, 400);

        Assert.Equal(["00:00 wang Call fire@d", "03:00 li Call fire@d", "06:00 chen Call fire@d"], _line.Told());
    }

    [Fact]
    public void Whoever_declines_makes_room_for_the_next_at_once()
    {
        _line.Now(0, "fire").At(20).Act("decline", by: "wang").Then(20, 300);

        Assert.Equal(["00:00 wang Call fire@d", "00:20 li Call fire@d"], _line.Told());
    }

    [Fact]
    public void Whoever_accepted_and_declines_after_all_makes_room_too()
    {
        _line.Now(0, "fire").At(20).Act("accept", by: "wang").Then(20, 400).At(400).Act("decline", by: "wang").Then(400, 420);

        Assert.Equal(["00:00 wang Call fire@d", "06:40 chen Call fire@d", "06:40 li Call fire@d"], _line.Told().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_person_is_called_once_a_minute_and_told_every_place_since()
    {
        _line.Now(0, "fire", "a").Now(10, "fire", "b").Now(50, "leak", "c").Then(50, 130).Now(131, "fire", "e").Then(131, 170);

        Assert.Equal(["00:00 wang Call fire@a", "01:00 wang Call fire@b leak@c", "02:11 wang Call fire@e"], _line.Told());
    }

    [Fact]
    public void A_storm_that_does_not_ring_is_one_message_a_crew_and_a_few_more()
    {
        for (var i = 0; i < 200; i++)
            _line.Now(i * 0.5, "warn", $"d{i}");
        _line.Then(100, 900);

        var messages = _line.Messages(Telling.File());

        Assert.Equal([30_000, 150_000], messages.Select(message => message.Due - Timeline.Zero));
        Assert.Equal([61, 139], messages.Select(message => message.Places.Count));
        Assert.All(messages, message => Assert.Equal((MessageKind.Notice, "wang"), (message.Kind, message.Recipient)));
    }

    [Fact]
    public void Two_thousand_alarms_in_ten_minutes_are_some_thirty_messages_a_person()
    {
        for (var i = 0; i < 2000; i++)
            _line.Now(i * 0.3, i % 10 == 0 ? "fire" : "warn", $"d{i}");
        _line.Then(600, 700, apart: 10);

        var messages = _line.Messages(Telling.File());

        Assert.Equal(["chen Call 6", "li Call 9", "wang Call 12", "wang Notice 6"], messages.GroupBy(message => $"{message.Recipient} {message.Kind}").Select(group => $"{group.Key} {group.Count()}").Order(StringComparer.Ordinal));
        Assert.Equal(2000, messages.Where(message => message.Recipient == "wang").SelectMany(message => message.Places).Select(place => place.Alarm.Device).Distinct().Count());
    }

    [Fact]
    public void What_is_over_is_said_without_a_sound_to_whoever_was_told()
    {
        _line.Now(0, "fire").Then(0, 200).Now(200, "!fire").Then(200, 600);

        Assert.Equal(["00:00 wang Call fire@d", "03:00 li Call fire@d", "03:50 li Quiet fire@d/Over", "03:50 wang Quiet fire@d/Over"], _line.Told());
    }

    [Fact]
    public void What_nobody_watches_any_more_is_not_told_as_over()
    {
        _line.Now(0, "fire").Now(1, "fire", "other").At(40).Register(new Device { Id = "d", Family = SmallFamily.Name, State = "commissioning" }).Now(41, "!fire", "other").Then(41, 80);

        Assert.Equal(["fire@d/Unwatched", "fire@other/Over"], _line.Messages(Telling.File()).Where(message => message.Kind == MessageKind.Quiet).SelectMany(message => Telling.Shown(message).Split(' ').Skip(3)));
    }

    [Fact]
    public void What_is_over_before_its_call_is_said_without_a_sound_too()
    {
        _line.Now(0, "fire", "a").Now(5, "fire", "b").Now(20, "!fire", "b").At(21).Act("accept", by: "wang", rule: "fire").Then(21, 100);

        Assert.Equal(["00:00 wang Call fire@a", "00:50 wang Quiet fire@b/Over"], _line.Told().Where(line => !line.Contains("03:", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_latched_alarm_that_is_over_still_asks_for_someone()
    {
        _line.Now(0, "leak").Now(30, "!leak").Then(30, 200);

        Assert.Equal(["00:00 wang Call leak@d", "01:00 wang Quiet leak@d/Over", "03:00 li Call leak@d"], _line.Told());
    }

    [Fact]
    public void What_is_lifted_begins_anew()
    {
        _line.Now(0, "warn").Then(0, 60).Now(60, "worse").Then(60, 250);

        Assert.Equal(["00:30 wang Notice warn@d", "01:00 wang Call warn@d", "04:00 li Call warn@d"], _line.Told());
    }

    [Fact]
    public void What_a_cause_explains_is_told_to_nobody_until_the_cause_is_over()
    {
        _line.Now(0, "cause").Now(10, "fire").Then(10, 400).Now(400, "!cause").Then(400, 450);

        Assert.Equal(["06:40 wang Call fire@d"], _line.Told());
    }

    [Fact]
    public void A_cause_that_comes_later_stops_the_escalation()
    {
        _line.Now(0, "fire").Now(60, "cause").Then(60, 900);

        Assert.Equal(["00:00 wang Call fire@d"], _line.Told());
    }

    [Fact]
    public void Shelving_stops_it_and_the_end_of_the_shelve_begins_it_anew()
    {
        _line.Now(0, "warn").Then(0, 31).At(40).Act("shelve", reason: "work", until: 400).Then(40, 440);

        Assert.Equal(["00:30 wang Notice warn@d", "07:10 wang Notice warn@d"], _line.Told());
    }

    [Fact]
    public void Medium_low_and_tickets_wait_for_the_digest_and_what_is_over_by_then_is_not_in_it()
    {
        // 08:00 is 9 h 46 min 40 s after the begin; wang has the week until Monday.
        _line.Now(0, "note", "a").Now(1, "list", "b").Now(2, "note", "c").Now(60, "!note", "c").At(61).Act("acknowledge", "note").At(40_000).Tick().At(70_000).Tick();

        Assert.Equal(["09:46:40 wang Digest note@a list@b"], _line.Told());
    }

    [Fact]
    public void Late_data_is_told_to_whoever_was_told()
    {
        _line.Now(0, "fire").Now(100, "!fire").Then(100, 140).At(140).Reading("d", "is_fire=false", eventTime: 50, family: SmallFamily.Name).Then(140, 800);

        Assert.Equal(["00:00 wang Call fire@d", "02:10 wang Quiet fire@d/Over", "07:10 wang Quiet fire@d/Amended"], _line.Told());
    }

    [Fact]
    public void A_drill_goes_to_its_roster_alone_and_a_real_alarm_ends_it_aloud()
    {
        var device = new Device { Id = "x", Family = SmallFamily.Name, District = "Xihu", State = "drill", StateReason = "autumn", StateUntil = Iso.Time(Timeline.Zero + 3_600_000) };
        _line.At(0).Register(device).Register(device with { Id = "d", State = "live", StateUntil = null, StateReason = null })
            .Now(1, "fire", "x").Then(1, 300).Now(300, "warn", "d").Then(300, 340);

        Assert.Equal(
            [
                "00:01 chen Call drill fire@x", "05:00 chen Call drill_ended@Xihu/DrillEnded", "05:00 wang Call fire@x", "05:30 wang Notice warn@d", "05:30 wang Quiet drill_ended@Xihu/Over",
            ],
            _line.Told().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_device_in_test_is_told_to_nobody()
    {
        _line.At(0).Register(new Device { Id = "x", Family = SmallFamily.Name, District = "Xihu", State = "test", StateReason = "new", StateUntil = Iso.Time(Timeline.Zero + 3_600_000) }).Now(1, "fire", "x").Then(1, 900);

        Assert.Empty(_line.Told());
    }

    [Fact]
    public void A_robot_gets_a_copy_at_most_15_times_a_minute()
    {
        var file = Telling.File(Files.Small.Replace("- to: duty", "- {to: duty, copy: group}", StringComparison.Ordinal) + "\nrobots: {group: {kind: dingtalk}}");
        for (var i = 0; i < 60; i++)
            _line.Now(i, "fire", $"d{i}");
        _line.Then(60, 70);

        var copies = _line.Messages(file).Where(message => message.IsRobot).ToList();

        Assert.Equal(16, copies.Count);
        Assert.All(copies.Zip(copies.Skip(1)), pair => Assert.True(pair.Second.Due - pair.First.Due >= 4000));
        Assert.Equal(60, copies.Sum(copy => copy.Places.Count));
        Assert.All(copies, copy => Assert.Empty(copy.Channels));
    }

    [Fact]
    public void A_step_of_its_own_ways_goes_by_them()
    {
        var messages = _line.Now(0, "fire").Then(0, 400).Messages(Telling.File());

        Assert.Equal([[MessageChannel.Voice, MessageChannel.Sms], [MessageChannel.Voice, MessageChannel.Sms], [MessageChannel.Voice, MessageChannel.Sms]], messages.Select(message => message.Channels));
        Assert.Equal([0, 1, 2], messages.Select(message => message.Places[0].Step));
    }

    [Fact]
    public void Where_no_step_is_left_whoever_declines_makes_room_for_somebody_else()
    {
        _line.Now(0, "warn").Then(0, 60).At(60).Act("decline", by: "王伟").Then(60, 200).At(200).Act("decline", by: "李娜").Then(200, 400);

        Assert.Equal(["00:30 wang Notice warn@d", "01:30 li Notice warn@d", "03:50 chen Notice warn@d"], _line.Told());
    }

    [Fact]
    public void A_leader_who_declines_is_not_called_again_while_there_is_somebody_else()
    {
        _line.Now(0, "fire").Then(0, 400).At(400).Act("decline", by: "陈刚").Then(400, 650);

        Assert.Equal(
            ["00:00 wang Call fire@d", "03:00 li Call fire@d", "06:00 chen Call fire@d", "06:40 wang Call fire@d", "10:00 wang Call fire@d response_overdue@d"],
            _line.Told().Where(line => line.Contains("fire", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_the_digest_brought_and_somebody_declined_is_in_the_next_one_and_wakes_nobody()
    {
        // 08:00 is 9 h 46 min 40 s after the begin.
        _line.Now(0, "list").Then(0, 36_000, apart: 100).At(36_000).Act("decline", by: "王伟").Then(36_000, 70_000, apart: 100);

        Assert.Equal(["09:46:40 wang Digest list@d", "17:46:40 wang Digest list@d"], _line.Told());
    }

    [Fact]
    public void What_the_journal_shows_only_after_the_digest_was_made_is_in_the_next_one()
    {
        const double digest = 35_200;
        _line.Now(0, "note", "a").Now(digest - 0.05, "note", "b");
        var escalator = new Escalator(Telling.File(), new EscalationState());
        var messages = new List<Message>();
        messages.AddRange(escalator.Apply(_line.Transitions[0], default));
        messages.AddRange(escalator.Advance(Timeline.Zero + 35_200_020));
        messages.AddRange(escalator.Apply(_line.Transitions[1], default));
        messages.AddRange(escalator.Advance(Timeline.Zero + 35_200_220));
        messages.AddRange(escalator.Advance(Timeline.Zero + 70_000_000));

        Assert.Equal(["09:46:40 wang Digest note@a", "17:46:40 wang Digest note@b"], messages.Select(Telling.Shown));
        Assert.Equal(2, messages.Select(message => message.Key).Distinct().Count());
    }

    [Fact]
    public void What_is_high_does_not_go_by_mail_alone_since_something_medium_came_just_before()
    {
        var file = Telling.File(Files.Small.Replace("- to: duty", "- {to: duty, severity: medium, steps: [{after: 0min, to: on_call}]}\n  - to: duty", StringComparison.Ordinal)
            .Replace("wang: {name: 王伟,", "wang: {name: 王伟, mail: wang@example.cn,", StringComparison.Ordinal));
        _line.Now(0, "note", "a").Now(5, "warn", "b").Then(5, 40);

        var message = Assert.Single(_line.Messages(file));

        Assert.Equal("00:30 wang Notice note@a warn@b", Telling.Shown(message));
        Assert.Equal([MessageChannel.Sms, MessageChannel.Mail], message.Channels);
    }

    [Fact]
    public void A_handover_within_an_escalation_is_followed()
    {
        // 22:15 is 100 s after the begin.
        var file = Telling.File(Files.Small.Replace("people: [wang, li]", "people: [wang, li, chen]\n    handover: daily 22:15", StringComparison.Ordinal).Replace("    leader: chen\n", "", StringComparison.Ordinal));
        var (before, after) = (file.Team("duty")!.At(Timeline.Zero).Person!, file.Team("duty")!.At(Timeline.Zero + 100_000).Person!);
        _line.Now(0, "fire").Now(110, "leak").Then(110, 130);

        Assert.NotEqual(before, after);
        Assert.Equal([$"00:00 {before} Call fire@d", $"01:50 {after} Call leak@d"], _line.Told(file));
    }

    [Fact]
    public void Whoever_comes_on_duty_between_two_steps_is_the_next_one()
    {
        // At 22:15, 100 s after the begin: the first step has called whoever goes home.
        var file = Telling.File(Files.Small.Replace("people: [wang, li]", "people: [wang, li, zhou]\n    handover: daily 22:15", StringComparison.Ordinal)
            .Replace("  chen:", "  zhou: {name: 周强, phone: \"+8613800000004\"}\n  chen:", StringComparison.Ordinal));
        var (before, after) = (file.Team("duty")!.At(Timeline.Zero).Person!, file.Team("duty")!.At(Timeline.Zero + 100_000).Person!);
        _line.Now(0, "fire").Then(0, 400);

        Assert.Equal([$"00:00 {before} Call fire@d", $"03:00 {after} Call fire@d", "06:00 chen Call fire@d"], _line.Told(file));
    }

    [Fact]
    public void Something_high_that_comes_after_a_message_is_told_within_two_minutes()
    {
        _line.Now(0, "warn", "a").Then(0, 60).Now(60, "warn", "b").Then(60, 200);

        Assert.Equal(["00:30 wang Notice warn@a", "02:30 wang Notice warn@b"], _line.Told());
    }

    [Fact]
    public void A_step_by_voice_rings_whatever_the_alarm_is()
    {
        var file = Telling.File(Files.Small.Replace("- to: duty", "- {to: duty, steps: [{after: 0min, to: on_call}, {after: 1min, to: leader, by: [voice]}]}", StringComparison.Ordinal));
        _line.Now(0, "warn", "a").Now(20, "warn", "b").Then(20, 100);

        Assert.Equal(["00:30 wang Notice warn@a warn@b", "01:00 chen Call warn@a"], _line.Told(file).Where(line => !line.Contains("chen Call warn@b", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_file_with_other_times_of_the_digest_is_in_force_before_the_old_time_has_come()
    {
        // The log begins at 22:13:20; a digest was due at 08:00.
        var other = Telling.File(Files.Small + "\ndrill: [chen]\ndigest: [\"22:30\"]");
        _line.Now(0, "note").Then(0, 1_200, apart: 10);

        Assert.Equal(["16:40 wang Digest note@d"], _line.Messages(Telling.File(), reload: entry => entry.Time < Timeline.Zero + 20_000 ? Telling.File() : other).Select(Telling.Shown));
    }

    [Fact]
    public void Whoever_has_left_the_file_is_replaced_while_a_message_waits()
    {
        var young = Telling.File(Files.Small.Replace("people: [wang, li]", "people: [li]", StringComparison.Ordinal).Replace("  wang: {name: 王伟, phone: \"+8613800000001\"}\n", "", StringComparison.Ordinal));
        _line.Now(0, "fire", "a").Now(10, "fire", "b").Then(10, 100);

        var told = _line.Messages(Telling.File(), reload: entry => entry.Time < Timeline.Zero + 20_000 ? Telling.File() : young).Select(Telling.Shown);

        Assert.Equal(["00:00 wang Call fire@a", "00:10 li Call fire@b"], told);
    }

    public void Dispose() => _line.Dispose();
}
