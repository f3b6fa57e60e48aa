using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// Connects to the external broker last and leaves it first, as <see cref="BrokerHost"/> does with the embedded one. Of a cluster's nodes the owner is connected: the broker has
/// one session for all of them, in which the next one goes on.
/// </summary>
internal sealed class ExternalBrokerHost : BackgroundService
{
    // More than a takeover takes.
    private const long EventsAgain = 60_000;

    private readonly ExternalBroker _broker;
    private readonly Func<AlarmPublisher> _alarms;
    private readonly LinkMetrics _metrics;
    private readonly Ownership _ownership;
    private readonly LossWatch? _nobody;

    public ExternalBrokerHost(
        ServiceOptions options, DecodingTables tables, LogAppender log, LogClock clock, RulesRunner rules, AlarmFeed feed, AlarmBook book, FamilyCatalog families, Readiness readiness,
        TimeProvider time, Ownership ownership, ILogger<ExternalBroker> logger, SparkplugHost? sparkplug = null, KeptTable? kept = null, OwnerBeacon? beacon = null)
    {
        var external = options.External!;
        ISessionMemory memory = kept is null ? new SessionMemory(Path.Combine(options.DataPath, "broker-session"), external) : new SharedSessionMemory(kept, external);
        _broker = new ExternalBroker(external, tables, log.AppendAsync, clock.Now, () => rules.BrokerLost, memory, time, logger, sparkplug: sparkplug);
        _alarms = () => new AlarmPublisher(feed, ownership.IsAlone ? book.Open : () => [.. Events(feed, clock.Now()), .. book.Open()], families.RuleOf, _broker.PublishAsync);
        _metrics = new LinkMetrics(_broker, () => ownership.IsOwner);
        _ownership = ownership;
        if (beacon is not null)
            _nobody = new LossWatch(() => beacon.NobodyFor, () => "no node is connected to it: there is no owner", log.AppendAsync, () => rules.BrokerLost, time, logger);
        readiness.Watch(Readiness.BrokerUnreachable, () => ownership.IsOwner ? _broker.WhyNot : null);
    }

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_ownership.WheneverOwnerAsync(token => _broker.RunAsync(_alarms(), token), stoppingToken), _nobody?.RunAsync(stoppingToken) ?? Task.CompletedTask);

    /// <summary>Told once and not retained: what the owner before had not published any more is published by the next one, maybe once more.</summary>
    private static IEnumerable<Alarm> Events(AlarmFeed feed, long now)
    {
        using var listening = feed.Listen(_ => { }, out var recent);
        return [.. recent.Where(transition => transition.Alarm.Kind == AlarmKind.Event && transition.ReceivedAt > now - EventsAgain).Select(transition => transition.Alarm).Reverse()];
    }
}
