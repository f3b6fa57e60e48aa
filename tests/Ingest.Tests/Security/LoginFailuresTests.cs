using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Tests.Security;

public sealed class LoginFailuresTests : IDisposable
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1"), Two = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();
    private readonly LoginFailures _failures;

    public LoginFailuresTests() => _failures = new LoginFailures(_time, _log.CreateLogger<LoginFailures>());

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Each_is_counted_and_one_a_minute_is_logged_for_each_address_name_and_reason()
    {
        for (var i = 0; i < 100; i++)
        {
            _failures.Refused("mqtt", One, "gw-1", LoginRefusal.WrongPassword);
            _failures.Refused("mqtt", One, "gw-2", LoginRefusal.WrongPassword);
            _failures.Refused("mqtt", Two, "gw-1", LoginRefusal.WrongPassword);
        }
        Assert.Equal(300, _failures.Counts[("mqtt", LoginRefusal.WrongPassword)]);
        Assert.Equal(3, _log.All.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        _failures.Refused("mqtt", One, "gw-1", LoginRefusal.WrongPassword);
        Assert.Equal(4, _log.All.Count);
    }

    [Fact]
    public async Task An_address_is_slowed_by_its_own_failures_two_seconds_at_most_for_a_minute_and_its_neighbours_are_not()
    {
        for (var i = 0; i < 1000; i++)
            _failures.Refused("mqtt", One, "gw-1", LoginRefusal.WrongPassword);
        Assert.True(_failures.SlowDownAsync(Two, TestContext.Current.CancellationToken).IsCompleted);
        var slowed = _failures.SlowDownAsync(One, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMilliseconds(1900));
        Assert.False(slowed.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await slowed;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_failures.SlowDownAsync(One, TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public void A_million_names_of_a_scanner_are_forgotten_again()
    {
        var once = new OncePerInterval(Timeout.InfiniteTimeSpan, _time);
        Assert.True(once.May("first"));
        Assert.False(once.May("first"));
        for (var i = 0; i < 10_000; i++)
            Assert.True(once.May($"name {i}"));
        Assert.True(once.May("first"));
    }
}
