using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Telemetry.Ingest.Gateways;

/// <summary>Once a second: ends connections that are dead, that take nothing, or that a stalled log can't serve; forgets old sessions.</summary>
internal sealed class ConnectionWatch(Func<IEnumerable<GatewayChannel>> channels, Func<bool> isStalled, MqttServer server, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // The only limit for clients without keep-alive.
    private static readonly TimeSpan MaxStuck = TimeSpan.FromSeconds(30);

    // MQTTnet keeps sessions for ever.
    private static readonly TimeSpan MaxSessionAge = TimeSpan.FromDays(1);
    private static readonly TimeSpan SessionInterval = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var sessionsLooked = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var stalled = isStalled();
                foreach (var channel in channels())
                    Look(channel, stalled);
                if (time.GetElapsedTime(sessionsLooked) < SessionInterval)
                    continue;
                sessionsLooked = time.GetTimestamp();
                await ForgetSessionsAsync();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static void Look(GatewayChannel channel, bool stalled)
    {
        if (channel.StuckFor > MaxStuck)
            channel.Drop($"took nothing for {MaxStuck.TotalSeconds} s");
        else if (stalled)
            _ = channel.CloseAsync(MqttDisconnectReasonCode.QuotaExceeded, "the log can't be written; keep the data and come back", byService: true);
        else if (channel.KeepAlive > 0 && channel.SilentFor > TimeSpan.FromSeconds(1.5 * channel.KeepAlive))
            _ = channel.CloseAsync(MqttDisconnectReasonCode.KeepAliveTimeout, $"silent for 1.5 × {channel.KeepAlive} s", byService: false);
    }

    private async Task ForgetSessionsAsync()
    {
        foreach (var session in await server.GetSessionsAsync())
        {
            // 3.1.1 gives no time.
            var kept = session.ExpiryInterval == 0 ? MaxSessionAge : TimeSpan.FromSeconds(Math.Min(session.ExpiryInterval, MaxSessionAge.TotalSeconds));
            if (session.DisconnectedTimestamp is { } since && time.GetUtcNow().UtcDateTime - since > kept)
                await session.DeleteAsync();
        }
    }
}
