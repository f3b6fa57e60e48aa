namespace Telemetry.Simulators.Load;

/// <summary>What a run of load came to. Rates are over <see cref="Seconds"/>, from the first message to the last acknowledgement.</summary>
public sealed record LoadResult
{
    /// <summary>Messages, each counted once however often it was sent again.</summary>
    public required long Sent { get; init; }

    /// <summary>Messages; 0 at QoS 0.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Messages sent again after a reconnect.</summary>
    public required long Resent { get; init; }

    /// <summary>In one message.</summary>
    public required int ReadingsPerMessage { get; init; }

    public required int ValuesPerReading { get; init; }

    public required double Seconds { get; init; }

    /// <summary>From send to PUBACK (PUBREC at QoS 2), milliseconds.</summary>
    public required double AckP50 { get; init; }

    public required double AckP99 { get; init; }

    public required double AckMax { get; init; }

    /// <summary>Of this process, user and system, during the run.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Connections that were lost, each time.</summary>
    public required int Drops { get; init; }

    /// <summary>Why parts of the run ended early; empty when all went well.</summary>
    public required IReadOnlyList<string> Errors { get; init; }

    public double MessagesPerSecond => Sent / Seconds;

    public double ReadingsPerSecond => MessagesPerSecond * ReadingsPerMessage;

    public double ValuesPerSecond => ReadingsPerSecond * ValuesPerReading;

    public double CpuSecondsPerMillionMessages => Sent == 0 ? 0 : CpuSeconds / Sent * 1e6;
}
