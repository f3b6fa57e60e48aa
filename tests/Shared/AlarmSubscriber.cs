using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Telemetry.Tests.Shared;

/// <summary>
/// Hears the alarms on MQTT, QoS 1, and knows how long after its reading each came. Connects again where its connection ends: what is retained then tells it what it missed.
/// </summary>
internal sealed class AlarmSubscriber : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly MqttClientOptions _options;
    private readonly GasPayload _payload;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<int, double> _heard = new();
    private readonly CancellationTokenSource _over = new();
    private bool _hasSubscribed;
    private Task _staying = Task.CompletedTask;

    private AlarmSubscriber(int port, string name, GasPayload payload, TimeProvider time)
    {
        (_payload, _time) = (payload, time);
        _options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(name).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build();
        _client.ApplicationMessageReceivedAsync += message =>
        {
            Take(message.ApplicationMessage.Payload);
            return Task.CompletedTask;
        };
    }

    /// <summary>Milliseconds from publish to the first message, by device.</summary>
    public IReadOnlyDictionary<int, double> Heard => _heard;

    /// <param name="name">Its client id.</param>
    public static async Task<AlarmSubscriber> ListenAsync(int port, string name, GasPayload payload, TimeProvider time)
    {
        var subscriber = new AlarmSubscriber(port, name, payload, time);
        await subscriber.ConnectAsync(CancellationToken.None);
        subscriber._staying = subscriber.StayAsync(subscriber._over.Token);
        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _staying;
        if (_client.IsConnected)
            await _client.DisconnectAsync();
        _client.Dispose();
        _over.Dispose();
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        _hasSubscribed = false;
        if (!_client.IsConnected)
            await _client.ConnectAsync(_options, cancellationToken);
        await _client.SubscribeAsync("alarms/v1/#", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken);
        _hasSubscribed = true;
    }

    private async Task StayAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Between, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (_client.IsConnected && _hasSubscribed)
                    continue;
                try
                {
                    await ConnectAsync(cancellationToken);
                }
                catch (Exception notYet) when (notYet is MqttCommunicationException or InvalidOperationException)
                {
                    // Nobody is there, or not for long enough; or the end of the last connection is still on its way through the client.
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is over.
        }
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
