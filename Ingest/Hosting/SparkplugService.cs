using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Decoding.Sparkplug;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Hosting;

/// <summary>Runs the Sparkplug host, and speaks for it on the service's own endpoint. Begins after the endpoint and ends before it.</summary>
internal sealed class SparkplugService(ServiceOptions options, SparkplugHost host, EmbeddedBroker broker) : BackgroundService, IHostedLifecycleService
{
    /// <summary>Where a route is of Sparkplug; else nothing of it runs.</summary>
    public static void Add(IServiceCollection services, ServiceOptions options)
    {
        EdgeNodes[] nodes = [.. options.Formats.All.Select(route => route.Format).OfType<SparkplugFormat>().Select(format => format.Nodes)];
        if (nodes.Length == 0)
            return;
        services.AddSingleton(provider => new SparkplugHost(
            nodes, options.Sparkplug, provider.GetRequiredService<LogClock>().Now, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SparkplugHost>>()));
        services.AddHostedService<SparkplugService>();
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.HasEndpoint)
        {
            host.Ask((request, stopping) => broker.PublishOnceAsync(request.Topic, request.Payload, stopping));
            var own = host.StateNow;
            await broker.PublishAsync(own.Topic, own.Online, retain: true, cancellationToken);
        }
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => host.RunAsync(stoppingToken);

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        var own = host.StateNow;
        return options.HasEndpoint ? broker.PublishAsync(own.Topic, own.Offline, retain: true, cancellationToken) : Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
