using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>A connection that the broker has accepted: MQTT 5, or 3.1.1 where it speaks no 5.</summary>
internal sealed class BrokerConnection : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SessionExpiry = TimeSpan.FromDays(7);
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(7);

    private readonly TimeProvider _time;

    private BrokerConnection(IMqttClient client, BrokerChannel channel, bool sessionPresent, TimeProvider time) =>
        (Client, Channel, SessionPresent, _time) = (client, channel, sessionPresent, time);

    public IMqttClient Client { get; }

    public BrokerChannel Channel { get; }

    /// <summary>The broker has kept the session: its subscriptions, and what it queued.</summary>
    public bool SessionPresent { get; }

    public bool IsVersion5 => Channel.PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500;

    /// <param name="keepSession">For a week after the connection.</param>
    /// <param name="intake">Where PUBLISH goes; null leaves it to MQTTnet.</param>
    /// <param name="will">Adds a last will.</param>
    /// <exception cref="BrokerFailureException"/>
    public static async Task<BrokerConnection> OpenAsync(
        ExternalOptions options, string clientId, bool keepSession, Func<BrokerChannel, PublishIntake>? intake, TimeProvider time, CancellationToken cancellationToken,
        Action<MqttClientOptions>? will = null)
    {
        try
        {
            return await OpenAsync(MqttProtocolVersion.V500);
        }
        // Some brokers of 3.1.1 answer CONNECT of a version that they don't know by closing.
        catch (BrokerFailureException failure) when (failure.Kind is BrokerFailure.ProtocolVersion or BrokerFailure.Closed)
        {
            return await OpenAsync(MqttProtocolVersion.V311);
        }

        async Task<BrokerConnection> OpenAsync(MqttProtocolVersion version)
        {
            var password = options.ReadPassword();
            using var timeout = new CancellationTokenSource(ConnectTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            BrokerChannel? channel = null;
            MqttClient? client = null;
            try
            {
                channel = new BrokerChannel(await BrokerSocket.OpenAsync(options, either.Token), version, intake, options.KeepAlive, time);
                client = new MqttClient(new OneChannel(channel), MqttNetNullLogger.Instance);
                var packet = Packet(options, clientId, keepSession, version, password);
                will?.Invoke(packet);
                var result = await client.ConnectAsync(packet, either.Token);
                if (result.ResultCode == MqttClientConnectResultCode.Success)
                    return new BrokerConnection(client, channel, result.IsSessionPresent, time);
                throw BrokerFailure.Of(result);
            }
            catch (Exception error)
            {
                var known = channel is { Ended.IsCompleted: true } ? await channel.Ended : null;
                client?.Dispose();
                channel?.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                if (timeout.IsCancellationRequested)
                    throw new BrokerFailureException(BrokerFailure.Unreachable, $"no answer in {ConnectTimeout.TotalSeconds} s", error);
                // The channel knows better than what MQTTnet makes of it.
                throw error is BrokerFailureException ? error : known ?? BrokerFailure.Of(error);
            }
        }
    }

    /// <summary>Waits for the end of the connection and says why it ended. Cancelled: takes leave, for which the log has a few seconds.</summary>
    public async Task<BrokerFailureException> EndedAsync(CancellationToken stopping)
    {
        using var tooLong = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        using var leave = stopping.Register(() =>
        {
            Channel.Leave();
            tooLong.CancelAfter(LeaveTimeout);
        });
        return await Channel.Ended.WaitAsync(tooLong.Token);
    }

    public void Dispose()
    {
        Client.Dispose();
        Channel.Dispose();
    }

    private static MqttClientOptions Packet(ExternalOptions options, string clientId, bool keepSession, MqttProtocolVersion version, byte[]? password)
    {
        var packet = new MqttClientOptions
        {
            ChannelOptions = new MqttClientTcpOptions(),
            ProtocolVersion = version,
            ClientId = clientId,
            CleanSession = !keepSession,
            Credentials = options.User is null ? null : new MqttClientCredentials(options.User, password),
            KeepAlivePeriod = TimeSpan.Zero,
        };
        if (version == MqttProtocolVersion.V500)
        {
            packet.ReceiveMaximum = options.Window;
            packet.SessionExpiryInterval = keepSession ? (uint)SessionExpiry.TotalSeconds : 0;
        }
        return packet;
    }

    private sealed class OneChannel(BrokerChannel channel) : IMqttClientAdapterFactory
    {
        public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger) => channel;
    }
}
