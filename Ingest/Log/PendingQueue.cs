namespace Telemetry.Ingest.Log;

/// <summary>
/// Batches between producers and the writer, in order, bounded. While the log is blocked, batches that may use the reserve are kept apart
/// so that they can pass the others.
/// </summary>
internal sealed class PendingQueue(int maxUncommitted, int groupBytes, TimeProvider time)
{
    private const int Pooled = 8;

    private readonly Lock _gate = new();
    private readonly LinkedList<PendingGroup> _closed = [];
    private readonly Stack<PendingGroup> _pool = [];
    private PendingGroup _filling = new();
    private PendingGroup _urgent = new();
    private PendingGroup? _writing;
    private long _bytes;
    private bool _blocked;
    private Exception? _closedBy;
    private TaskCompletionSource? _room;

    /// <summary>How long the oldest batch that may not use the reserve has waited; zero if none waits.</summary>
    public TimeSpan StalledFor
    {
        get
        {
            lock (_gate)
            {
                var since = _writing?.WaitingSince ?? _closed.First?.Value.WaitingSince ?? _filling.WaitingSince;
                return since is { } stamp ? time.GetElapsedTime(stamp) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>The commit's task, or null with the task to wait for before the next try.</summary>
    public Task<long>? TryAppend(EntryBatch batch, out Task room)
    {
        lock (_gate)
        {
            if (_closedBy is { } reason)
                throw reason;
            var bytes = batch.Bytes;
            // What may use the reserve never queues behind readings: a tick must get through a full log.
            if (!batch.MayUseReserve && _bytes > 0 && _bytes + bytes.Length > maxUncommitted)
            {
                room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                return null;
            }
            room = Task.CompletedTask;
            _bytes += bytes.Length;
            if (_blocked && batch.MayUseReserve)
                return _urgent.Add(bytes, batch.Count, true, time.GetTimestamp());
            // All entries of a group have one time.
            if (_filling.Length > 0 && (_filling.Length + bytes.Length > groupBytes || _filling.Time != batch.Time))
            {
                _closed.AddLast(_filling);
                _filling = Fresh();
            }
            _filling.Time = batch.Time;
            return _filling.Add(bytes, batch.Count, batch.MayUseReserve, time.GetTimestamp());
        }
    }

    /// <summary>The oldest group, to be written now; null if nothing waits. It counts as uncommitted until <see cref="Done"/>.</summary>
    public PendingGroup? Take()
    {
        lock (_gate)
        {
            if (_closed.First is { } first)
            {
                _closed.RemoveFirst();
                return _writing = first.Value;
            }
            if (_filling.Length == 0)
                return null;
            _writing = _filling;
            _filling = Fresh();
            return _writing;
        }
    }

    /// <summary>The batches that came meanwhile and may use the reserve; null if there are none.</summary>
    public PendingGroup? TakeUrgent()
    {
        lock (_gate)
        {
            if (_urgent.Length == 0)
                return null;
            var taken = _urgent;
            _urgent = Fresh();
            return taken;
        }
    }

    public void PutBackUrgent(PendingGroup group)
    {
        lock (_gate)
        {
            var later = _urgent;
            _urgent = group;
            later.MoveReserveBatches(_urgent);
            Recycle(later);
        }
    }

    /// <summary>Puts the group that cannot be written (null if none was tried) back in front and takes what may use the reserve out of everything that waits.</summary>
    public void Block(PendingGroup? stuck)
    {
        lock (_gate)
        {
            _blocked = true;
            _writing = null;
            if (stuck is not null)
                _closed.AddFirst(stuck);
            foreach (var group in _closed)
                group.MoveReserveBatches(_urgent);
            _filling.MoveReserveBatches(_urgent);
            for (var node = _closed.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Length == 0)
                    _closed.Remove(node);
                node = next;
            }
        }
    }

    /// <summary>From now on all batches go in one order again.</summary>
    public void Unblock()
    {
        lock (_gate)
            _blocked = false;
    }

    /// <summary>The group is durable (or refused) and its waiters are told: its bytes make room.</summary>
    public void Done(PendingGroup group)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _bytes -= group.Length;
            if (_writing == group)
                _writing = null;
            Recycle(group);
            (room, _room) = (_room, null);
        }
        room?.TrySetResult();
    }

    /// <summary>Refuses further batches with this error.</summary>
    public void Close(Exception reason)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _closedBy ??= reason;
            (room, _room) = (_room, null);
        }
        room?.TrySetResult();
    }

    private PendingGroup Fresh() => _pool.TryPop(out var group) ? group : new PendingGroup();

    private void Recycle(PendingGroup group)
    {
        if (_pool.Count >= Pooled)
            return;
        group.Clear();
        _pool.Push(group);
    }
}
