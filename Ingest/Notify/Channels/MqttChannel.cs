using MQTTnet;
using MQTTnet.Protocol;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>A copy of every message to a person, at <c>notify/v1/{person}</c> of somebody's broker, QoS 1, not retained. The key stands in the payload.</summary>
internal sealed class MqttChannel(ExternalOptions options, TimeProvider time) : INotifyChannel, IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private BrokerConnection? _connection;

    public string Name => ChannelNames.Mqtt;

    public int AtOnce => 8;

    public async Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        try
        {
            var client = await ConnectedAsync(cancellationToken);
            var result = await client.PublishAsync(
                new MqttApplicationMessageBuilder().WithTopic("notify/v1/" + envelope.Message.Recipient).WithPayload(MessageJson.Of(envelope)).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), cancellationToken);
            return result.IsSuccess ? Outcome.Sent : Outcome.Denied(result.ReasonCode.ToString());
        }
        catch (BrokerFailureException error) when (error.Kind is BrokerFailure.BadCredentials or BrokerFailure.NotAuthorized)
        {
            return Outcome.Denied(error.Kind);
        }
        catch (BrokerFailureException error)
        {
            return Outcome.Unreachable(error.Kind.ToString());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return Outcome.Unreachable(error.GetType().Name);
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _one.Dispose();
    }

    private async Task<IMqttClient> ConnectedAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { Client.IsConnected: true } connected)
                return connected.Client;
            _connection?.Dispose();
            _connection = null;
            _connection = await BrokerConnection.OpenAsync(options, options.ClientId, keepSession: false, intake: null, time, cancellationToken);
            return _connection.Client;
        }
        finally
        {
            _one.Release();
        }
    }
}
