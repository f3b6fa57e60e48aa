using CsCheck;
using Telemetry.Ingest.Notify.Escalation;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>Random storms through the real rules: what holds of the messages whatever happens.</summary>
public class EscalationPropertyTests
{
    private static readonly string[] Rules = ["fire", "leak", "warn", "worse", "note", "list", "cause"];

    private static readonly string[] Announcing =
        ["raised", "climbed", "escalated", "recurred", "cause_over", "unshelved", "unsuppressed", "returned_to_service", "shelve_expired", "suppression_expired", "live"];

    private sealed record Event(int Kind, int Device, int Rule, int Wait);

    private static readonly Gen<Event[]> Storms =
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 4], Gen.Int[0, 6], Gen.OneOf(Gen.Int[0, 3], Gen.Int[5, 90]), (kind, device, rule, wait) => new Event(kind, device, rule, wait)).Array[5, 45];

    [Fact]
    public void Every_critical_place_is_told_within_a_minute_and_goes_on_to_the_next_two() => Storms.Repeatably().Sample(
        storm =>
        {
            using var line = Play(storm);
            var messages = line.Messages(Telling.File());
            foreach (var announced in line.Transitions.Where(IsCriticalAndAnnounced))
            {
                var stopped = Stopped(line, announced);
                foreach (var (step, after) in new[] { (0, 0), (1, 180_000), (2, 360_000) })
                {
                    var latest = announced.ReceivedAt + after + 60_000;
                    if (stopped <= latest)
                        continue;
                    // A decline may have brought the step earlier.
                    Assert.True(
                        messages.Exists(message => message is { Kind: MessageKind.Call, Drill: false } && message.Due >= announced.ReceivedAt && message.Due <= latest && message.Places.Any(place => place.Transition == announced.Id && place.Step == step)),
                        $"step {step} of {announced.Alarm.Rule}@{announced.Alarm.Device} ({announced.Cause} at {(announced.ReceivedAt - Timeline.Zero) / 1000} s)");
                }
            }
        },
        iter: 60, print: Shown);

    [Fact]
    public void Nobody_is_called_twice_within_a_minute_and_nothing_is_told_twice() => Storms.Repeatably().Sample(
        storm =>
        {
            using var line = Play(storm);
            var messages = line.Messages(Telling.File());
            foreach (var calls in messages.Where(message => message.Kind == MessageKind.Call).GroupBy(message => message.Recipient))
                Assert.All(calls.Zip(calls.Skip(1)), pair => Assert.True(pair.Second.Due - pair.First.Due >= 60_000));
            Assert.Equal(messages.Count, messages.Select(message => message.Key).Distinct().Count());
            var told = messages.SelectMany(message => message.Places.Select(place => (message.Recipient, place.Transition, place.Step, place.News))).ToList();
            Assert.Equal(told.Count, told.Distinct().Count());
            Assert.All(messages, message => Assert.NotEmpty(message.Channels));
            Assert.Equal(messages.Select(message => message.Due), messages.Select(message => message.Due).Order());
        },
        iter: 60, print: Shown);

    [Fact]
    public void What_is_accepted_covered_or_over_is_asked_of_nobody() => Storms.Repeatably().Sample(
        storm =>
        {
            using var line = Play(storm);
            foreach (var message in line.Messages(Telling.File()))
            {
                foreach (var place in message.Places.Where(place => place.News == PlaceNews.Stands))
                {
                    // What came at that very moment may have come after the message.
                    var known = line.Transitions.Where(transition => transition.Alarm.Id == place.Alarm.Id && transition.ReceivedAt <= message.Due).ToList();
                    var last = known.FindLastIndex(transition => transition.ReceivedAt < message.Due);
                    Assert.Contains(known.Skip(Math.Max(last, 0)), transition => Telling.IsOpen(transition.Alarm));
                }
            }
        },
        iter: 60, print: Shown);

    [Fact]
    public void Whoever_was_told_of_something_learns_that_it_is_over() => Storms.Repeatably().Sample(
        storm =>
        {
            using var line = Play(storm);
            var messages = line.Messages(Telling.File());
            foreach (var (recipient, alarm, due) in messages.Where(message => message.Kind != MessageKind.Digest).SelectMany(message => message.Places.Where(place => place.News == PlaceNews.Stands).Select(place => (message.Recipient, place.Alarm, message.Due))))
            {
                var over = line.Transitions.FirstOrDefault(transition => transition.Alarm.Id == alarm.Id && transition.ReceivedAt >= due && !transition.Alarm.Holds);
                // One that was latched and over already when it was told says so itself.
                if (over is not null && alarm.Holds)
                {
                    Assert.True(
                        messages.Any(message => message.Recipient == recipient && message.Due >= over.ReceivedAt && message.Due <= over.ReceivedAt + 300_000 && message.Places.Any(place => place.Alarm.Id == alarm.Id && (place.News == PlaceNews.Over || place is { News: PlaceNews.Amended, Alarm.Holds: false }))),
                        $"{recipient} was told of {alarm.Rule} at {alarm.Device} at {due}, and not that it was over at {over.ReceivedAt}:\n  "
                            + string.Join("\n  ", line.Transitions.Where(of => of.Alarm.Id == alarm.Id).Select(of => $"{of.ReceivedAt} {of.From} -> {of.To} {of.Cause}")) + "\n  "
                            + string.Join("\n  ", messages.Where(message => message.Places.Any(place => place.Alarm.Id == alarm.Id)).Select(message => $"{message.Due} {message.Kind} to {message.Recipient}: {string.Join(", ", message.Places.Where(place => place.Alarm.Id == alarm.Id).Select(place => place.News))}")));
                }
            }
        },
        iter: 60, print: Shown);

    [Fact]
    public void A_restart_at_any_entry_gives_the_same_messages() => Gen.Select(Storms, Gen.Int[1, 30]).Repeatably().Sample(
        (storm, every) =>
        {
            using var line = Play(storm);
            var whole = line.Messages(Telling.File()).Select(Telling.Whole).ToList();
            Assert.Equal(whole, line.Messages(Telling.File(), entry => entry.Position % every == 0).Select(Telling.Whole));
        },
        iter: 50, print: pair => $"{pair.Item2}: {Shown(pair.Item1)}");

    private static bool IsCriticalAndAnnounced(AlarmTransition transition) =>
        Announcing.Contains(transition.Cause) && transition.To is AlarmState.ActiveUnacknowledged or AlarmState.LatchedUnacknowledged && transition.Alarm is { Severity: Severity.Critical, Kind: AlarmKind.Alarm };

    /// <summary>When nobody has to be told any more, somebody is told anew, or the log ends.</summary>
    private static long Stopped(Timeline line, AlarmTransition announced) =>
        line.Transitions.SkipWhile(transition => transition.Id != announced.Id).Skip(1)
            .FirstOrDefault(transition => transition.Alarm.Id == announced.Alarm.Id && (!Telling.IsOpen(transition.Alarm) || (Announcing.Contains(transition.Cause) && transition.Alarm.AnnouncedAt == transition.ReceivedAt)))?.ReceivedAt
        ?? line.Log[^1].Time;

    private static Timeline Play(Event[] storm)
    {
        var line = Telling.Line();
        var at = 0.0;
        foreach (var (kind, device, rule, wait) in storm)
        {
            line.At(at);
            switch (kind)
            {
                case <= 8:
                    line.Now(at, Rules[rule], $"d{device}");
                    break;
                case <= 11:
                    line.Now(at, "!" + Rules[rule], $"d{device}");
                    break;
                default:
                    if (line.Transitions.LastOrDefault(transition => transition.Alarm.Rule == Rules[rule]) is null)
                        break;
                    _ = kind switch
                    {
                        12 => line.Act("accept", Rules[rule], by: $"p{device}"),
                        13 => line.Act("decline", Rules[rule], by: $"p{device}"),
                        14 => line.Act("acknowledge", Rules[rule]),
                        _ => line.Act("shelve", Rules[rule], reason: "work", until: at + 200, second: "Chen"),
                    };
                    break;
            }
            line.Then(at, at + wait, 1);
            at += wait;
        }
        return line.Then(at, at + 600, 5);
    }

    private static string Shown(Event[] storm) => string.Join(' ', storm.Select(each => $"({each.Kind},{each.Device},{each.Rule},{each.Wait})"));
}
