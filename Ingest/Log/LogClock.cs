namespace Telemetry.Ingest.Log;

/// <summary>
/// Log time: the wall clock, but never backwards. After the wall clock was set back, log time advances at half speed until the wall clock
/// has caught up, so that pending delays still mature. A forward step over 5 s against the monotonic clock is reported once.
/// </summary>
public sealed class LogClock
{
    private const long StepThreshold = 5_000;

    private readonly Lock _gate = new();
    private long _last;
    private long _lastStamp;
    private double _fraction;
    private long _stepWall;
    private long _stepStamp;

    public LogClock(TimeProvider time)
    {
        Time = time;
        _lastStamp = _stepStamp = time.GetTimestamp();
        _stepWall = Wall();
    }

    /// <summary>The clock and timers below log time.</summary>
    public TimeProvider Time { get; }

    /// <summary>Not before the last entry of the log that is being continued.</summary>
    public void StartAfter(long unixMilliseconds)
    {
        lock (_gate)
            _last = Math.Max(_last, unixMilliseconds);
    }

    /// <summary>Unix ms, UTC. Any thread.</summary>
    public long Now()
    {
        lock (_gate)
        {
            var stamp = Time.GetTimestamp();
            var elapsed = Time.GetElapsedTime(_lastStamp, stamp).TotalMilliseconds;
            _lastStamp = stamp;
            var wall = Wall();
            if (wall >= _last)
            {
                _fraction = 0;
                return _last = wall;
            }
            _fraction += elapsed / 2;
            var whole = (long)_fraction;
            _fraction -= whole;
            return _last += whole;
        }
    }

    /// <summary>Milliseconds of a forward step since the last call; 0 for none. Called once a second by the ticker.</summary>
    public long TakeStep()
    {
        lock (_gate)
        {
            var stamp = Time.GetTimestamp();
            var wall = Wall();
            var step = wall - _stepWall - (long)Time.GetElapsedTime(_stepStamp, stamp).TotalMilliseconds;
            (_stepStamp, _stepWall) = (stamp, wall);
            return step > StepThreshold ? step : 0;
        }
    }

    private long Wall() => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
