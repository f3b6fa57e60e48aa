using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Hosting;

/// <summary>Connects to the external broker last and leaves it first, as <see cref="BrokerHost"/> does with the embedded one.</summary>
internal sealed class ExternalBrokerHost : BackgroundService
{
    private readonly ExternalBroker _broker;
    private readonly AlarmPublisher _alarms;
    private readonly LinkMetrics _metrics;

    public ExternalBrokerHost(
        ServiceOptions options, DecodingTables tables, LogAppender log, LogClock clock, RulesRunner rules, AlarmFeed feed, AlarmBook book, FamilyCatalog families, Readiness readiness,
        TimeProvider time, ILogger<ExternalBroker> logger, SparkplugHost? sparkplug = null)
    {
        _broker = new ExternalBroker(options.External!, tables, log.AppendAsync, clock.Now, rules.BrokerLost, Path.Combine(options.DataPath, "broker-session"), time, logger, sparkplug: sparkplug);
        _alarms = new AlarmPublisher(feed, book.Open, families.RuleOf, _broker.PublishAsync);
        _metrics = new LinkMetrics(_broker);
        readiness.Watch(Readiness.BrokerUnreachable, () => _broker.WhyNot);
    }

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _broker.RunAsync(_alarms, stoppingToken);
}
