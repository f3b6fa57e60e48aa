using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Escalation;

/// <summary>How a message reaches its recipient, the most pressing first.</summary>
public enum MessageKind : byte
{
    /// <summary>Rings: a critical alarm.</summary>
    Call,

    /// <summary>Beeps.</summary>
    Notice,

    /// <summary>A list at its time of day.</summary>
    Digest,

    /// <summary>Makes no sound: something that was told is over or was amended.</summary>
    Quiet,

    /// <summary>A test of one channel: says nothing of any alarm, and gives way to whatever does.</summary>
    Proof,
}

/// <summary>What a message says of an alarm.</summary>
public enum PlaceNews : byte
{
    /// <summary>It stands, and somebody has to go.</summary>
    Stands,

    /// <summary>Its condition is over.</summary>
    Over,

    /// <summary>Late data has changed it.</summary>
    Amended,

    /// <summary>A drill is over: what comes now is real.</summary>
    DrillEnded,

    /// <summary>It held, and nobody looks any more: whether it is over is not known.</summary>
    Unwatched,
}

/// <summary>One alarm in a message.</summary>
/// <param name="Alarm">As it stood when the message went; what is over or amended, as of that transition.</param>
/// <param name="Transition">The journal's transition that is told.</param>
/// <param name="Step">Of the escalation, from 0.</param>
public sealed record Place(Alarm Alarm, string Transition, PlaceNews News, int Step);

/// <summary>Something to send, once per <paramref name="Key"/>.</summary>
/// <param name="Key">
/// Transition, recipient and step of the first place; of a digest, its time, team and recipient; of a test, its time, channel and recipient. The same after any restart: the receiver's dedup key.
/// </param>
/// <param name="Recipient">A person's id, or a robot's name.</param>
/// <param name="Drill">Texts begin with 【演练】.</param>
/// <param name="Channels">In this order, the next where one fails; empty for a robot.</param>
/// <param name="Places">In the order in which they came.</param>
/// <param name="Due">Unix ms. A restart may find it overdue; it is sent nevertheless.</param>
public sealed record Message(string Key, string Recipient, bool IsRobot, MessageKind Kind, bool Drill, IReadOnlyList<MessageChannel> Channels, IReadOnlyList<Place> Places, long Due)
{
    /// <summary>By which whoever gets a test confirms it; null for everything else.</summary>
    public string? ProofCode { get; init; }

    /// <summary>Asks for a second person's consent; null for everything else.</summary>
    public SecondAsk? Second { get; init; }
}
