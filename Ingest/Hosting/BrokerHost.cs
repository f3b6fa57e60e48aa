using Telemetry.Ingest.Gateways;

namespace Telemetry.Ingest.Hosting;

/// <summary>Opens the broker last and closes it first: gateways are let in once everything behind them runs, and nothing is on its way when the log closes.</summary>
internal sealed class BrokerHost(EmbeddedBroker broker) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => broker.StartAsync();

    public async Task StopAsync(CancellationToken cancellationToken) => await broker.DisposeAsync();
}
