using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// Tells systemd how the service is (sd_notify(3)): ready, stopping, and, several times a watchdog period, that the rules keep up with the
/// log. Without that sign systemd restarts it. Does nothing where NOTIFY_SOCKET names no socket.
/// </summary>
internal sealed partial class Supervisor(DurableLog log, Progress progress, Readiness readiness, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Supervisor> logger) : BackgroundService
{
    private const int SignsPerPeriod = 3;

    private readonly string? _socket = Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 } name ? name : null;

    /// <summary>The ports are open.</summary>
    public void Ready() => Tell("READY=1");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_socket is null)
            return;
        lifetime.ApplicationStopping.Register(() => Tell("STOPPING=1"));
        if (!long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var period) || period == 0)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromMicroseconds((double)period / SignsPerPeriod), time);
        var (committed, rules) = (0L, 0L);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var (committedBefore, rulesBefore) = (committed, rules);
                (committed, rules) = (log.Committed, progress.Rules);
                // A log that takes nothing is no reason: a restart would not give it room.
                if (rules >= committedBefore || rules > rulesBefore)
                    Tell($"WATCHDOG=1\nSTATUS={Status()}");
                else
                    LogStuck(rules, committed);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private string Status() => readiness.Missing() is { Count: > 0 } missing ? "not ready: " + string.Join(", ", missing.Keys) : "ready";

    private void Tell(string state)
    {
        if (_socket is null)
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A leading @ stands for the abstract name space.
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(_socket[0] == '@' ? '\0' + _socket[1..] : _socket));
        }
        catch (SocketException error)
        {
            LogNotTold(_socket, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "the rules stand still at position {Rules} of {Committed}: the watchdog gets no sign of life")]
    private partial void LogStuck(long rules, long committed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "systemd could not be told by {Socket}")]
    private partial void LogNotTold(string socket, Exception error);
}
