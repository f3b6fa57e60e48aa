using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Cluster.Owner;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

public sealed class OwnershipTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Ownership _ownership;

    public OwnershipTests() => _ownership = new Ownership(_time);

    public void Dispose() => _ownership.Dispose();

    [Fact]
    public void A_machine_alone_is_always_the_owner()
    {
        Assert.True(Ownership.Alone.IsOwner);
        Assert.True(Ownership.Alone.WhenOwnerAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Nobody_is_before_the_first_save()
    {
        Assert.False(_ownership.IsOwner);
        Assert.False(_ownership.WhenOwnerAsync(CancellationToken.None).IsCompleted);
        await _ownership.AsOwnerAsync(_ => throw new InvalidOperationException("nobody's work"), CancellationToken.None);
    }

    [Fact]
    public void A_save_holds_for_the_lease_from_its_beginning()
    {
        var began = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(3));
        _ownership.Hold(began);
        _time.Advance(Ownership.Lease - TimeSpan.FromSeconds(3) - Moment);
        Assert.True(_ownership.IsOwner);
        _time.Advance(Moment);
        Assert.False(_ownership.IsOwner);
    }

    [Fact]
    public void A_save_that_took_longer_than_the_lease_gives_nothing()
    {
        var began = _time.GetTimestamp();
        _time.Advance(Ownership.Lease);
        _ownership.Hold(began);
        Assert.False(_ownership.IsOwner);
    }

    [Fact]
    public void Each_save_renews()
    {
        for (var save = 0; save < 10; save++)
        {
            _ownership.Hold(_time.GetTimestamp());
            _time.Advance(Ownership.Lease - Moment);
        }
        Assert.True(_ownership.IsOwner);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_looks_by_a_timer_holds_back_nobody_at_the_end_and_begins_again_with_the_next(bool released)
    {
        using var stop = new CancellationTokenSource();
        var (first, told, begun) = (0, 0, 0);
        _ownership.Hold(_time.GetTimestamp());
        // Told last, since it was there first.
        var before = _ownership.WheneverOwnerAsync(WaitAsync, stop.Token);
        var looking = _ownership.WheneverOwnerAsync(LookAsync, stop.Token);
        await Task.Run(released ? () => _ownership.Release() : () => _time.Advance(Ownership.Lease), CancellationToken.None).WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
        await Wait.ForAsync("the first is told", () => told == 1);
        Assert.Equal((1, 1), (first, begun));

        _ownership.Hold(_time.GetTimestamp());
        await Wait.ForAsync("both begin again", () => (first, begun) == (2, 2));
        await stop.CancelAsync();
        await Task.WhenAll(before, looking);

        async Task WaitAsync(CancellationToken token)
        {
            first++;
            using var telling = token.Register(() => told++);
            await Task.Delay(Timeout.Infinite, token);
        }

        async Task LookAsync(CancellationToken token)
        {
            begun++;
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
            while (await timer.WaitForNextTickAsync(token))
            {
            }
        }
    }

    [Fact]
    public async Task What_runs_ends_with_the_lease_and_begins_again_with_the_next()
    {
        _ownership.Hold(_time.GetTimestamp());
        var first = _ownership.AsOwnerAsync(token => Task.Delay(Timeout.Infinite, token), CancellationToken.None);
        Assert.False(first.IsCompleted);
        _time.Advance(Ownership.Lease);
        await first.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
        var again = _ownership.WhenOwnerAsync(CancellationToken.None);
        Assert.False(again.IsCompleted);
        _ownership.Hold(_time.GetTimestamp());
        await again.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
        Assert.True(_ownership.IsOwner);
    }

    [Fact]
    public async Task What_runs_ends_at_once_where_another_has_come()
    {
        _ownership.Hold(_time.GetTimestamp());
        var work = _ownership.AsOwnerAsync(token => Task.Delay(Timeout.Infinite, token), CancellationToken.None);
        _ownership.Release();
        Assert.False(_ownership.IsOwner);
        await work.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Whoever_leaves_waits_for_what_it_does_as_the_owner()
    {
        _ownership.Hold(_time.GetTimestamp());
        var call = new TaskCompletionSource();
        var work = _ownership.AsOwnerAsync(_ => call.Task, CancellationToken.None);
        var left = _ownership.LeaveAsync(TimeSpan.FromSeconds(4));
        Assert.False(_ownership.IsOwner);
        Assert.False(left.IsCompleted);
        call.SetResult();
        Assert.True(await left.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken));
        await work;
    }

    [Fact]
    public async Task Whoever_leaves_says_so_where_something_goes_on()
    {
        _ownership.Hold(_time.GetTimestamp());
        var call = new TaskCompletionSource();
        var work = _ownership.AsOwnerAsync(_ => call.Task, CancellationToken.None);
        var left = _ownership.LeaveAsync(TimeSpan.FromSeconds(4));
        _time.Advance(TimeSpan.FromSeconds(4) - Moment);
        Assert.False(left.IsCompleted);
        _time.Advance(Moment);
        Assert.False(await left.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken));
        call.SetResult();
        await work.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken);
        Assert.True(await _ownership.LeaveAsync(TimeSpan.FromSeconds(4)));
    }

    [Fact]
    public void Who_can_save_no_more_goes_on_from_what_it_hears_of_the_stream_and_without_it_ends_with_the_lease()
    {
        _ownership.Hold(_time.GetTimestamp());
        _ownership.Unsaved();
        for (var heard = 0; heard < 10; heard++)
        {
            _ownership.GoOn(_time.GetTimestamp());
            _time.Advance(Ownership.Lease - Moment);
            Assert.True(_ownership.IsOwner);
        }
        _time.Advance(Moment);
        Assert.False(_ownership.IsOwner);
        // The stream was away for a while, and nobody has come.
        _ownership.GoOn(_time.GetTimestamp());
        Assert.True(_ownership is { IsOwner: true, StandsIn: true });
    }

    [Fact]
    public void What_was_heard_before_the_last_save_shortens_nothing()
    {
        var heard = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        _ownership.Hold(_time.GetTimestamp());
        _ownership.Unsaved();
        _ownership.GoOn(heard);
        _time.Advance(Ownership.Lease - Moment);
        Assert.True(_ownership.IsOwner);
    }

    [Fact]
    public void Nobody_stands_in_who_was_not_the_owner_or_has_a_successor_or_can_save_again()
    {
        _ownership.Unsaved();
        _ownership.GoOn(_time.GetTimestamp());
        Assert.False(_ownership.IsOwner);

        _ownership.Hold(_time.GetTimestamp());
        _ownership.Unsaved();
        _ownership.Release();
        _ownership.Unsaved();
        _ownership.GoOn(_time.GetTimestamp());
        Assert.False(_ownership.IsOwner);

        _ownership.Hold(_time.GetTimestamp());
        _ownership.Unsaved();
        _ownership.Hold(_time.GetTimestamp());
        Assert.False(_ownership.StandsIn);
        _time.Advance(Ownership.Lease - Moment);
        _ownership.GoOn(_time.GetTimestamp());
        _time.Advance(Moment);
        Assert.False(_ownership.IsOwner);
    }

    [Fact]
    public async Task What_fails_by_itself_and_what_is_stopped_says_so()
    {
        _ownership.Hold(_time.GetTimestamp());
        await Assert.ThrowsAsync<IOException>(() => _ownership.AsOwnerAsync(_ => throw new IOException("away"), CancellationToken.None));
        using var stopping = new CancellationTokenSource();
        var work = _ownership.AsOwnerAsync(token => Task.Delay(Timeout.Infinite, token), stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }
}
