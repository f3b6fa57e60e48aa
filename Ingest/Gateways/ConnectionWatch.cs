using MQTTnet.Protocol;
using MQTTnet.Server;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// Once a second: ends connections that are dead, that say nothing, that take nothing, that a stalled log can't serve or whose credentials were withdrawn;
/// forgets old sessions.
/// </summary>
internal sealed partial class ConnectionWatch(
    Func<IEnumerable<GatewayChannel>> channels, Func<bool> isStalled, MqttServer server, ClientIdOwners owners, ConnectionGate gate, TimeSpan timeToConnect, TimeProvider time, ILogger logger)
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

    private void Look(GatewayChannel channel, bool stalled)
    {
        if (channel.WaitingForConnect > timeToConnect)
        {
            if (channel.Drop($"no CONNECT within {timeToConnect.TotalSeconds} s"))
                gate.SaidNothing(channel.RemoteEndPoint);
        }
        else if (channel.StuckFor > MaxStuck)
            channel.Drop($"took nothing for {MaxStuck.TotalSeconds} s");
        else if (channel.Login is { IsValid: false } login)
            _ = WithdrawAsync(channel, login.Owner);
        else if (stalled)
            _ = channel.CloseAsync(MqttDisconnectReasonCode.QuotaExceeded, "the log can't be written; keep the data and come back", byService: true);
        else if (channel.KeepAlive > 0 && channel.SilentFor > TimeSpan.FromSeconds(1.5 * channel.KeepAlive))
            _ = channel.CloseAsync(MqttDisconnectReasonCode.KeepAliveTimeout, $"silent for 1.5 × {channel.KeepAlive} s", byService: false);
    }

    /// <summary>Its session goes too: nobody may come back to it.</summary>
    private async Task WithdrawAsync(GatewayChannel channel, string owner)
    {
        if (!await channel.CloseAsync(MqttDisconnectReasonCode.NotAuthorized, "these credentials were changed or withdrawn", byService: true))
            return;
        LogWithdrawn(owner);
        try
        {
            await (await server.GetSessionAsync(channel.ClientId)).DeleteAsync();
        }
        catch (InvalidOperationException)
        {
            // It went with its connection.
        }
    }

    private async Task ForgetSessionsAsync()
    {
        var asOf = time.GetTimestamp();
        var sessions = await server.GetSessionsAsync();
        var inUse = sessions.Select(session => session.Id).Concat(channels().Select(channel => channel.ClientId)).ToHashSet(StringComparer.Ordinal);
        owners.ForgetUnused(asOf, inUse.Contains);
        foreach (var session in sessions)
        {
            // 3.1.1 gives no time.
            var kept = session.ExpiryInterval == 0 ? MaxSessionAge : TimeSpan.FromSeconds(Math.Min(session.ExpiryInterval, MaxSessionAge.TotalSeconds));
            if (session.DisconnectedTimestamp is { } since && time.GetUtcNow().UtcDateTime - since > kept)
                await session.DeleteAsync();
        }
    }

    [LoggerMessage(LogLevel.Warning, "a connection of {Owner} is closed: its credentials were changed or withdrawn")]
    private partial void LogWithdrawn(string owner);
}
