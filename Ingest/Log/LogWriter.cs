namespace Telemetry.Ingest.Log;

/// <summary>The one thread that writes: group, fdatasync, completion, next group. FORMAT.md, "Write".</summary>
internal sealed class LogWriter : IDisposable
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);
    private const int DiskFullError = 28, QuotaError = 122;

    private readonly SegmentFiles _files;
    private readonly CommittedPrefix _committed;
    private readonly PendingQueue _queue;
    private readonly LogClock _clock;
    private readonly ILogger _logger;
    private readonly Func<bool> _overBudget;
    private readonly Action _sealed;
    private readonly ITimer _retry;
    private readonly RemovedBook _removed;
    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChainHash? _hash;
    private Segment? _segment;
    private ILogFile? _file;
    private long _fileLength;
    private volatile string? _unwritable;
    private volatile bool _retryDue;
    private volatile bool _stopping;
    private string _problem = "";

    /// <param name="current">The open segment to go on in, with its file and its hash; null to begin a new one with the first group.</param>
    /// <param name="overBudget">True while readings must wait for the slowest reader.</param>
    /// <param name="sealed">Called on the writer's thread when a segment will take no more groups.</param>
    /// <param name="problem">Why readings cannot be written from the start; null if they can.</param>
    public LogWriter(SegmentFiles files, CommittedPrefix committed, RemovedBook removed, PendingQueue queue, LogClock clock, (Segment Segment, ILogFile File, ChainHash Hash)? current, string? problem, Func<bool> overBudget, Action @sealed, ILogger logger)
    {
        (_files, _committed, _removed, _queue, _clock, _overBudget, _sealed, _logger) = (files, committed, removed, queue, clock, overBudget, @sealed, logger);
        if (current is { } open)
            (_segment, _file, _hash, _fileLength) = (open.Segment, open.File, open.Hash, open.File.Length);
        _retry = clock.Time.CreateTimer(_ => Retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (problem is not null)
            Block(null, problem);
        new Thread(Run) { Name = "log writer", IsBackground = true }.Start();
    }

    /// <summary>Reason and detail while readings cannot be made durable.</summary>
    public string? Unwritable => _unwritable;

    public void Wake() => _wake.Set();

    /// <summary>A reader came on, or a second passed.</summary>
    public void Retry()
    {
        if (_unwritable is null)
            return;
        _retryDue = true;
        _wake.Set();
    }

    /// <summary>Writes what can still be written, refuses the rest, ends the thread.</summary>
    public Task StopAsync()
    {
        _stopping = true;
        _wake.Set();
        return _stopped.Task;
    }

    public void Dispose()
    {
        // Not _wake: a producer whose append came just before the end may still set it.
        _retry.Dispose();
        _hash?.Dispose();
        _file?.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                _wake.WaitOne();
                Drain();
            }
            RefuseTheRest(new ObjectDisposedException(nameof(DurableLog), "the log was closed before these entries were durable"));
        }
        catch (Exception error)
        {
            // A bug; the log must not look alive. Everything waiting and coming is refused with it.
            _logger.WriterFailed(error);
            _queue.Close(error);
            _unwritable = "io_error: " + error.Message;
            RefuseTheRest(error);
        }
        _stopped.SetResult();
    }

    private void RefuseTheRest(Exception error)
    {
        for (var group = _queue.Take() ?? _queue.TakeUrgent(); group is not null; group = _queue.Take() ?? _queue.TakeUrgent())
        {
            group.Fail(error);
            _queue.Done(group);
        }
    }

    private void Drain()
    {
        if (_unwritable is not null && !TryUnblock())
        {
            WriteUrgent();
            return;
        }
        WriteUrgent();
        while (_queue.Take() is { } group)
        {
            if (WriteReadings(group))
                continue;
            Block(group, _problem);
            WriteUrgent();
            return;
        }
    }

    private void Block(PendingGroup? stuck, string problem)
    {
        _queue.Block(stuck);
        _unwritable = problem;
        _logger.Unwritable(problem);
        _retry.Change(RetryEvery, RetryEvery);
    }

    private bool TryUnblock()
    {
        if (!_retryDue)
            return false;
        _retryDue = false;
        try
        {
            _files.EnsureReserve();
        }
        catch (IOException e)
        {
            Explain(e);
            _unwritable = _problem;
            return false;
        }
        // The oldest group tells whether there is space, rather than a guess; only its success ends the blockade.
        if (_queue.Take() is { } group && !WriteReadings(group))
        {
            _queue.Block(group);
            _unwritable = _problem;
            return false;
        }
        _queue.Unblock();
        _retry.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _logger.WritableAgain(_unwritable ?? "");
        _unwritable = null;
        return true;
    }

    private bool WriteReadings(PendingGroup group)
    {
        if (group.WaitingSince is not null && _overBudget())
        {
            _problem = "budget: the slowest reader is further behind than Log:Budget allows";
            return false;
        }
        return Write(group, mayUseReserve: false);
    }

    private void WriteUrgent()
    {
        if (_queue.TakeUrgent() is not { } group)
            return;
        if (!Write(group, mayUseReserve: true))
            _queue.PutBackUrgent(group);
    }

    private bool Write(PendingGroup group, bool mayUseReserve)
    {
        // The second attempt is for a write or sync that failed: the same group again, in a new segment.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (!HasRoom(group) && !BeginSegment(group, mayUseReserve))
                return false;
            try
            {
                Commit(group);
                return true;
            }
            catch (IOException e)
            {
                Explain(e);
                _logger.TailAbandoned(_segment!.Path, _segment.Used, e);
                Leave();
            }
        }
        return false;
    }

    private bool HasRoom(PendingGroup group) => _file is not null && _segment!.Used + group.Group.Length <= _fileLength;

    private void Commit(PendingGroup group)
    {
        var segment = _segment!;
        var first = _committed.Last + 1;
        var header = new GroupHeader(segment.Header.Mark, group.Length, group.Count, first, group.Time ?? _clock.Now());
        var bytes = group.Group;
        header.Seal(bytes);
        var offset = segment.Used;
        _file!.Write(offset, bytes);
        _file.Sync();
        segment.Mark(first, offset);
        segment.EndsAt(header.Last, offset + bytes.Length, header.Time);
        _committed.Committed(header.Last);
        group.Complete(first);
        // Behind the completion: no producer waits for it.
        _hash!.Add(bytes);
        _queue.Done(group);
    }

    private bool BeginSegment(PendingGroup group, bool mayUseReserve)
    {
        SegmentFiles.Unpublished made;
        var first = _committed.Last + 1;
        var last = _committed.Segments is [.., var end] ? end : null;
        var timeBefore = last?.LastTime ?? 0;
        // One that never took a group gives way to this one, which then follows the one before it.
        var before = last is null || last.Last >= last.First ? _hash?.Current : last.Header.Chain?.Before;
        var chain = new ChainLink(before, _removed.Newest);
        try
        {
            made = _files.Prepare(first, timeBefore, chain, group.Group.Length);
        }
        catch (IOException e)
        {
            Explain(e);
            if (!mayUseReserve || !_files.HasReserve)
                return false;
            try
            {
                made = _files.PrepareReserve(first, timeBefore, chain);
            }
            catch (IOException reserve)
            {
                Explain(reserve);
                return false;
            }
        }
        Leave();
        try
        {
            (_segment, _file) = _files.Publish(made);
        }
        catch (IOException e)
        {
            Explain(e);
            return false;
        }
        _fileLength = _file.Length;
        _hash?.Dispose();
        _hash = new ChainHash();
        _hash.Add(made.Header.ToBytes());
        _committed.Add(_segment);
        _sealed();
        return HasRoom(group);
    }

    private void Leave()
    {
        _file?.Dispose();
        (_segment, _file) = (null, null);
    }

    private void Explain(IOException error) =>
        _problem = $"{(error.HResult is DiskFullError or QuotaError ? "disk_full" : "io_error")}: {error.Message}";
}
