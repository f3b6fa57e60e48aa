namespace Telemetry.Ingest.Log;

/// <summary>Section <c>Log</c> of the configuration.</summary>
public sealed record LogOptions
{
    /// <summary>How long sealed segments stay behind all readers. Default 400 d.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Bytes of entries that some reader has not read yet, above which acknowledging stops. Default 16 GiB.</summary>
    public long Budget { get; init; } = 16L << 30;

    /// <summary>Bytes preallocated per segment file. Default 64 MiB; 1 MiB to 1 GiB.</summary>
    public int SegmentSize { get; init; } = 64 << 20;

    /// <summary>Bytes preallocated that only ticks, operator and system entries may use once the disk is full. Default 8 MiB: three days of ticks.</summary>
    public int Reserve { get; init; } = 8 << 20;

    /// <summary>Back-pressure: bytes appended but not yet durable, above which appending waits. Default 16 MiB.</summary>
    public int MaxUncommitted { get; init; } = 16 << 20;

    /// <summary>How long what is sent again is known again: the log is looked in so far back. Default 7 d; at least an hour shorter than <see cref="Keep"/>.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How far back from the log's end segments get a key index. Beyond the window, since the rules may be behind and devices' clocks ahead.</summary>
    public TimeSpan KeysReach => DuplicateWindow + KeysMargin;

    /// <summary>See <see cref="KeysReach"/>.</summary>
    public static TimeSpan KeysMargin => TimeSpan.FromHours(1);
}
