namespace Telemetry.Rules.Positions;

/// <param name="At">Log time, Unix ms.</param>
/// <param name="Seen">Ids of the shelved alarms that this person has seen.</param>
public sealed record Signature(string By, long At, IReadOnlyList<string> Seen);

/// <summary>One shift gives a position to the next: signed once the outgoing and an incoming person have, two different ones. Immutable.</summary>
public sealed record Handover
{
    /// <summary>Unsigned for so long after it was opened, ms, and the shift leader is told.</summary>
    public const long UnsignedTooLong = 15 * 60 * 1000;

    /// <summary>Position of the entry that opened it.</summary>
    public required long Id { get; init; }

    public required string Position { get; init; }

    public required string Outgoing { get; init; }

    /// <summary>Log time, Unix ms.</summary>
    public required long OpenedAt { get; init; }

    /// <summary>Since when this person waits for the signatures: opening once more takes a new document, not a new quarter of an hour. Unix ms.</summary>
    public required long UnsignedSince { get; init; }

    /// <summary>SHA-256 of the document, 64 hex digits.</summary>
    public required string Hash { get; init; }

    /// <summary>So many of the position's notes stand in the document.</summary>
    public required int Notes { get; init; }

    /// <summary>Null while it is missing.</summary>
    public Signature? OutgoingSigned { get; init; }

    /// <summary>Null while it is missing.</summary>
    public Signature? IncomingSigned { get; init; }

    public bool IsSigned => OutgoingSigned is not null && IncomingSigned is not null;
}
