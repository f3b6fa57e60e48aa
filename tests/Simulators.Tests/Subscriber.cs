using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Protocol;

namespace Telemetry.Simulators.Tests;

/// <summary>Hears everything under <c>telemetry/v1</c>, in order.</summary>
internal sealed class Subscriber : IDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    public ConcurrentQueue<(string Topic, string Payload)> Messages { get; } = new();

    public static async Task<Subscriber> ConnectAsync(int port, int qos = 1)
    {
        var subscriber = new Subscriber();
        subscriber._client.ApplicationMessageReceivedAsync += received =>
        {
            var message = received.ApplicationMessage;
            subscriber.Messages.Enqueue((message.Topic, Encoding.UTF8.GetString(message.Payload)));
            return Task.CompletedTask;
        };
        // It does not come again: a process that waited for the processor must not be taken for dead.
        var cancellation = TestContext.Current.CancellationToken;
        await subscriber._client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithKeepAlivePeriod(Wait.Longest).Build(), cancellation);
        await subscriber._client.SubscribeAsync("telemetry/v1/#", (MqttQualityOfServiceLevel)qos, cancellation);
        return subscriber;
    }

    /// <summary>Of every reading heard so far.</summary>
    public List<(string Device, long Sequence)> Keys() => [.. Messages.Where(m => !IsStatus(m.Topic)).SelectMany(KeysOf)];

    public List<string> StatusOf(string gateway) => [.. Messages.Where(m => m.Topic == $"telemetry/v1/{gateway}/status").Select(m => m.Payload)];

    public static bool IsStatus(string topic) => topic.EndsWith("/status", StringComparison.Ordinal);

    public void Dispose() => _client.Dispose();

    private static IEnumerable<(string Device, long Sequence)> KeysOf((string Topic, string Payload) message)
    {
        var device = message.Topic.Split('/')[^1];
        using var json = JsonDocument.Parse(message.Payload);
        JsonElement[] readings = json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray()] : [json.RootElement];
        return [.. readings.Select(r => (device, r.GetProperty("seq").GetInt64()))];
    }
}
