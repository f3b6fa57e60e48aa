namespace Telemetry.Ingest.Notify.Proof;

/// <summary>One test of one channel. Immutable; a row of the outbox. Times are Unix ms.</summary>
/// <param name="Id">Its time and channel.</param>
/// <param name="At">When it was due, or asked for.</param>
/// <param name="Person">Who gets it: the id in Notify:File.</param>
/// <param name="AskedBy">Null for the weekly one.</param>
/// <param name="Code">Stands in the message alone: who says it has got it.</param>
/// <param name="DueAt">Until then it may be answered.</param>
/// <param name="Key">Of the message.</param>
internal sealed record ChannelProof(string Id, long At, string Channel, string Person, string Name, string? AskedBy, string Code, long DueAt, string Key)
{
    /// <summary>Null while nobody has.</summary>
    public long? ConfirmedAt { get; init; }

    public string? ConfirmedBy { get; init; }

    public bool IsOverdue(long now) => ConfirmedAt is null && now >= DueAt;
}
