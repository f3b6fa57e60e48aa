using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MQTTnet;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// The durable way in: MQTT 3.1.1 and 5 on Kestrel, PUBACK after the commit. It is no message bus: nothing that comes in is routed, and
/// only <c>alarms/v1/#</c> can be subscribed to, and what a format's gateways have to hear from the service.
/// </summary>
/// <param name="append">The log.</param>
/// <param name="stalledFor">How long the log has had entries to store and stored none; zero while it goes on.</param>
/// <param name="now">Log time, Unix ms.</param>
/// <param name="logins">Null in open mode: everyone is let in and may publish under every name.</param>
/// <param name="gate">Stands before the endpoints; null for the default limits.</param>
public sealed partial class EmbeddedBroker(
    DecodingTables tables,
    AppendEntries append,
    Func<TimeSpan> stalledFor,
    Func<long> now,
    TimeProvider time,
    ILogger<EmbeddedBroker> logger,
    MqttLogins? logins = null,
    ConnectionGate? gate = null) : IAsyncDisposable
{
    /// <summary>A log that has stood still for so long closes the door; gateways keep their data.</summary>
    public static readonly TimeSpan MaxStall = TimeSpan.FromSeconds(5);

    // All open alarms are queued at once for a new subscriber.
    private const int MaxQueuedPerSubscriber = 100_000;

    private readonly BrokerListener _listener = new();
    private readonly ConcurrentDictionary<GatewayChannel, byte> _channels = new();
    private readonly ConcurrentDictionary<string, GatewayChannel> _clients = new();
    private readonly GatewayConnections _gateways = new();
    private readonly QosTwoSessions _sessions = new();
    private readonly ClientIdOwners _owners = new(time);
    private readonly CancellationTokenSource _stopping = new();

    // MQTTnet reads what is retained before the new subscription counts, and queues it after: what is published between the two would never reach the subscriber, or an older state
    // would come after a newer one. So either somebody subscribes, or something retained is published.
    private readonly SemaphoreSlim _retained = new(1);
    private readonly ConnectionGate _gate = gate ?? new(new GatewayLimits(), time, logger);
    private MqttServer? _server;
    private Task _watch = Task.CompletedTask;

    private bool IsStalled => stalledFor() >= MaxStall;

    /// <summary>Clients that are connected now, logged in or not.</summary>
    public int Connections => _channels.Count;

    /// <inheritdoc cref="GatewayConnections.HeardElsewhere"/>
    public void HeardElsewhere(string gateway) => _gateways.HeardElsewhere(gateway);

    /// <summary>Puts the broker on an endpoint of Kestrel. Connections are closed at once before <see cref="StartAsync"/> and after <see cref="DisposeAsync"/>.</summary>
    public void Listen(ListenOptions endpoint) => endpoint.Run(HandleAsync);

    public async Task StartAsync()
    {
        var options = new MqttServerOptions
        {
            EnablePersistentSessions = true,
            MaxPendingMessagesPerClient = MaxQueuedPerSubscriber,
        };
        _server = new MqttServerFactory().CreateMqttServer(options, [_listener], MqttNetNullLogger.Instance);
        _server.ValidatingConnectionAsync += ValidateAsync;
        _server.InterceptingSubscriptionAsync += JudgeSubscriptionAsync;
        _server.InterceptingPublishAsync += InterceptAsync;
        _server.QueuedApplicationMessageOverwrittenAsync += DropSlowSubscriberAsync;
        _server.SessionDeletedAsync += ForgetSessionAsync;
        await _server.StartAsync();
        _watch = new ConnectionWatch(() => _channels.Keys, () => IsStalled, _server, _owners, _gate, _gate.Limits.TimeToConnect, time, logger).RunAsync(_stopping.Token);
    }

    /// <summary>Sends a message to whoever subscribed to it, past ingest.</summary>
    /// <param name="payload">Empty with <paramref name="retain"/>: what was retained under the topic goes.</param>
    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellationToken) =>
        PublishAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, retain, cancellationToken);

    /// <summary>The same at QoS 0, not retained.</summary>
    public Task PublishOnceAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        PublishAsync(topic, payload, MqttQualityOfServiceLevel.AtMostOnce, retain: false, cancellationToken);

    private async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, MqttQualityOfServiceLevel quality, bool retain, CancellationToken cancellationToken)
    {
        var server = _server ?? throw new InvalidOperationException("the broker has not been started");
        // Nobody is connected any more; what is retained is rebuilt from the alarms at the next start.
        if (_stopping.IsCancellationRequested)
            return;
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new(payload),
            QualityOfServiceLevel = quality,
            Retain = retain,
        };
        if (retain)
            await _retained.WaitAsync(cancellationToken);
        try
        {
            await server.InjectApplicationMessage(new InjectedMqttApplicationMessage(message) { SenderClientId = "" }, cancellationToken);
        }
        finally
        {
            if (retain)
                _retained.Release();
        }
    }

    /// <summary>Closes all connections; says nothing of the gateways behind them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await Task.WhenAll(_channels.Keys.Select(channel => channel.CloseAsync(MqttDisconnectReasonCode.ServerShuttingDown, "the service stops", byService: true)));
        await _watch;
        if (_server is not null)
        {
            await _server.StopAsync(new MqttServerStopOptions());
            _server.Dispose();
        }
    }

    private async Task HandleAsync(ConnectionContext connection)
    {
        if (_listener.ClientHandler is not { } handle || _stopping.IsCancellationRequested)
            return;
        using var channel = new GatewayChannel(connection, c => new PublishIntake(c, new MessageDecoder(tables), _gateways, append, now), time, SessionOf, _retained) { MaxKeepAlive = _gate.Limits.KeepAlive };
        _channels[channel] = 0;
        try
        {
            await handle(channel);
        }
        finally
        {
            _channels.TryRemove(channel, out _);
            _clients.TryRemove(new(channel.ClientId, channel));
            await EndedAsync(channel);
        }
    }

    private QosTwoSession SessionOf(GatewayChannel channel, bool present) => _sessions.Open(channel.ClientId, present);

    // Before MQTTnet ends the connection that had the id so far: its end must not be taken for the gateway's.
    private void Register(string clientId, GatewayChannel channel)
    {
        var before = _clients.TryGetValue(clientId, out var old) ? old : null;
        _clients[clientId] = channel;
        if (before is not null)
            _gateways.TakenOver(before, channel);
    }

    private async Task EndedAsync(GatewayChannel channel)
    {
        var down = _gateways.Ended(channel, channel.ClosedByService);
        if (down.Count == 0)
            return;
        try
        {
            await append([.. down.Select(gateway => new GatewayEntry(gateway, up: false, "connection_ended"))], _stopping.Token);
        }
        catch (Exception error)
        {
            NotAppended(logger, "the end of a gateway's connection", channel.ClientId, error);
        }
    }

    private async Task ValidateAsync(ValidatingConnectionEventArgs args)
    {
        var channel = (GatewayChannel)args.ChannelAdapter;
        // Before any refusal: MQTTnet would replace its reason by "no client id".
        if (string.IsNullOrEmpty(args.ClientId) && channel.IsVersion5)
            args.AssignedClientIdentifier = channel.AssignedClientId;
        if (IsStalled)
        {
            // 3.1.1 knows no quota: its "server unavailable" says the same.
            args.ReasonCode = channel.IsVersion5 ? MqttConnectReasonCode.QuotaExceeded : MqttConnectReasonCode.ServerUnavailable;
            args.ReasonString = "the log can't be written; keep the data and try again";
            return;
        }
        if (logins is not null && await RefusalAsync(channel, args.ClientId, logins, args.CancellationToken) is { } refused)
        {
            args.ReasonCode = refused;
            return;
        }
        if (!Admit(channel, args.ClientId))
        {
            args.ReasonCode = channel.IsVersion5 ? MqttConnectReasonCode.QuotaExceeded : MqttConnectReasonCode.ServerUnavailable;
            args.ReasonString = "as many connections as there may be, of this gateway or in all";
            return;
        }
        // Without an id (3.1.1, keeping its session) MQTTnet refuses it.
        if (!string.IsNullOrEmpty(args.ClientId))
            Register(args.ClientId, channel);
        else if (channel.IsVersion5)
            Register(channel.AssignedClientId, channel);
    }

    private bool Admit(GatewayChannel channel, string clientId)
    {
        var replaces = !string.IsNullOrEmpty(clientId) && _clients.ContainsKey(clientId);
        var gateway = channel.Login is { IsGateway: true } login ? login : null;
        if (_gate.Admit(channel.Connection, gateway?.Owner, gateway is null ? int.MaxValue : logins!.LimitsOf(gateway.Name).PerGateway, replaces))
            return true;
        logins?.Refused((channel.RemoteEndPoint as IPEndPoint)?.Address, channel.Login?.Name, LoginRefusal.TooManyConnections);
        return false;
    }

    /// <summary>Logs the channel in; null where that succeeds.</summary>
    private async Task<MqttConnectReasonCode?> RefusalAsync(GatewayChannel channel, string clientId, MqttLogins logins, CancellationToken cancellationToken)
    {
        var address = (channel.RemoteEndPoint as IPEndPoint)?.Address;
        var (login, refusal) = await logins.TryAsync(channel.UserName, channel.TakePassword(), channel.Certificate, address, cancellationToken);
        if (login is null && refusal == LoginRefusal.Busy)
            return channel.IsVersion5 ? MqttConnectReasonCode.ServerBusy : MqttConnectReasonCode.ServerUnavailable;
        if (login is null)
            return MqttConnectReasonCode.BadUserNameOrPassword;
        if (channel.WillTopic is { } will && !login.MayPublish(Encoding.UTF8.GetBytes(will), tables.Routes))
        {
            logins.Refused(address, login.Name, LoginRefusal.ForeignWill);
            return MqttConnectReasonCode.NotAuthorized;
        }
        if (_owners.Claim(string.IsNullOrEmpty(clientId) ? channel.AssignedClientId : clientId, login.Owner) is { } foreign)
        {
            logins.Refused(address, login.Name, foreign);
            return MqttConnectReasonCode.ClientIdentifierNotValid;
        }
        channel.LogIn(login, logins.Foreign, logins.MaxMessageOf(login.Name) ?? NativeDecoder.MaxPayload, delivered => logins.Rates.Take(login.Name, delivered, logins.LimitsOf(login.Name).Rate));
        return null;
    }

    private Task JudgeSubscriptionAsync(InterceptingSubscriptionEventArgs args)
    {
        var channel = _clients.GetValueOrDefault(args.ClientId);
        if (!MaySubscribe(channel?.Login, args.TopicFilter.Topic))
        {
            args.ProcessSubscription = false;
            // 3.1.1 has one code for every refusal.
            args.Response.ReasonCode = channel is { IsVersion5: true }
                ? MqttSubscribeReasonCode.NotAuthorized
                : MqttSubscribeReasonCode.UnspecifiedError;
            args.ReasonString = channel?.Login is { IsGateway: true }
                ? "a gateway may not subscribe; a person with a token may"
                : channel?.Login is { Scope.IsCity: false } person
                    ? $"you see {person.Scope}: alarms/v1/DISTRICT/FAMILY/# of those, with + for what you see all of"
                    : "only alarms/v1/# and what lies beneath it can be subscribed to";
        }
        return Task.CompletedTask;
    }

    // With credentials, a client without a login is one whose connection ended just now.
    internal bool MaySubscribe(MqttLogin? login, string filter) => login switch
    {
        null => logins is null && (AlarmTopics.MayBeSubscribed(filter) || tables.Routes.MaySubscribe(filter, null)),
        { IsGateway: true } => tables.Routes.MaySubscribe(filter, login.Name),
        _ => AlarmTopics.MayBeSubscribed(filter, login.Scope),
    };

    // Publishes of clients never come here: they are taken out of the connection before. What comes is ours, or a last will.
    private async Task InterceptAsync(InterceptingPublishEventArgs args)
    {
        if (ReferenceEquals(args.SessionItems, _server!.ServerSessionItems))
            return;
        args.ProcessPublish = false;
        try
        {
            object connection = _clients.TryGetValue(args.ClientId, out var channel) ? channel : args.SessionItems;
            using var intake = new PublishIntake(connection, new MessageDecoder(tables), _gateways, append, now);
            intake.Take(Encoding.UTF8.GetBytes(args.ApplicationMessage.Topic), args.ApplicationMessage.Payload);
            await intake.CommitAsync(null, _stopping.Token);
        }
        catch (Exception error)
        {
            NotAppended(logger, "a last will", args.ClientId, error);
        }
    }

    // A gap in what a subscriber sees would look like an alarm that never was: it has to come back and read what is retained.
    private async Task DropSlowSubscriberAsync(QueueMessageOverwrittenEventArgs args)
    {
        SubscriberDropped(logger, args.ReceiverClientId, MaxQueuedPerSubscriber);
        if (_clients.TryGetValue(args.ReceiverClientId, out var channel))
            channel.Drop("slow subscriber");
        try
        {
            await (await _server!.GetSessionAsync(args.ReceiverClientId)).DeleteAsync();
        }
        catch (InvalidOperationException)
        {
            // Gone already: its connection took it along, or one overwritten message before this one.
        }
    }

    private Task ForgetSessionAsync(SessionDeletedEventArgs args)
    {
        _sessions.Delete(args.Id);
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "Could not append {What} of client {Client}")]
    private static partial void NotAppended(ILogger logger, string what, string client, Exception error);

    [LoggerMessage(LogLevel.Warning, "Subscriber {Client} is too slow: more than {Limit} messages wait for it; its session is ended")]
    private static partial void SubscriberDropped(ILogger logger, string client, int limit);
}
