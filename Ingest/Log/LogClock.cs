namespace Telemetry.Ingest.Log;

/// <summary>
/// Log time: the wall clock, but never backwards. After the wall clock was set back, log time advances at half speed until the wall clock
/// has caught up, so that pending delays still mature. A forward step over 5 s against the monotonic clock is reported once.
/// </summary>
public sealed class LogClock(TimeProvider time)
{
    /// <summary>Not before the last entry of the log that is being continued.</summary>
    public void StartAfter(long unixMilliseconds) => throw new NotImplementedException();

    /// <summary>Unix ms, UTC. Any thread.</summary>
    public long Now() => throw new NotImplementedException();

    /// <summary>Milliseconds of a forward step since the last call; 0 for none. Called once a second by the ticker.</summary>
    public long TakeStep() => throw new NotImplementedException();

    private TimeProvider Time { get; } = time;
}
