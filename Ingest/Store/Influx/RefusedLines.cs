using System.Collections.Concurrent;
using System.IO.Hashing;
using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>Appends to the log; the outer task is done when the log has the entries in hand.</summary>
public delegate ValueTask<Task<long>> AppendEntries(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken);

/// <summary>
/// Lines that InfluxDB will never take: counted, logged once a reason, kept as dead letters <c>store_refused</c>. The writer does not wait
/// for the dead letter's commit: a log that is unwritable because this very store is behind would wait for it in turn.
/// </summary>
public sealed partial class RefusedLines(AppendEntries append, ILogger logger)
{
    // Dead letters that the log has not taken yet; beyond it they are only counted. The reading itself stands in the log in any case.
    private const int MostWaiting = 1000;
    private const int LongestPayload = 64 << 10;
    private readonly ConcurrentDictionary<string, long> _counts = new();

    // Of the batch that is being written: it is sent again after a failure, and with it the line.
    private readonly HashSet<ulong> _ofBatch = [];
    private int _waiting;

    /// <summary>Points that were refused since the start of the process, by reason.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <param name="line">With its line feed.</param>
    public void Add(ReadOnlySpan<byte> line, string reason, string detail)
    {
        if (!_ofBatch.Add(XxHash3.HashToUInt64(line)))
            return;
        Count(reason, detail);
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return;
        }
        var payload = line.TrimEnd((byte)'\n');
        _ = KeepAsync(new DeadLetterEntry
        {
            Topic = "influxdb",
            Reason = RejectReason.StoreRefused,
            Detail = $"{reason}: {detail}",
            Payload = payload[..Math.Min(payload.Length, LongestPayload)].ToArray(),
        });
    }

    /// <summary>Lines that need no keeping: the bucket would remove them at once.</summary>
    public void Count(string reason, string detail, int lines = 1)
    {
        if (_counts.AddOrUpdate(reason, lines, (_, before) => before + lines) == lines)
            LogRefused(reason, detail);
    }

    /// <summary>The batch is stored for good; a line of the next one that looks the same is another.</summary>
    public void BatchDone() => _ofBatch.Clear();

    private async Task KeepAsync(DeadLetterEntry letter)
    {
        try
        {
            await await append([letter], CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotKept(error);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "InfluxDB refuses a line ({Reason}); it is kept as a dead letter, and further ones of this reason are only counted here: {Detail}")]
    private partial void LogRefused(string reason, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A line that InfluxDB refused could not be kept as a dead letter")]
    private partial void LogNotKept(Exception error);
}
