namespace Telemetry.Simulators.Replay;

/// <summary>Says when a reading of the recording is due. May be paused, and set to another moment.</summary>
/// <param name="speed">How many times faster than life; infinity for as fast as it goes.</param>
/// <param name="first">Unix ms: the moment of the recording that is due at <see cref="Start"/>.</param>
public sealed class ReplayClock(TimeProvider time, double speed, long first) : IDisposable
{
    // A timer can't wait longer than some weeks.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private long _started = time.GetTimestamp();
    private long _first = first;
    private long _pausedAt;
    private int _seeks;
    private TaskCompletionSource? _resumed;
    private CancellationTokenSource _changed = new();

    public void Start() => _started = time.GetTimestamp();

    public bool IsPaused
    {
        get
        {
            lock (_gate)
                return _resumed is not null;
        }
    }

    public void Toggle()
    {
        lock (_gate)
        {
            if (_resumed is { } resumed)
            {
                _started += time.GetTimestamp() - _pausedAt;
                _resumed = null;
                resumed.SetResult();
                return;
            }
            _pausedAt = time.GetTimestamp();
            _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Wake();
        }
    }

    /// <summary>Makes a moment of the recording the one that is due now, or when the pause ends.</summary>
    public void Seek(long moment)
    {
        lock (_gate)
        {
            _first = moment;
            _started = _pausedAt = time.GetTimestamp();
            _seeks++;
            Wake();
        }
    }

    /// <summary>Where it was set to last, Unix ms of the recording, and how many times it was set.</summary>
    public (int Seeks, long Moment) Sought
    {
        get
        {
            lock (_gate)
                return (_seeks, _first);
        }
    }

    /// <summary>Waits until a moment of the recording is due, or the clock was set more often than the caller knows.</summary>
    /// <param name="seeks">As many as the caller knows of.</param>
    public async Task WaitAsync(long moment, int seeks, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? resumed;
            CancellationToken changed;
            lock (_gate)
            {
                if (_seeks != seeks)
                    return;
                (resumed, changed) = (_resumed?.Task, _changed.Token);
            }
            if (resumed is not null)
            {
                await resumed.WaitAsync(cancellationToken);
                continue;
            }
            TimeSpan wait;
            lock (_gate)
                wait = TimeSpan.FromMilliseconds((moment - _first) / speed) - time.GetElapsedTime(_started);
            if (wait <= TimeSpan.Zero)
                return;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, changed);
            await Task.Delay(wait < Longest ? wait : Longest, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _changed.Dispose();

    private void Wake()
    {
        _changed.Cancel();
        _changed.Dispose();
        _changed = new CancellationTokenSource();
    }
}
