namespace Telemetry.Simulators.Replay;

/// <summary>Says when a reading of the recording is due. May be paused.</summary>
/// <param name="speed">How many times faster than life; infinity for as fast as it goes.</param>
/// <param name="first">Unix ms: the moment of the recording that is due at <see cref="Start"/>.</param>
public sealed class ReplayClock(TimeProvider time, double speed, long first) : IDisposable
{
    // A timer can't wait longer than some weeks.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private long _started = time.GetTimestamp();
    private long _pausedAt;
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
            _changed.Cancel();
            _changed.Dispose();
            _changed = new CancellationTokenSource();
        }
    }

    /// <summary>Waits until a moment of the recording is due.</summary>
    public async Task WaitAsync(long moment, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task? resumed;
            CancellationToken changed;
            lock (_gate)
                (resumed, changed) = (_resumed?.Task, _changed.Token);
            if (resumed is not null)
            {
                await resumed.WaitAsync(cancellationToken);
                continue;
            }
            var wait = Until(moment);
            if (wait <= TimeSpan.Zero)
                return;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, changed);
            await Task.Delay(wait < Longest ? wait : Longest, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _changed.Dispose();

    private TimeSpan Until(long moment) => TimeSpan.FromMilliseconds((moment - first) / speed) - time.GetElapsedTime(_started);
}
