using MQTTnet;
using MQTTnet.Protocol;
using Telemetry.Ingest.Gateways.External;

namespace Telemetry.Ingest.Gateways;

/// <summary>A gateway like any other, from outside: publishes one reading at a time, QoS 1, and says whether it was acknowledged. For one caller at a time.</summary>
internal sealed class TestGateway(ExternalOptions options, TimeProvider time) : IDisposable
{
    private BrokerConnection? _connection;

    /// <returns>Null once it is acknowledged, which means: on the disk. Else why not.</returns>
    public async Task<string?> PublishAsync(string topic, byte[] payload, TimeSpan patience, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            if (_connection is not { Client.IsConnected: true })
            {
                _connection?.Dispose();
                _connection = null;
                _connection = await BrokerConnection.OpenAsync(options, options.ClientId, keepSession: false, intake: null, time, either.Token);
            }
            var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
            var result = await _connection.Client.PublishAsync(message, either.Token);
            return result.IsSuccess ? null : $"the test reading was refused: {result.ReasonCode}";
        }
        catch (BrokerFailureException error)
        {
            return $"{options.Address} takes no test reading: {error.Kind}, {error.Message}";
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            Forget();
            return "the test reading was not acknowledged in time: the log does not commit, or the gateways' door stands still";
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Forget();
            return $"{options.Address} takes no test reading: {error.GetType().Name}";
        }
    }

    public void Dispose() => Forget();

    private void Forget()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
