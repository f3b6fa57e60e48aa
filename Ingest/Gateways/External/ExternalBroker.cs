using Telemetry.Ingest.Decoding;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// Somebody else's broker as the way in and out: readings come in over one connection, alarms go out over another, what edge nodes have to hear over a third, each
/// supervised for itself. The service starts and stays up without it.
/// </summary>
/// <param name="append">The log.</param>
/// <param name="now">Log time, Unix ms.</param>
/// <param name="lost">The log's last word on the broker is that it was lost.</param>
/// <param name="memoryPath">A small file of the data directory.</param>
/// <param name="sparkplug">Null where no route is of Sparkplug.</param>
internal sealed partial class ExternalBroker(
    ExternalOptions options, DecodingTables tables, AppendEntries append, Func<long> now, bool lost, string memoryPath, TimeProvider time, ILogger<ExternalBroker> logger,
    Func<double>? random = null, SparkplugHost? sparkplug = null)
{
    private readonly Func<double> _random = random ?? Backoff.Random;
    private readonly AlarmsLink _alarms = new(options, new LinkState("alarms", options, time, logger), time, logger);

    private readonly LinkState? _host = sparkplug is null ? null : new LinkState("sparkplug", options, time, logger);

    public LinkState Readings { get; } = new("readings", options, time, logger);

    public LinkState Alarms => _alarms.State;

    /// <summary>Every connection that there is to be.</summary>
    public IReadOnlyList<LinkState> Links => _host is null ? [Readings, Alarms] : [Readings, Alarms, _host];

    /// <summary>What is not connected, and why; null while all is well.</summary>
    public string? WhyNot => Readings.WhyNot ?? Alarms.WhyNot ?? _alarms.Refusal ?? _host?.WhyNot;

    /// <summary>Until cancelled; then takes leave of the broker, which keeps the session.</summary>
    public Task RunAsync(AlarmPublisher alarms, CancellationToken stopping)
    {
        if (options is { PasswordFile: not null, Tls: false, IsLoopback: false })
            LogPlainPassword(options.Address);
        var readings = new ReadingsLink(options, tables, append, now, new SessionMemory(memoryPath, options), Readings, time, logger);
        return Task.WhenAll(
            alarms.RunAsync(stopping),
            new ReconnectLoop(Readings, time, _random).RunAsync(readings.RunAsync, stopping),
            new ReconnectLoop(Alarms, time, _random).RunAsync(token => _alarms.RunAsync(alarms.Reconcile, token), stopping),
            _host is null ? Task.CompletedTask : SpeakAsync(sparkplug!, _host, stopping),
            new LossWatch(Readings, append, lost, time, logger).RunAsync(stopping));
    }

    /// <summary>For an <see cref="AlarmPublisher"/>.</summary>
    public Task<bool> PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellationToken) =>
        _alarms.PublishAsync(topic, payload, retain, cancellationToken);

    private Task SpeakAsync(SparkplugHost host, LinkState state, CancellationToken stopping)
    {
        var link = new SparkplugLink(options, host, Readings, state, time, logger);
        host.Ask(link.AskAsync);
        return new ReconnectLoop(state, time, _random).RunAsync(link.RunAsync, stopping);
    }

    [LoggerMessage(LogLevel.Warning, "Broker: the password goes to {Address} unencrypted; mqtts:// encrypts it")]
    private partial void LogPlainPassword(string address);
}
