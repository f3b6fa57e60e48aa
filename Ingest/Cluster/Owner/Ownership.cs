namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>
/// Whether this process does what may be done once in the world, and until when: a lease that each save of the owner's state renews, and that ends by itself. Any thread.
/// </summary>
public sealed class Ownership : IDisposable
{
    /// <summary>How long after its last good save an owner still acts, at most.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);

    /// <summary>A machine that shares its log with nobody does everything itself.</summary>
    public static readonly Ownership Alone = new();

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _tenure;
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

    /// <summary>The state was saved: this process is the owner for another <see cref="Lease"/>.</summary>
    /// <param name="since">When that save began, as <see cref="TimeProvider.GetTimestamp"/> gives it. A save that took longer than the lease gives nothing.</param>
    public void Hold(long since)
    {
        var left = Lease - _time.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
            return;
        lock (_gate)
        {
            if (_tenure is { IsCancellationRequested: false } tenure)
            {
                tenure.CancelAfter(left);
                return;
            }
            _tenure = new CancellationTokenSource(left, _time);
            _begun.TrySetResult();
            _tenure.Token.Register(Ended);
        }
    }

    /// <summary>From now on another process may be the owner.</summary>
    public void Release()
    {
        lock (_gate)
        {
            // What was waiting for it goes on elsewhere: not in the thread of whoever says this.
            _ = _tenure?.CancelAsync();
        }
    }

    /// <summary>Completes once this process is the owner.</summary>
    public Task WhenOwnerAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _begun.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Does the work as the owner; at once over where this process is none, and over when it no longer is.</summary>
    /// <param name="work">Its token ends with the ownership as well.</param>
    public async Task AsOwnerAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        CancellationToken tenure;
        lock (_gate)
        {
            if (_tenure is not { IsCancellationRequested: false })
                return;
            tenure = _tenure.Token;
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
    }

    public void Dispose()
    {
        lock (_gate)
            _tenure?.Dispose();
    }

    private void Ended()
    {
        lock (_gate)
        {
            if (_begun.Task.IsCompleted)
                _begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
