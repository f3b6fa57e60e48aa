using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Watchdog;

/// <summary>What the service needs for its watchdog; without <c>Watchdog:Url</c> nothing of it is there.</summary>
internal static class HeartbeatParts
{
    public static void Add(IServiceCollection services, ServiceOptions options)
    {
        if (options.Watchdog is not { } watchdog)
            return;
        services.AddHostedService(provider => new HeartbeatSender(
            watchdog, provider.GetRequiredService<ReadingFeed>(), provider.GetRequiredService<AlarmFeed>(), provider.GetService<NotifyService>() is { } notifier ? () => notifier.Followed : null,
            new HttpCaller(options.Channels.Authorities), provider.GetRequiredService<LogAppender>().AppendAsync, Stands(provider.GetRequiredService<AlarmBook>()),
            provider.GetRequiredService<Ownership>(), TimeProvider.System, provider.GetRequiredService<ILogger<HeartbeatSender>>()));
    }

    private static Func<bool> Stands(AlarmBook book) => () => book.Stands(WatchService.WatchdogLost);
}
