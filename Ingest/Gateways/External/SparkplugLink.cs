using System.Buffers;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using Telemetry.Ingest.Decoding.Sparkplug;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// The connection that says to edge nodes whether the service is there, and asks them for their births: a session of its own that ends with the connection, as a host
/// application's must. It is online only while the readings' connection is.
/// </summary>
internal sealed partial class SparkplugLink(ExternalOptions options, SparkplugHost host, LinkState readings, LinkState state, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    private volatile BrokerConnection? _connection;
    private volatile bool _saysOffline;

    /// <summary>Connects once readings come, and stays as long as they do. Cancelled: says so before it leaves.</summary>
    /// <exception cref="BrokerFailureException">No connection.</exception>
    public async Task<BrokerFailureException> RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (readings.DownFor > TimeSpan.Zero)
            await timer.WaitForNextTickAsync(stopping);
        var own = host.StateNow;
        using var connection = await BrokerConnection.OpenAsync(options, options.ClientId + "-sparkplug", keepSession: false, intake: null, time, stopping, packet => SetWill(packet, own));
        try
        {
            await ListenAsync(connection, own, stopping);
            await SayAsync(connection, own.Topic, own.Online, stopping);
            state.Connected(connection);
            _connection = connection;
            while (!stopping.IsCancellationRequested && !connection.Channel.Ended.IsCompleted && readings.DownFor == TimeSpan.Zero)
            {
                await Task.WhenAny(timer.WaitForNextTickAsync(CancellationToken.None).AsTask(), connection.Channel.Ended);
                if (!_saysOffline)
                    continue;
                _saysOffline = false;
                await SayAsync(connection, own.Topic, own.Online, stopping);
            }
            return await LeaveAsync(connection, own);
        }
        finally
        {
            _connection = null;
            state.Ended(connection);
        }
    }

    /// <summary>QoS 0, as the specification wants commands.</summary>
    public async Task AskAsync(RebirthRequest request, CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
            return;
        try
        {
            await connection.Client.PublishAsync(new MqttApplicationMessage { Topic = request.Topic, Payload = new(request.Payload) }, cancellationToken);
        }
        // What MQTT forbids to send says nothing of the connection.
        catch (Exception error) when (error is not MqttProtocolViolationException && !cancellationToken.IsCancellationRequested)
        {
            connection.Channel.Break(BrokerFailure.Closed, $"{request.Topic}: {error.GetBaseException().Message}");
        }
    }

    private static void SetWill(MqttClientOptions packet, HostState own) =>
        (packet.WillTopic, packet.WillPayload, packet.WillQualityOfServiceLevel, packet.WillRetain) = (own.Topic, own.Offline, MqttQualityOfServiceLevel.AtLeastOnce, true);

    // Another connection's will, delivered late, would leave us offline for ever.
    private async Task ListenAsync(BrokerConnection connection, HostState own, CancellationToken stopping)
    {
        connection.Client.ApplicationMessageReceivedAsync += args =>
        {
            if (args.ApplicationMessage.Topic == own.Topic && HostState.SaysOffline(args.ApplicationMessage.Payload.ToArray()))
                _saysOffline = true;
            return Task.CompletedTask;
        };
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        var filter = new MqttTopicFilter { Topic = own.Topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };
        await connection.Client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = [filter] }, either.Token);
    }

    private async Task SayAsync(BrokerConnection connection, string topic, byte[] payload, CancellationToken stopping)
    {
        var message = new MqttApplicationMessage { Topic = topic, Payload = new(payload), QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, Retain = true };
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        var result = await connection.Client.PublishAsync(message, either.Token);
        if (!result.IsSuccess)
            LogRefused(options.Address, topic, result.ReasonCode, result.ReasonString);
    }

    /// <summary>Says goodbye where that is still possible: after a DISCONNECT the broker would not publish the will.</summary>
    private async Task<BrokerFailureException> LeaveAsync(BrokerConnection connection, HostState own)
    {
        if (!connection.Channel.Ended.IsCompleted)
            await SayAsync(connection, own.Topic, own.Offline, CancellationToken.None);
        return await connection.EndedAsync(new CancellationToken(canceled: true));
    }

    [LoggerMessage(LogLevel.Error, "Broker: {Address} refuses {Topic}: {Reason} {Text}. Edge nodes that wait for their host will send nothing: allow the user to write it")]
    private partial void LogRefused(string address, string topic, MqttClientPublishReasonCode reason, string? text);
}
