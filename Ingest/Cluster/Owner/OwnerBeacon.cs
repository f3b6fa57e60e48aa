using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>
/// What the nodes tell each other of the owner through the nats-servers, each second and without PostgreSQL: that one acts, or will once the lease before it has ended. So the last
/// owner may go on while nobody can save anything: as long as it hears the stream it would hear of a successor too, and once it does not its lease ends.
/// </summary>
internal sealed partial class OwnerBeacon(ClusterLog log, Ownership ownership, OwnerNode node, LogClock clock, ILogger<OwnerBeacon> logger) : BackgroundService
{
    private const string Acts = "acts", Claims = "claims";

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    // A tick comes each second, and so does an owner's word.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time = clock.Time;
    private long _hearsSince = clock.Time.GetTimestamp();
    private long _actsAt;

    /// <summary>For how long no node has acted; null while one does, or where this node does not hear the others.</summary>
    public TimeSpan? NobodyFor
    {
        get
        {
            if (ownership.IsOwner || !Hears)
                return null;
            var silent = _time.GetElapsedTime(Math.Max(Volatile.Read(ref _actsAt), Volatile.Read(ref _hearsSince)));
            return silent > Silence ? silent : null;
        }
    }

    private bool Hears => _time.GetElapsedTime(log.HeardAt) < Silence;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await Task.WhenAll(SayAsync(stoppingToken), HearAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task SayAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, _time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            if (!Hears)
                Volatile.Write(ref _hearsSince, _time.GetTimestamp());
            // Whose lease has ended may have a successor, and listens first for as long as that one would wait.
            else if (ownership.IsOwner || _time.GetElapsedTime(_hearsSince) >= Ownership.Lease)
                ownership.GoOn(log.HeardAt);
            try
            {
                if (ownership.IsOwner)
                    await log.SayAsync($"{Acts} {node.Run}", stopping);
                else if (ownership.Claims)
                    await log.SayAsync($"{Claims} {node.Run}", stopping);
            }
            catch (Exception error) when (NatsStream.IsPassing(error) && !stopping.IsCancellationRequested)
            {
                // Said again.
            }
        }
    }

    private async Task HearAsync(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await foreach (var word in log.HearAsync(stopping))
                    Take(word);
            }
            catch (Exception error) when (NatsStream.IsPassing(error) && !stopping.IsCancellationRequested)
            {
                // Without the servers there is nothing to hear.
            }
            await Task.Delay(Every, _time, stopping);
        }
    }

    private void Take(string word)
    {
        if (word.Split(' ') is not [Acts or Claims, var run] || run == node.Run)
            return;
        if (word.StartsWith(Acts, StringComparison.Ordinal))
            Volatile.Write(ref _actsAt, _time.GetTimestamp());
        if (!ownership.StandsIn)
            return;
        ownership.Release();
        LogGaveWay(run);
    }

    [LoggerMessage(LogLevel.Warning, "another node, run {Run}, is the owner now: this one, which can't save the owner's state, has stopped acting")]
    private partial void LogGaveWay(string run);
}
