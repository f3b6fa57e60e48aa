namespace Telemetry.Ingest.Log;

/// <summary>The way into the log: this machine's own (<see cref="DurableLog"/>), or the stream that the nodes of a cluster share.</summary>
public interface ILogAppend
{
    /// <summary>Null while entries can be made durable; else why not: <c>disk_full</c>, <c>budget</c>, <c>io_error</c>, <c>stream</c>, with detail.</summary>
    string? Unwritable { get; }

    /// <summary>How long the oldest batch that may not use the reserve has been waiting for its commit; zero if none waits.</summary>
    TimeSpan StalledFor { get; }

    /// <summary>False while somebody else writes the ticks.</summary>
    bool NeedsTicks { get; }

    /// <summary>
    /// The outer task completes when the batch is in the writer's hands (it waits while <see cref="LogOptions.MaxUncommitted"/> is
    /// reached); the inner one when it is durable, with the position of its last entry. While the log is unwritable the inner task of
    /// a reading's batch stays open: the entries go on once that is over, nothing is dropped and nothing is acknowledged.
    /// The token ends the waiting of the outer task alone.
    /// </summary>
    ValueTask<Task<long>> AppendAsync(EntryBatch batch, CancellationToken cancellationToken);
}
