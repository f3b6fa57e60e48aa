namespace Telemetry.Ingest.State;

/// <summary>Section <c>DeadLetters</c> of the configuration: which of them <c>state.db</c> keeps. The log has them all for its own time.</summary>
public sealed record DeadLetterOptions
{
    /// <summary>How long, by log time. Default 400 d; at least 1 h.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Bytes of their payloads and topics; what else there is to say of them takes some 200 bytes each more. Default 256 MiB; at least 1 MiB.</summary>
    public long MaxBytes { get; init; } = 256L << 20;
}
