using System.Globalization;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Cluster;

/// <summary>
/// The owner compares once an hour what the servers of the stream hold: <c>system/stream_differs</c> calls the administrator while one of them holds something else than
/// most. Of itself such a server says that all is well.
/// </summary>
/// <param name="compare">What the servers hold, from a message on.</param>
/// <param name="stands">The alarm's condition holds, as the log has it now.</param>
internal sealed partial class StreamWatch(
    Func<ulong, CancellationToken, Task<IReadOnlyList<ServerCheck>>> compare, Ownership ownership, AppendEntries append, Func<bool> stands, TimeProvider time, ILogger<StreamWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    // One name for every server: which of them differs may change while the alarm stands.
    private const string Name = "stream";

    // What was the same once stays so, until this node begins anew; a server that lags holds nothing from there on.
    private ulong _from = 1;

    public static void Add(IServiceCollection services, ClusterOptions options, ServiceOptions service) => services.AddHostedService(provider => new StreamWatch(
        async (from, cancellationToken) =>
        {
            await using var stream = new NatsStream(options, service.Log.Keep, TimeProvider.System);
            await stream.FindAsync(cancellationToken);
            return await StreamCheck.RunAsync(stream, from, _ => { }, cancellationToken);
        },
        provider.GetRequiredService<Ownership>(), provider.GetRequiredService<LogAppender>().AppendAsync, () => provider.GetRequiredService<AlarmBook>().Stands(WatchService.StreamDiffers),
        provider.GetRequiredService<LogClock>().Time, provider.GetRequiredService<ILogger<StreamWatch>>()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await ownership.AsOwnerAsync(LookAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ServerCheck> servers;
        try
        {
            servers = await compare(_from, cancellationToken);
        }
        catch (Exception error) when (error is IOException || NatsStream.IsPassing(error))
        {
            LogUnknown(error);
            return;
        }
        var wrong = servers.Where(server => server.Differs > 0).ToList();
        if (wrong.Count == 0)
            _from = Math.Max(_from, servers.Min(server => server.Last) + 1);
        // Another node may have raised it, or ended it, when it was the owner.
        var alarm = new SystemAlarm(WatchService.StreamDiffers, "another server differs", "all servers hold the same", append, stands(), logger);
        alarm.Restore([Name]);
        await alarm.SayAsync(wrong.Count == 0 ? [] : new Dictionary<string, string> { [Name] = string.Join(", ", wrong.Select(Text)) }, cancellationToken);
    }

    private static string Text(ServerCheck server) =>
        string.Create(CultureInfo.InvariantCulture, $"server {server.Server} holds {server.Differs} others than most, the first as message {server.First}");

    [LoggerMessage(LogLevel.Warning, "what the servers of the stream hold can't be compared; no alarm comes or goes by it meanwhile")]
    private partial void LogUnknown(Exception error);
}
