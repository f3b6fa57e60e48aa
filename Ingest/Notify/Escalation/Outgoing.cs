using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Escalation;

/// <summary>What is to be told, gathered in lanes, and the messages that come out of them.</summary>
internal sealed class Outgoing(NotifyFile file, EscalationState state)
{
    public void Put(string recipient, MessageKind kind, bool drill, Place place, IReadOnlyList<MessageChannel> channels, long at)
    {
        var isRobot = file.Robots.ContainsKey(recipient);
        var lane = state.LaneOf(recipient, isRobot ? null : kind, drill);
        state.Set(lane.With(place, channels, at));
    }

    /// <summary>Takes back what of an alarm has not gone out yet.</summary>
    /// <returns>Who would have been told.</returns>
    public IReadOnlyList<string> Withdraw(Alarm alarm)
    {
        var waiting = state.Lanes.Where(lane => lane.Holds(alarm, PlaceNews.Stands)).ToList();
        foreach (var lane in waiting)
            state.Set(lane with { Items = [.. lane.Items.Where(item => item.Place.Alarm.Id != alarm.Id || item.Place.News != PlaceNews.Stands)] });
        return [.. waiting.Select(lane => lane.Recipient).Distinct()];
    }

    public Message Send(Lane lane, long at)
    {
        state.Set(lane with { Items = [], LastSent = at });
        foreach (var item in lane.Items)
        {
            if (state.Find(item.Place.Alarm.Id) is { } notice && !notice.Told.Contains(lane.Recipient))
                state.Set(notice with { Told = [.. notice.Told, lane.Recipient] });
        }
        var first = lane.Items[0].Place;
        return new Message(
            KeyOf(first, lane.Recipient), lane.Recipient, lane.Kind is null, lane.Kind ?? lane.Items.Min(KindOf), lane.Drill,
            // In the order of whichever place presses most: what may beep does not go by mail alone since something else came just before it.
            [.. lane.Items.OrderBy(Loudness).SelectMany(item => item.Channels).Distinct()], [.. lane.Items.Select(item => AsItStands(item.Place))], at);
    }

    /// <param name="by">Channels of the step; null for those of the severity. By voice it rings, whatever it is.</param>
    public static MessageKind KindOf(Severity severity, IReadOnlyList<MessageChannel>? by) =>
        severity == Severity.Critical || by?.Contains(MessageChannel.Voice) == true ? MessageKind.Call : MessageKind.Notice;

    public static string KeyOf(Place place, string recipient) => FormattableString.Invariant($"{place.Transition}.{recipient}.{place.Step}");

    /// <summary>None for a robot.</summary>
    public IReadOnlyList<MessageChannel> Ways(string recipient, IReadOnlyList<MessageChannel> wanted) => file.People.TryGetValue(recipient, out var person) ? person.Ways(wanted) : [];

    // It may have latched and ended while it waited for its turn: a call says so.
    private Place AsItStands(Place place) => place.News == PlaceNews.Stands && state.Find(place.Alarm.Id) is { } notice ? place with { Alarm = notice.Alarm } : place;

    private static int Loudness(LaneItem item) => item.Channels is not [var first, ..] ? 0 : first switch { MessageChannel.Voice => 0, MessageChannel.Sms => 1, MessageChannel.Push => 2, _ => 3 };

    private static MessageKind KindOf(LaneItem item) =>
        item.Place.News is PlaceNews.Over or PlaceNews.Amended or PlaceNews.Unwatched ? MessageKind.Quiet : KindOf(item.Place.Alarm.Severity, null);
}
