namespace Telemetry.Simulators.City;

/// <summary>A clock on which time passes several times faster than it does: for a demonstration, where hours shall pass in minutes.</summary>
/// <param name="start">What it shows now.</param>
/// <param name="speed">At least 1.</param>
public sealed class FastClock(DateTimeOffset start, int speed, TimeProvider of) : TimeProvider
{
    private readonly long _begun = of.GetTimestamp();

    public override TimeZoneInfo LocalTimeZone => of.LocalTimeZone;

    public override long TimestampFrequency => of.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => start + (of.GetElapsedTime(_begun) * speed);

    public override long GetTimestamp() => (of.GetTimestamp() - _begun) * speed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FastTimer(of.CreateTimer(callback, state, Sooner(dueTime), Sooner(period)), this);

    /// <summary>Never less than the millisecond that a timer can wait, but for what is due at once or never.</summary>
    private TimeSpan Sooner(TimeSpan length) =>
        length <= TimeSpan.Zero ? length : TimeSpan.FromMilliseconds(Math.Max(1, length.TotalMilliseconds / speed));

    private sealed class FastTimer(ITimer timer, FastClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Sooner(dueTime), clock.Sooner(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
