using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.State;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>
/// Tells the log which channels are dead, as <c>system/channel_dead</c>: raised anew when another one dies, over when all work again. Remembered over a restart;
/// what was dead then is tried by its next message.
/// </summary>
/// <param name="stands">The alarm's condition holds, as the log has it.</param>
internal sealed partial class ChannelDeaths(OutboxDatabase outbox, AppendEntries append, Func<bool> stands, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    private readonly SortedDictionary<string, string> _dead = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private SystemAlarm? _alarm;

    /// <summary>Channels that are dead now, with what they failed with last.</summary>
    public IReadOnlyDictionary<string, string> Dead
    {
        get
        {
            lock (_gate)
                return new SortedDictionary<string, string>(_dead, StringComparer.Ordinal);
        }
    }

    /// <summary>Takes over what was dead when the process ended.</summary>
    public void Restore(IEnumerable<ChannelSender> senders)
    {
        _alarm = new SystemAlarm(WatchService.ChannelDead, "another channel died", "all channels work again", append, stands(), logger);
        var channels = senders.ToDictionary(sender => sender.Name);
        foreach (var (channel, since, reason) in outbox.DeadChannels())
        {
            if (!channels.TryGetValue(channel, out var sender))
            {
                outbox.SetDead(channel, null, null);
                continue;
            }
            sender.Circuit.Restore(since, reason);
            _dead[channel] = reason ?? "";
        }
        _alarm.Restore(_dead.Keys);
    }

    /// <summary>A channel has died, or works again.</summary>
    public void Changed(ChannelSender sender)
    {
        var (since, reason) = (sender.Circuit.DeadSince, sender.Circuit.Reason);
        lock (_gate)
        {
            if (since is null)
                _dead.Remove(sender.Name);
            else
                _dead[sender.Name] = reason ?? "";
        }
        if (since is null)
            LogWorks(sender.Name);
        else
            LogDead(sender.Name, reason);
        try
        {
            outbox.SetDead(sender.Name, since, reason);
        }
        catch (IOException error)
        {
            LogNotStored(sender.Name, error);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await SayAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    internal Task SayAsync(CancellationToken cancellationToken) => _alarm!.SayAsync(Dead, cancellationToken);

    [LoggerMessage(LogLevel.Error, "channel {Channel} is dead ({Reason}); messages go by the next one")]
    private partial void LogDead(string channel, string? reason);

    [LoggerMessage(LogLevel.Information, "channel {Channel} works again")]
    private partial void LogWorks(string channel);

    [LoggerMessage(LogLevel.Warning, "that {Channel} died or works again can't be stored")]
    private partial void LogNotStored(string channel, Exception error);
}
