using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Tests.Log;

public class LogClockTests
{
    private readonly Wall _wall = new();

    [Fact]
    public void After_the_wall_clock_was_set_back_log_time_goes_on_at_half_speed_until_it_has_caught_up()
    {
        var clock = new LogClock(_wall);
        var start = clock.Now();
        _wall.Step(TimeSpan.FromSeconds(-10));
        Assert.Equal(start, clock.Now());
        _wall.Pass(TimeSpan.FromSeconds(4));
        Assert.Equal(start + 2_000, clock.Now());
        _wall.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(_wall.Milliseconds, clock.Now());
        Assert.Equal(start + 24_000, clock.Now());
    }

    [Fact]
    public void A_forward_step_over_5_s_is_reported_once()
    {
        var clock = new LogClock(_wall);
        _wall.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(0, clock.TakeStep());
        _wall.Step(TimeSpan.FromSeconds(60));
        _wall.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(60_000, clock.TakeStep());
        Assert.Equal(0, clock.TakeStep());
        _wall.Step(TimeSpan.FromSeconds(5));
        Assert.Equal(0, clock.TakeStep());
    }

    [Fact]
    public void Log_time_starts_after_the_log_that_is_continued()
    {
        var clock = new LogClock(_wall);
        clock.StartAfter(_wall.Milliseconds + 5_000);
        Assert.True(clock.Now() >= _wall.Milliseconds + 5_000);
    }

    /// <summary>A wall clock that can be set apart from the monotonic one.</summary>
    private sealed class Wall : TimeProvider
    {
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        private TimeSpan _offset;

        public long Milliseconds => GetUtcNow().ToUnixTimeMilliseconds();

        public void Step(TimeSpan by) => _offset += by;

        public void Pass(TimeSpan by) => _time.Advance(by);

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow() + _offset;

        public override long GetTimestamp() => _time.GetTimestamp();

        public override long TimestampFrequency => _time.TimestampFrequency;
    }
}
