namespace Telemetry.Ingest.Log;

/// <summary>Entries on their way to the disk, which one commit will make durable, and who waits for it.</summary>
internal sealed class PendingGroup
{
    private readonly List<Commit> _commits = [];
    private byte[] _bytes = new byte[64 << 10];
    private int _reserveBatches;

    /// <summary>Bytes of the entries.</summary>
    public int Length { get; private set; }

    public int Count { get; private set; }

    /// <summary>Log time that is given already; null where the writer gives it.</summary>
    public long? Time { get; set; }

    /// <summary>Timestamp of the first batch in it that may not use the reserve; null if all may.</summary>
    public long? WaitingSince { get; private set; }

    /// <summary>Room for the header, then the entries.</summary>
    public Span<byte> Group => _bytes.AsSpan(0, GroupHeader.Size + Length);

    public Task<long> Add(ReadOnlySpan<byte> entries, int count, bool mayUseReserve, long timestamp) =>
        Add(entries, new Commit(count, entries.Length, mayUseReserve, timestamp));

    /// <summary>Moves the batches that may use the reserve to another group; order stays within each.</summary>
    public void MoveReserveBatches(PendingGroup to)
    {
        if (_reserveBatches == 0)
            return;
        var from = GroupHeader.Size;
        var bytes = _bytes;
        Commit[] all = [.. _commits];
        Clear();
        _bytes = new byte[bytes.Length];
        foreach (var commit in all)
        {
            (commit.MayUseReserve ? to : this).Add(bytes.AsSpan(from, commit.Length), commit);
            from += commit.Length;
        }
    }

    public void Complete(long firstPosition)
    {
        var last = firstPosition - 1;
        foreach (var commit in _commits)
            commit.TrySetResult(last += commit.Count);
    }

    public void Fail(Exception error)
    {
        foreach (var commit in _commits)
            commit.TrySetException(error);
    }

    public void Clear()
    {
        _commits.Clear();
        (Length, Count, Time, WaitingSince, _reserveBatches) = (0, 0, null, null, 0);
    }

    private Task<long> Add(ReadOnlySpan<byte> entries, Commit commit)
    {
        var end = GroupHeader.Size + Length + entries.Length;
        if (end > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(end, Math.Min(_bytes.Length * 2, 8 << 20)));
        entries.CopyTo(_bytes.AsSpan(GroupHeader.Size + Length));
        Length += entries.Length;
        Count += commit.Count;
        if (commit.MayUseReserve)
            _reserveBatches++;
        else
            WaitingSince ??= commit.Timestamp;
        _commits.Add(commit);
        return commit.Task;
    }

    /// <summary>One batch's wait. A task of its own because each batch is told its own position; continuations never run on the writer's thread.</summary>
    private sealed class Commit(int count, int length, bool mayUseReserve, long timestamp)
        : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Count => count;

        public int Length => length;

        public bool MayUseReserve => mayUseReserve;

        public long Timestamp => timestamp;
    }
}
