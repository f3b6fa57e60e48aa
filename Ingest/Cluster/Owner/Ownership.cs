namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>
/// Whether this process does what may be done once in the world, and until when: a lease that each save of the owner's state renews, and that ends by itself. While nothing can be
/// saved, the last owner stands in: what it hears of the stream renews the lease. Any thread.
/// </summary>
public sealed class Ownership : IDisposable
{
    /// <summary>How long after its last good save an owner still acts, at most.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);

    /// <summary>A machine that shares its log with nobody does everything itself.</summary>
    public static readonly Ownership Alone = new();

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _underWay = [];
    private CancellationTokenSource? _tenure;
    private long _since;
    private bool _claims;
    private bool _wasHeld;
    private bool _standsIn;
    private TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nobody's, until <see cref="Hold"/>.</summary>
    public Ownership(TimeProvider time) => _time = time;

    private Ownership()
    {
        (_time, IsAlone, _tenure) = (TimeProvider.System, true, new CancellationTokenSource());
        _begun.SetResult();
    }

    /// <summary>There are no other nodes that might be the owner.</summary>
    public bool IsAlone { get; }

    public bool IsOwner
    {
        get
        {
            lock (_gate)
                return _tenure is { IsCancellationRequested: false };
        }
    }

    /// <summary>This process was the owner when the state could not be saved any more, and nobody has come since.</summary>
    public bool StandsIn
    {
        get
        {
            lock (_gate)
                return _standsIn;
        }
    }

    /// <summary>This process will be the owner once the lease of the one before has ended.</summary>
    public bool Claims
    {
        get
        {
            lock (_gate)
                return _claims;
        }
    }

    /// <summary>The state stands in this process's name: nobody else can save it.</summary>
    public void Claim()
    {
        lock (_gate)
            _claims = true;
    }

    /// <summary>The state was saved: this process is the owner for another <see cref="Lease"/>.</summary>
    /// <param name="since">When that save began, as <see cref="TimeProvider.GetTimestamp"/> gives it. A save that took longer than the lease gives nothing.</param>
    public void Hold(long since)
    {
        lock (_gate)
        {
            (_claims, _wasHeld, _standsIn) = (false, true, false);
            Renew(since);
        }
    }

    /// <summary>The state could not be saved, for want of PostgreSQL: whoever was the owner last stands in from now on.</summary>
    public void Unsaved()
    {
        lock (_gate)
            _standsIn |= _wasHeld;
    }

    /// <summary>Who stands in is the owner for another <see cref="Lease"/>; nothing where nobody does.</summary>
    /// <param name="heard">When something came from the stream, as <see cref="TimeProvider.GetTimestamp"/> gives it.</param>
    public void GoOn(long heard)
    {
        lock (_gate)
        {
            if (_standsIn)
                Renew(heard);
        }
    }

    /// <summary>From now on another process may be the owner.</summary>
    public void Release()
    {
        lock (_gate)
        {
            (_claims, _wasHeld, _standsIn) = (false, false, false);
            // What was waiting for it goes on elsewhere: not in the thread of whoever says this.
            _ = _tenure?.CancelAsync();
        }
    }

    /// <summary>As <see cref="Release"/>, and waits for all that this process does as the owner.</summary>
    /// <param name="patience">No longer than that.</param>
    /// <returns>False where something of it goes on: whoever comes next must wait until the lease would have ended.</returns>
    public async Task<bool> LeaveAsync(TimeSpan patience)
    {
        Release();
        Task all;
        lock (_gate)
            all = Task.WhenAll(_underWay);
        try
        {
            await all.WaitAsync(patience, _time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Completes once this process is the owner.</summary>
    public Task WhenOwnerAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Whoever is told of the end may come here at once, on the thread that tells the others.
            if (_tenure is { IsCancellationRequested: true } && _begun.Task.IsCompleted)
                _begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _begun.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Does the work as the owner; at once over where this process is none, and over when it no longer is.</summary>
    /// <param name="work">Its token ends with the ownership as well.</param>
    public async Task AsOwnerAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        CancellationToken tenure;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_tenure is not { IsCancellationRequested: false })
                return;
            tenure = _tenure.Token;
            _underWay.Add(ended.Task);
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(tenure, cancellationToken);
        try
        {
            await work(either.Token);
        }
        catch (OperationCanceledException) when (tenure.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Another node goes on with it.
        }
        finally
        {
            lock (_gate)
                _underWay.Remove(ended.Task);
            ended.SetResult();
        }
    }

    /// <summary>Does the work each time that this process becomes the owner, until it stops.</summary>
    /// <param name="work">Its token ends with the ownership as well.</param>
    public async Task WheneverOwnerAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await WhenOwnerAsync(stoppingToken);
                await AsOwnerAsync(work, stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _tenure?.Dispose();
    }

    private void Renew(long since)
    {
        var left = Lease - _time.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
            return;
        if (_tenure is { IsCancellationRequested: false } tenure)
        {
            // Never for less than what it had.
            if (since > _since)
                tenure.CancelAfter(left);
        }
        else
        {
            _tenure = new CancellationTokenSource(left, _time);
            _begun.TrySetResult();
        }
        _since = Math.Max(_since, since);
    }
}
