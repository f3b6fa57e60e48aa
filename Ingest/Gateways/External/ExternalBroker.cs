using Telemetry.Ingest.Decoding;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// Somebody else's broker as the way in and out: readings come in over one connection, alarms go out over another, what edge nodes have to hear over a third, each
/// supervised for itself. The service starts and stays up without it.
/// </summary>
internal sealed partial class ExternalBroker
{
    private readonly ExternalOptions _options;
    private readonly AppendEntries _append;
    private readonly Func<bool> _lost;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<double> _random;
    private readonly ReadingsLink _readings;
    private readonly AlarmsLink _alarms;
    private readonly SparkplugLink? _sparkplug;
    private readonly LinkState? _host;

    /// <param name="append">The log.</param>
    /// <param name="now">Log time, Unix ms.</param>
    /// <param name="lost">The log's last word on the broker is that it was lost.</param>
    /// <param name="sparkplug">Null where no route is of Sparkplug.</param>
    public ExternalBroker(
        ExternalOptions options, DecodingTables tables, AppendEntries append, Func<long> now, Func<bool> lost, ISessionMemory memory, TimeProvider time, ILogger<ExternalBroker> logger,
        Func<double>? random = null, SparkplugHost? sparkplug = null)
    {
        (_options, _append, _lost, _time, _logger, _random) = (options, append, lost, time, logger, random ?? Backoff.Random);
        Readings = new LinkState("readings", options, time, logger);
        _readings = new ReadingsLink(options, tables, append, now, memory, Readings, time, logger);
        _alarms = new AlarmsLink(options, new LinkState("alarms", options, time, logger), time, logger);
        if (sparkplug is null)
            return;
        _host = new LinkState("sparkplug", options, time, logger);
        _sparkplug = new SparkplugLink(options, sparkplug, Readings, _host, time, logger);
        sparkplug.Ask(_sparkplug.AskAsync);
    }

    public LinkState Readings { get; }

    public LinkState Alarms => _alarms.State;

    /// <summary>Every connection that there is to be.</summary>
    public IReadOnlyList<LinkState> Links => _host is null ? [Readings, Alarms] : [Readings, Alarms, _host];

    /// <summary>What is not connected, and why; null while all is well.</summary>
    public string? WhyNot => Readings.WhyNot ?? Alarms.WhyNot ?? _alarms.Refusal ?? _host?.WhyNot;

    /// <summary>Until cancelled; then takes leave of the broker, which keeps the session. Again and again, where nodes take turns.</summary>
    public Task RunAsync(AlarmPublisher alarms, CancellationToken stopping)
    {
        if (_options is { PasswordFile: not null, Tls: false, IsLoopback: false })
            LogPlainPassword(_options.Address);
        foreach (var link in Links)
            link.Begin();
        return Task.WhenAll(
            alarms.RunAsync(stopping),
            new ReconnectLoop(Readings, _time, _random).RunAsync(_readings.RunAsync, stopping),
            new ReconnectLoop(Alarms, _time, _random).RunAsync(token => _alarms.RunAsync(alarms.Reconcile, token), stopping),
            _sparkplug is null ? Task.CompletedTask : new ReconnectLoop(_host!, _time, _random).RunAsync(_sparkplug.RunAsync, stopping),
            new LossWatch(() => Readings.DownFor, () => Readings.WhyNot, _append, _lost, _time, _logger).RunAsync(stopping));
    }

    /// <summary>For an <see cref="AlarmPublisher"/>.</summary>
    public Task<bool> PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellationToken) =>
        _alarms.PublishAsync(topic, payload, retain, cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Broker: the password goes to {Address} unencrypted; mqtts:// encrypts it")]
    private partial void LogPlainPassword(string address);
}
