using System.Text.Json.Serialization;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Escalation;

/// <summary>Something that a recipient is to be told with the lane's next message.</summary>
/// <param name="Number">In its lane, ascending.</param>
/// <param name="Since">When it was put there, Unix ms.</param>
internal sealed record LaneItem(int Number, Place Place, IReadOnlyList<MessageChannel> Channels, long Since);

/// <summary>
/// One recipient's messages of one kind, so many a time: what comes in between is carried by the next one. A person has a lane for calls, one for notices and
/// one for what is quiet; a robot one for all. Immutable; a row of the state.
/// </summary>
/// <param name="Kind">Null for a robot's.</param>
internal sealed record Lane(string Recipient, MessageKind? Kind, bool Drill)
{
    /// <summary>Unix ms; null for never.</summary>
    public long? LastSent { get; init; }

    /// <summary>Rows of their own: a storm puts one after the other, and none is written twice.</summary>
    [JsonIgnore]
    public IReadOnlyList<LaneItem> Items { get; init; } = [];

    public string Name => $"{Recipient}/{Kind?.ToString() ?? "robot"}{(Drill ? "/drill" : "")}";

    /// <summary>When its next message goes, Unix ms; null while there is nothing to say.</summary>
    public long? Due => Items.Count == 0 ? null : Math.Max(Items[0].Since + Wait, (LastSent ?? long.MinValue / 2) + Every);

    public Lane With(Place place, IReadOnlyList<MessageChannel> channels, long since) =>
        this with { Items = [.. Items, new LaneItem(Items.Count == 0 ? 0 : Items[^1].Number + 1, place, channels, since)] };

    public bool Holds(Alarm alarm, PlaceNews news) => Items.Any(item => item.Place.Alarm.Id == alarm.Id && item.Place.News == news);

    // A call goes at once. What does not ring waits a little for what comes with it, as a storm's places do.
    private long Wait => Kind is MessageKind.Notice or MessageKind.Quiet ? LocalTime.Minute / 2 : 0;

    // A call a minute can be answered; DingTalk takes 20 messages a minute of a robot and then none for ten, so it gets 15.
    private long Every => Kind switch
    {
        null => LocalTime.Minute / 15,
        MessageKind.Call => LocalTime.Minute,
        // Something high that came just after a message is told within two minutes: its crew has five.
        MessageKind.Notice => 2 * LocalTime.Minute,
        _ => 5 * LocalTime.Minute,
    };
}
