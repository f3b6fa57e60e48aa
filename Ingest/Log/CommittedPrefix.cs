namespace Telemetry.Ingest.Log;

/// <summary>What is durable, shared by the writer (which moves its end), the readers (which wait for it) and housekeeping (which moves its beginning).</summary>
internal sealed class CommittedPrefix
{
    private readonly Lock _gate = new();
    private Segment[] _segments;
    private long _last;
    private TaskCompletionSource? _next;

    public CommittedPrefix(IEnumerable<Segment> segments)
    {
        _segments = [.. segments];
        for (var i = 1; i < _segments.Length; i++)
            _segments[i].BytesBefore = _segments[i - 1].BytesBefore + _segments[i - 1].Used;
        _last = _segments.Length == 0 ? 0 : _segments[^1].Last;
    }

    /// <summary>Ascending; each goes on where the one before ends.</summary>
    public ReadOnlySpan<Segment> Segments => Volatile.Read(ref _segments);

    public long First => Segments is [var first, ..] ? first.First : 1;

    public long Last => Volatile.Read(ref _last);

    /// <summary>The segment that holds this position, or the last one whose beginning is not after it; null if all begin later.</summary>
    public Segment? Holding(long position)
    {
        var segments = Segments;
        int low = 0, high = segments.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (segments[middle].First <= position)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? null : segments[low - 1];
    }

    /// <summary>Bytes behind this position, to the end; within one segment by the share of its entries.</summary>
    public long BytesAfter(long position)
    {
        var segments = Segments;
        if (segments.Length == 0)
            return 0;
        var end = segments[^1].BytesBefore + segments[^1].Used;
        if (Holding(Math.Max(position, segments[0].First)) is not { } segment || segment.Last < segment.First)
            return 0;
        var done = Math.Clamp(position - segment.First + 1, 0, segment.Last - segment.First + 1);
        return end - segment.BytesBefore - (long)((double)segment.Used * done / (segment.Last - segment.First + 1));
    }

    public void Add(Segment segment)
    {
        lock (_gate)
        {
            // An empty segment that never took a group gives way to its successor of the same first position.
            var kept = _segments is [.., var old] && old.First == segment.First ? _segments.AsSpan()[..^1] : _segments;
            if (kept is [.., var before])
                segment.BytesBefore = before.BytesBefore + before.Used;
            Volatile.Write(ref _segments, [.. kept, segment]);
        }
    }

    public void RemoveOldest()
    {
        lock (_gate)
            Volatile.Write(ref _segments, _segments[1..]);
    }

    public void Committed(long last)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            Volatile.Write(ref _last, last);
            (waiting, _next) = (_next, null);
        }
        waiting?.TrySetResult();
    }

    /// <summary>Completes when this position is committed.</summary>
    public async ValueTask WaitAsync(long position, CancellationToken cancellationToken)
    {
        while (position > Last)
        {
            Task next;
            lock (_gate)
            {
                if (position <= _last)
                    return;
                next = (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await next.WaitAsync(cancellationToken);
        }
    }
}
