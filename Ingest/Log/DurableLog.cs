using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>The ordered, durable log of one partition. FORMAT.md says what stands on the disk.</summary>
public sealed class DurableLog : IAsyncDisposable
{
    /// <summary>Recovers what stands in <paramref name="directory"/> (a torn tail is cut and said so; damage before it is an error) and starts the writer.</summary>
    public static DurableLog Open(string directory, LogOptions options, IFileSystem files, LogClock clock, ILogger logger) => throw new NotImplementedException();

    /// <summary>Position of the last durable entry; 0 in an empty log.</summary>
    public long Committed => throw new NotImplementedException();

    /// <summary>Position of the first entry still kept; 1 in a fresh log.</summary>
    public long First => throw new NotImplementedException();

    /// <summary>Null while entries can be made durable; else why not: <c>disk_full</c>, <c>budget</c>, <c>io_error</c>, with detail.</summary>
    public string? Unwritable => throw new NotImplementedException();

    /// <summary>
    /// The outer task completes when the batch is in the writer's hands (it waits while <see cref="LogOptions.MaxUncommitted"/> is
    /// reached); the inner one when it is on the disk, with the position of its last entry. While the log is unwritable the inner task of
    /// a reading's batch stays open: the entries go on once there is space again, nothing is dropped and nothing is acknowledged.
    /// </summary>
    public ValueTask<Task<long>> AppendAsync(EntryBatch batch, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A reader from <paramref name="from"/> (inclusive) on, over the committed prefix only. Its name holds back retention and counts for the budget.</summary>
    public LogReader OpenReader(string name, long from) => throw new NotImplementedException();

    /// <summary>Entries of one device with event time in [from, to), by the index. Ascending position.</summary>
    public IEnumerable<ReadingEntry> ReadDevice(string device, long from, long to) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
