using Microsoft.Extensions.Time.Testing;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Tests.City;

public sealed class FastClockTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _machine = new();

    [Fact]
    public void Its_time_and_what_is_measured_by_it_pass_so_much_faster()
    {
        var clock = new FastClock(Noon, 20, _machine);
        var stamp = clock.GetTimestamp();
        _machine.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(Noon.AddMinutes(1), clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(1), clock.GetElapsedTime(stamp));
    }

    [Fact]
    public void A_timer_rings_by_it_and_goes_on_by_it()
    {
        var clock = new FastClock(Noon, 10, _machine);
        var rung = new List<DateTimeOffset>();
        using var timer = clock.CreateTimer(_ => rung.Add(clock.GetUtcNow()), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));
        for (var second = 0; second < 14; second++)
            _machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([Noon.AddSeconds(10), Noon.AddSeconds(70), Noon.AddSeconds(130)], rung);

        timer.Change(TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan);
        _machine.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(4, rung.Count);
    }

    [Fact]
    public void What_is_due_sooner_than_a_timer_can_wait_rings_nevertheless_once_a_millisecond()
    {
        var rung = 0;
        using var timer = new FastClock(Noon, 20, _machine).CreateTimer(_ => rung++, null, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        _machine.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(6, rung);
    }
}
