using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Gateways;

namespace Telemetry.Ingest.Hosting;

/// <summary>Opens the broker last and closes it first: gateways are let in once everything behind them runs, and nothing is on its way when the log closes.</summary>
internal sealed class BrokerHost(EmbeddedBroker broker, AlarmFeed feed, AlarmBook book, FamilyCatalog families) : BackgroundService
{
    private readonly AlarmPublisher _alarms = new(feed, book.Open, families.RuleOf, broker.PublishAsync);

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

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await broker.DisposeAsync();
        await base.StopAsync(cancellationToken);
    }
}
