using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Gateways;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// Opens the broker last and closes it first: gateways are let in once everything behind them runs, and nothing is on its way when the log
/// closes. First even before Kestrel, which would wait for their connections to end by themselves.
/// </summary>
internal sealed class BrokerHost(EmbeddedBroker broker, AlarmFeed feed, AlarmBook book, FamilyCatalog families) : BackgroundService, IHostedLifecycleService
{
    private readonly AlarmPublisher _alarms = new(feed, book.Open, families.RuleOf, async (topic, payload, retain, cancellationToken) =>
    {
        await broker.PublishAsync(topic, payload, retain, cancellationToken);
        return true;
    });

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await broker.StartAsync();
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _alarms.RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken) => await broker.DisposeAsync();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
