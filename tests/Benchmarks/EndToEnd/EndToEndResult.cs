namespace Telemetry.Benchmarks.EndToEnd;

/// <summary>Rates are acknowledged readings over the time until rules and store had processed the last of them.</summary>
internal sealed record EndToEndResult
{
    public required int Batch { get; init; }

    public required int ValuesPerReading { get; init; }

    /// <summary>Acknowledged.</summary>
    public required long Messages { get; init; }

    public required double PublishSeconds { get; init; }

    public required double DrainSeconds { get; init; }

    /// <summary>Milliseconds.</summary>
    public required double AckP50 { get; init; }

    /// <summary>Milliseconds.</summary>
    public required double AckP99 { get; init; }

    /// <summary>User and system, from the first message to the end of the drain.</summary>
    public required double ServiceCpuSeconds { get; init; }

    public required double PublisherCpuSeconds { get; init; }

    /// <summary>The service's resident set at its greatest.</summary>
    public required double PeakMegabytes { get; init; }

    public required IReadOnlyList<string> Errors { get; init; }

    public double Seconds => PublishSeconds + DrainSeconds;

    public double MessagesPerSecond => Messages / Seconds;

    public double ReadingsPerSecond => MessagesPerSecond * Batch;

    public double ValuesPerSecond => ReadingsPerSecond * ValuesPerReading;

    public double ServiceCpuPerMillion => ServiceCpuSeconds / (Messages * Batch) * 1e6;

    public double PublisherCpuPerMillion => PublisherCpuSeconds / (Messages * Batch) * 1e6;
}
