using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Protocol;

namespace Telemetry.Benchmarks.Peers;

/// <summary>Hears the alarms on MQTT, QoS 1, and knows how long after its reading each came.</summary>
internal sealed class AlarmSubscriber : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly GasPayload _payload;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<int, double> _heard = new();

    private AlarmSubscriber(GasPayload payload, TimeProvider time)
    {
        (_payload, _time) = (payload, time);
        _client.ApplicationMessageReceivedAsync += message =>
        {
            Take(message.ApplicationMessage.Payload);
            return Task.CompletedTask;
        };
    }

    /// <summary>Milliseconds from publish to the first message, by device.</summary>
    public IReadOnlyDictionary<int, double> Heard => _heard;

    public static async Task<AlarmSubscriber> ListenAsync(int port, GasPayload payload, TimeProvider time)
    {
        var subscriber = new AlarmSubscriber(payload, time);
        await subscriber._client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId("alarm-subscriber").WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build());
        await subscriber._client.SubscribeAsync("alarms/v1/#", MqttQualityOfServiceLevel.AtLeastOnce);
        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected)
            await _client.DisconnectAsync();
        _client.Dispose();
    }

    private void Take(ReadOnlySequence<byte> message)
    {
        var now = _time.GetTimestamp();
        if (message.IsEmpty)
            return;
        using var json = JsonDocument.Parse(message);
        if (json.RootElement.GetProperty("rule").GetString() == GasPayload.Rule && GasPayload.NumberOf(json.RootElement.GetProperty("device").GetString()!) is { } device && _payload.AlarmPublishedAt(device) is { } at)
            _heard.TryAdd(device, _time.GetElapsedTime(at, now).TotalMilliseconds);
    }
}
