namespace Telemetry.Simulators.Replay;

/// <summary>A reading of a recording, as it is to be sent again.</summary>
public sealed record RecordedReading
{
    /// <summary>When it arrived, or its event time in files that don't know that: Unix ms. Delays are counted by it.</summary>
    public required long Time { get; init; }

    /// <summary>Null where the file names none.</summary>
    public string? Gateway { get; init; }

    public required string Family { get; init; }

    public required string Device { get; init; }

    /// <summary>Null where the file doesn't say.</summary>
    public string? District { get; init; }

    /// <summary>Unix ms, or seconds, as the device sent it; null for none.</summary>
    public long? SentTime { get; init; }

    public long? Sequence { get; init; }

    /// <summary>A JSON object with at least one channel.</summary>
    public required string Values { get; init; }

    /// <summary>A JSON object with the channels that are not good; null for none.</summary>
    public string? Quality { get; init; }
}

/// <summary>A row that is no reading.</summary>
/// <param name="Line">From 1.</param>
/// <param name="What">What is wrong and what would be right.</param>
public sealed record BadRow(string File, long Line, string What)
{
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{File}:{Line}: {What}");
}

/// <summary>A file or a mapping that can't be read at all; the message says each thing that is wrong.</summary>
public sealed class RecordingException(string message) : Exception(message);
