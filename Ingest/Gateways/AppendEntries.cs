using System.Collections.Concurrent;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// <see cref="ILogAppend.AppendAsync"/> as the gateways need it: the outer task completes when the log has taken the entries, the inner one
/// when they are on the disk. The list may be used again after the outer task.
/// </summary>
public delegate ValueTask<Task<long>> AppendEntries(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken);

/// <summary>Appends to the log through batches that are used again.</summary>
public sealed class LogAppender(ILogAppend log)
{
    private readonly ConcurrentBag<EntryBatch> _free = [];

    public async ValueTask<Task<long>> AppendAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
    {
        if (!_free.TryTake(out var batch))
            batch = new EntryBatch();
        for (var i = 0; i < entries.Count; i++)
            batch.Add(entries[i]);
        // A batch whose append failed may still be in the log's hands: it is not used again.
        var commit = await log.AppendAsync(batch, cancellationToken);
        batch.Clear();
        _free.Add(batch);
        return commit;
    }
}
