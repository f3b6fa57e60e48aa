namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// How one connection to the broker stands: what is counted, logged and shown of it happens here, so that they can't differ. A reason is
/// logged once, until it changes. Any thread.
/// </summary>
/// <param name="name">What the connection is for: <c>readings</c>, <c>alarms</c>.</param>
internal sealed partial class LinkState(string name, ExternalOptions options, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _failures = [];
    private BrokerFailureException? _failure;
    private BrokerConnection? _connection;
    private long _downSince = time.GetTimestamp();
    private long _connected;
    private long _messages;
    private long _sessionsLost;

    public string Name => name;

    /// <summary>How long there has been no connection; zero while there is.</summary>
    public TimeSpan DownFor
    {
        get
        {
            lock (_gate)
                return _connection is not null ? TimeSpan.Zero : time.GetElapsedTime(_downSince);
        }
    }

    /// <summary>Why there is no connection; null while there is.</summary>
    public string? WhyNot
    {
        get
        {
            lock (_gate)
                return _connection is not null ? null : _failure is { } failure ? $"{name}: {options.Address}: {failure.Kind}: {failure.Message}" : $"{name}: connecting to {options.Address}";
        }
    }

    /// <summary>Connections since the start, without the first.</summary>
    public long Reconnects => Math.Max(0, Interlocked.Read(ref _connected) - 1);

    public long SessionsLost => Interlocked.Read(ref _sessionsLost);

    /// <summary>Messages that came in.</summary>
    public long Messages
    {
        get
        {
            lock (_gate)
                return _messages + (_connection?.Channel.Messages ?? 0);
        }
    }

    /// <summary>Attempts that failed and connections that ended, by kind.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Failures
    {
        get
        {
            lock (_gate)
                return [.. _failures];
        }
    }

    /// <summary>From now on it is to be connected: what was before counts no more.</summary>
    public void Begin()
    {
        lock (_gate)
            (_downSince, _failure) = (time.GetTimestamp(), null);
    }

    public void Connected(BrokerConnection connection)
    {
        lock (_gate)
        {
            _connection = connection;
            _failure = null;
            Interlocked.Increment(ref _connected);
        }
        LogConnected(name, options.Address, connection.IsVersion5 ? "5" : "3.1.1", connection.SessionPresent);
    }

    /// <summary>The connection is over; after a planned stop there is no failure.</summary>
    public void Ended(BrokerConnection connection)
    {
        lock (_gate)
        {
            if (_connection != connection)
                return;
            _messages += connection.Channel.Messages;
            _connection = null;
            _downSince = time.GetTimestamp();
        }
    }

    public void Failed(BrokerFailureException failure)
    {
        bool isNew;
        lock (_gate)
        {
            _failures[failure.Kind] = _failures.GetValueOrDefault(failure.Kind) + 1;
            isNew = _failure?.Kind != failure.Kind;
            _failure = failure;
        }
        if (isNew)
            LogFailed(name, options.Address, failure.Kind, failure.Message);
    }

    public void SessionLost()
    {
        Interlocked.Increment(ref _sessionsLost);
        LogSessionLost(options.Address, options.ClientId);
    }

    [LoggerMessage(LogLevel.Information, "Broker, {Link}: connected to {Address}, MQTT {Version}, session present: {SessionPresent}")]
    private partial void LogConnected(string link, string address, string version, bool sessionPresent);

    [LoggerMessage(LogLevel.Warning, "Broker, {Link}: no connection to {Address}: {Kind}: {Reason}. Tried again until it comes; said again when the reason changes")]
    private partial void LogFailed(string link, string address, string kind, string reason);

    [LoggerMessage(LogLevel.Error, "Broker: {Address} has lost the session of {ClientId}; what it had queued for the service is gone. Subscribed again")]
    private partial void LogSessionLost(string address, string clientId);
}
