namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>Who owns a partition, as it stands in PostgreSQL.</summary>
[GenerateSerializer]
[Alias("telemetry.owner")]
internal sealed record OwnerState
{
    /// <summary>Grows by one with each new owner.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    /// <summary>As <c>Cluster:Node</c> names it; empty where the last owner has given it up in order.</summary>
    [Id(1)]
    public string Node { get; init; } = "";

    /// <summary>One start of that node's process.</summary>
    [Id(2)]
    public string Run { get; init; } = "";

    /// <summary>By that node's clock.</summary>
    [Id(3)]
    public DateTimeOffset Since { get; init; }

    /// <summary>Of the log, up to which the rules of that node had come at its last save.</summary>
    [Id(4)]
    public long Position { get; init; }
}
