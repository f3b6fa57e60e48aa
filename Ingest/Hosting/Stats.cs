using System.Collections.Concurrent;

namespace Telemetry.Ingest.Hosting;

/// <summary>Counts of this process since its start, in readings unless a name says otherwise. One method moves a counter, so API and metrics can't drift.</summary>
public sealed class Stats
{
    private long _received;
    private long _accepted;
    private long _duplicates;
    private long _late;
    private readonly ConcurrentDictionary<string, long> _rejected = new();

    /// <summary>Readings seen in messages, whatever became of them.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Readings past the duplicate filter.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Accepted readings older than the newest of their channel.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>By reason: messages, readings or values refused.</summary>
    public IReadOnlyDictionary<string, long> Rejected => _rejected;

    public void CountReceived(long readings) => Interlocked.Add(ref _received, readings);

    public void CountAccepted(long readings) => Interlocked.Add(ref _accepted, readings);

    public void CountDuplicates(long readings) => Interlocked.Add(ref _duplicates, readings);

    public void CountLate(long readings) => Interlocked.Add(ref _late, readings);

    public void CountRejected(string reason) => _rejected.AddOrUpdate(reason, 1, (_, n) => n + 1);
}
