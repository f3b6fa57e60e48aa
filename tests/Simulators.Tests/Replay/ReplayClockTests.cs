using Microsoft.Extensions.Time.Testing;
using Telemetry.Simulators.Replay;

namespace Telemetry.Simulators.Tests.Replay;

public sealed class ReplayClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1, 10_000)]
    [InlineData(10, 1_000)]
    [InlineData(0.5, 20_000)]
    public async Task A_moment_is_due_after_its_delay_through_speed(double speed, int milliseconds)
    {
        using var clock = new ReplayClock(_time, speed, 5_000);
        var due = clock.WaitAsync(15_000, 0, TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.False(due.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await due.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task As_fast_as_it_goes_nothing_waits_but_for_a_pause()
    {
        using var clock = new ReplayClock(_time, double.PositiveInfinity, 0);
        Assert.True(clock.WaitAsync(1L << 40, 0, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        clock.Toggle();
        var due = clock.WaitAsync(1, 0, TestContext.Current.CancellationToken);
        Assert.False(due.IsCompleted);
        clock.Toggle();
        await due.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_is_paused_comes_later_by_the_pause_and_not_before()
    {
        using var clock = new ReplayClock(_time, 1, 0);
        var due = clock.WaitAsync(10_000, 0, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(4));
        clock.Toggle();
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(due.IsCompleted);
        Assert.True(clock.IsPaused);
        clock.Toggle();
        var also = clock.WaitAsync(10_000, 0, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMilliseconds(5_999));
        Assert.False(also.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await also.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(0.5, 100_000)]
    [InlineData(10, 10_000)]
    [InlineData(double.PositiveInfinity, 0)]
    public void Shifted_to_now_the_last_reading_is_sent_at_its_own_time_at_the_latest(double speed, long lastAfter)
    {
        const long Now = 1_800_000_000_000, First = 1_781_913_600_000, Last = First + 100_000;
        var shift = TimeShift.ToNow(Now, First, Last, speed);
        Assert.Equal(Now + lastAfter, TimeShift.Of(Last, shift));
    }

    [Fact]
    public void Seconds_become_milliseconds_and_a_clock_that_was_never_set_stays_so()
    {
        Assert.Equal(1_781_913_601_500, TimeShift.Of(1_781_913_600, 1_500));
        Assert.Equal(1_781_913_600, TimeShift.Of(1_781_913_600, 0));
        Assert.Equal(86_400_000, TimeShift.Of(86_400_000, 1_500));
        Assert.Equal(1_781_913_600_000, TimeShift.Of(1_781_913_600_500, -500));
    }
}
