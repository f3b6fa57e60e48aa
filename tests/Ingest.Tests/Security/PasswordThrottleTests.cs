using System.Net;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

/// <summary>How guessing is slowed down, and that it locks nobody out.</summary>
public sealed class PasswordThrottleTests
{
    private static readonly IPAddress Office = IPAddress.Parse("192.0.2.1"), Home = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly PasswordThrottle _throttle;

    public PasswordThrottleTests() => _throttle = new PasswordThrottle(_time);

    private static IPAddress Bot(int index) => new([10, 0, (byte)(index / 256), (byte)index]);

    [Fact]
    public void The_wait_doubles_to_a_minute_and_a_right_password_ends_it()
    {
        for (var i = 0; i < PasswordThrottle.Free; i++)
            Assert.Equal(TimeSpan.Zero, _throttle.Begin("li", Office));
        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            Assert.Equal(TimeSpan.FromSeconds(seconds), _throttle.Begin("li", Office));
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(TimeSpan.Zero, _throttle.Begin("LI", Office));
        }
        _throttle.Succeeded("li", Office);
        Assert.Equal(TimeSpan.Zero, _throttle.Begin("li", Office));
    }

    [Fact]
    public void What_was_tried_is_told_by_name_until_it_is_right_or_15_min_old()
    {
        for (var i = 0; i < 4; i++)
        {
            _throttle.Begin("li", Office);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        _throttle.Begin("Li", Home);
        // The fourth at the office was 1 s ago and waits 2 s; the first at home waits for nothing.
        var tried = _throttle.Tried();
        Assert.Equal((5, _time.GetUtcNow().AddSeconds(1)), tried["lI"]);
        Assert.False(tried.ContainsKey("wang"));
        _throttle.Succeeded("li", Office);
        Assert.Equal((1, null), _throttle.Tried()["li"]);
        _time.Advance(PasswordThrottle.Window);
        Assert.Empty(_throttle.Tried());
    }

    [Fact]
    public void A_name_at_its_cap_says_until_when()
    {
        for (var i = 0; i < PasswordThrottle.CapOfName; i++)
            _throttle.Begin("li", Bot(i));
        Assert.Equal((PasswordThrottle.CapOfName, _time.GetUtcNow() + PasswordThrottle.Window), _throttle.Tried()["li"]);
    }

    [Fact]
    public void Asking_in_the_meantime_makes_the_wait_no_longer()
    {
        for (var i = 0; i < 8; i++)
            _throttle.Begin("li", Office);
        Assert.Equal(TimeSpan.FromSeconds(1), _throttle.Begin("li", Office));
    }

    [Fact]
    public void Many_at_once_are_counted_before_any_is_answered() =>
        Assert.Equal(PasswordThrottle.Free, Enumerable.Range(0, 1000).Count(_ => _throttle.Begin("li", Office) == TimeSpan.Zero));

    [Fact]
    public void Guesses_from_many_addresses_meet_the_cap_of_the_name_but_not_whoever_has_logged_in_from_there_before()
    {
        _throttle.Begin("li", Office);
        _throttle.Succeeded("li", Office);
        var through = Enumerable.Range(0, 1000).Count(index => _throttle.Begin("li", Bot(index)) == TimeSpan.Zero);
        Assert.Equal(PasswordThrottle.CapOfName, through);
        Assert.True(_throttle.Begin("li", Home) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _throttle.Begin("li", Office));
        _time.Advance(PasswordThrottle.Window);
        Assert.Equal(TimeSpan.Zero, _throttle.Begin("li", Home));
    }

    [Fact]
    public void A_colleague_behind_the_same_address_waits_5_s_at_most_whatever_somebody_there_tries()
    {
        _throttle.Begin("li", Office);
        _throttle.Succeeded("li", Office);
        for (var i = 0; i < 200; i++)
        {
            if (_throttle.Begin("li", Office) is var wait && wait > TimeSpan.Zero)
                _time.Advance(wait);
        }
        Assert.InRange(_throttle.Begin("li", Office), TimeSpan.Zero, PasswordThrottle.LongestWhereKnown);
    }

    [Fact]
    public void A_flood_of_names_is_forgotten_before_the_name_that_is_guessed()
    {
        for (var i = 0; i < 4; i++)
        {
            _throttle.Begin("li", Office);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        _throttle.Begin("li", Office);
        for (var i = 0; i < 21_000; i++)
            _throttle.Begin($"name {i}", Bot(i));
        Assert.True(_throttle.Begin("li", Office) > TimeSpan.Zero);
    }
}
