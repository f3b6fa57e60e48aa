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

    [Fact]
    public async Task What_runs_ends_with_the_lease_and_begins_again_with_the_next()
    {
        _ownership.Hold(_time.GetTimestamp());
        var first = _ownership.AsOwnerAsync(token => Task.Delay(Timeout.Infinite, token), CancellationToken.None);
        Assert.False(first.IsCompleted);
        _time.Advance(Ownership.Lease);
        await first.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        var again = _ownership.WhenOwnerAsync(CancellationToken.None);
        Assert.False(again.IsCompleted);
        _ownership.Hold(_time.GetTimestamp());
        await again.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(_ownership.IsOwner);
    }

    [Fact]
    public async Task What_runs_ends_at_once_where_another_has_come()
    {
        _ownership.Hold(_time.GetTimestamp());
        var work = _ownership.AsOwnerAsync(token => Task.Delay(Timeout.Infinite, token), CancellationToken.None);
        _ownership.Release();
        Assert.False(_ownership.IsOwner);
        await work.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
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
