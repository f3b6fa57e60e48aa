using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Writes what a caller did to the log and waits until it has taken effect.</summary>
public sealed class LogWriting(ILogAppend log, Progress progress, TimeProvider time)
{
    /// <summary>Ample for a commit of some ms and the rules' turn; beyond it the caller must know that something is wrong. A large file needs more.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Completes when the rules have processed all of the entries; the last one's position, 0 for none.</summary>
    /// <exception cref="ApiException">503: it could not be made durable, or the rules did not come that far, in time.</exception>
    public async Task<long> WriteAsync(IEnumerable<LogEntry> entries, TimeSpan patience, CancellationToken cancellationToken)
    {
        var batch = new EntryBatch();
        foreach (var entry in entries)
            batch.Add(entry);
        if (batch.Count == 0)
            return 0;
        var stage = "log_unwritable";
        try
        {
            using var deadline = new CancellationTokenSource(patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var committed = await log.AppendAsync(batch, either.Token);
            var position = await committed.WaitAsync(either.Token);
            stage = "rules_behind";
            await progress.RulesAsync(position, either.Token);
            return position;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var why = stage == "log_unwritable" ? log.Unwritable ?? "the log takes long to commit" : "it is in the log, but the rules are behind";
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, stage, $"not in effect after {patience.TotalSeconds:0} s: {why}. It may still take effect; read again before repeating it");
        }
    }
}
