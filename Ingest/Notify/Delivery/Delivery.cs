using Telemetry.Ingest.Notify.Escalation;

namespace Telemetry.Ingest.Notify.Delivery;

public enum DeliveryState : byte
{
    Open,
    Sent,

    /// <summary>Given up: refused everywhere, or its time is over.</summary>
    Failed,
}

/// <summary>One message on its way to one receiver: a person, a robot, or a copy for a program. Immutable; a row of the outbox. Times are Unix ms.</summary>
/// <param name="Id">Of the row.</param>
/// <param name="Ways">Names of channels that are left to it, in order.</param>
internal sealed record Delivery(long Id, Message Message, IReadOnlyList<string> Ways)
{
    /// <summary><see cref="State.OutboxDatabase.Recipient"/>, or the channel of a copy: with the message's key the same delivery on every node.</summary>
    public string Receiver { get; init; } = "";

    public DeliveryState State { get; init; }

    /// <summary>Index of the way that it is on.</summary>
    public int Way { get; init; }

    /// <summary>Attempts on this way, since it came to it.</summary>
    public int Tries { get; init; }

    /// <summary>Attempts in all.</summary>
    public int Attempts { get; init; }

    /// <summary>How often it has been through all its ways.</summary>
    public int Round { get; init; }

    /// <summary>When it came to this way; null until a sender of this process looks at it: what a downtime took is no fault of the way.</summary>
    public long? Since { get; init; }

    /// <summary>When it was first looked at, from which its time counts; null as above.</summary>
    public long? Begun { get; init; }

    /// <summary>Not before this.</summary>
    public long NextAt { get; init; }

    /// <summary>Four digits by which a reply names the message; no other message of the recipient's last seven days has them.</summary>
    public string Code { get; init; } = "";

    /// <summary>The last part of its link: a random name that nobody guesses.</summary>
    public string Link { get; init; } = "";

    public string Channel => Ways[Way];

    /// <summary>Whether its turn on this channel it is.</summary>
    public bool IsDueOn(string channel, long now) => State == DeliveryState.Open && Channel == channel && NextAt <= now;
}
