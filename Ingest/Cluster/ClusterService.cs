using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Gateways.Hj212;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Cluster;

/// <summary>Tells the gateways' doors what came through other nodes, and ends the service when this node can't go on: another one then serves, rather than one that takes nothing.</summary>
internal sealed class ClusterService(ClusterLog log, EmbeddedBroker broker, Hj212Listener stations) : BackgroundService
{
    public static void Add(IServiceCollection services, ClusterOptions options, ServiceOptions service)
    {
        var directory = Path.Combine(service.DataPath, "log");
        services.AddSingleton(provider => new ClusterLog(
            options, service.Log, directory, provider.GetRequiredService<DurableLog>(), provider.GetRequiredService<LogClock>(), provider.GetRequiredService<ILogger<ClusterLog>>()));
        services.AddSingleton<ILogAppend>(provider => provider.GetRequiredService<ClusterLog>());
        services.AddHostedService<ClusterService>();
        services.AddSingleton(provider => new Ownership(provider.GetRequiredService<LogClock>().Time));
        if (options.Owner is not { } owner)
            return;
        OwnerParts.Add(services, owner, options.Stream);
        StreamWatch.Add(services, options, service);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        log.HeardElsewhere = gateway =>
        {
            broker.HeardElsewhere(gateway);
            stations.HeardElsewhere(gateway);
        };
        return log.Running.WaitAsync(stoppingToken);
    }
}
