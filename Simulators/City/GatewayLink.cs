using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.City;

/// <summary>
/// One gateway's connection: keeps readings until they are acknowledged, reconnects, and sends what had to wait as arrays.
/// Memory is bounded as a real gateway's: beyond <see cref="Capacity"/> the oldest reading is lost.
/// </summary>
public sealed class GatewayLink(string gateway, CityOptions options, TimeProvider time) : IDisposable
{
    public const int Capacity = 20_000;

    private const int ArrayLength = 50;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(10);
    // Older readings had to wait for a connection: they go out as a backfill.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly LinkedList<Reading> _waiting = [];
    private readonly Channel<bool> _arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private TaskCompletionSource _mayLive = Completed();
    private CancellationTokenSource _life = new();
    private long _acknowledged;

    /// <summary>Readings.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public void Send(Reading reading)
    {
        lock (_gate)
        {
            _waiting.AddLast(reading);
            if (_waiting.Count > Capacity)
                _waiting.RemoveFirst();
        }
        _arrived.Writer.TryWrite(true);
    }

    /// <summary>Breaks the connection without a goodbye, so that the last will is published, and stays away until <see cref="Revive"/>.</summary>
    public void Die()
    {
        lock (_gate)
        {
            if (!_mayLive.Task.IsCompleted)
                return;
            _mayLive = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _life.Cancel();
        }
    }

    public void Revive()
    {
        lock (_gate)
        {
            if (_mayLive.Task.IsCompleted)
                return;
            _life.Dispose();
            _life = new CancellationTokenSource();
            _mayLive.SetResult();
        }
    }

    /// <summary>Runs until cancelled; then says goodbye.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = TimeSpan.FromMilliseconds(500);
        while (!cancellationToken.IsCancellationRequested)
        {
            await MayLive().WaitAsync(cancellationToken);
            try
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Life());
                await ConnectAndSendAsync(() => backoff = TimeSpan.FromMilliseconds(500), both.Token, cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever broke the link, a gateway's answer is to try again.
                if (!MayLive().IsCompleted)
                    continue;
                await Task.Delay(backoff, time, cancellationToken);
                backoff = TimeSpan.FromTicks(Math.Min(2 * backoff.Ticks, LongestBackoff.Ticks));
            }
        }
    }

    public void Dispose() => _life.Dispose();

    private async Task ConnectAndSendAsync(Action connected, CancellationToken untilDead, CancellationToken untilStopped)
    {
        // Disposing closes the socket without DISCONNECT: the broker publishes the last will.
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithTcpServer(options.MqttHost, options.MqttPort)
                .WithClientId(gateway)
                .WithProtocolVersion(MqttProtocolVersion.V500)
                .WithKeepAlivePeriod(TimeSpan.FromSeconds(20))
                .WithTimeout(TimeSpan.FromSeconds(10))
                .WithWillTopic(NativePayload.StatusTopic(gateway))
                .WithWillPayload("offline")
                .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .Build(),
            untilDead);
        await PublishAsync(client, NativePayload.StatusTopic(gateway), "online"u8.ToArray(), untilDead);
        connected();
        try
        {
            while (true)
            {
                await DrainAsync(client, untilDead);
                await _arrived.Reader.ReadAsync(untilDead);
            }
        }
        catch (OperationCanceledException) when (untilStopped.IsCancellationRequested)
        {
            using var goodbye = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
            await PublishAsync(client, NativePayload.StatusTopic(gateway), "offline"u8.ToArray(), goodbye.Token);
            await client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), goodbye.Token);
            throw;
        }
    }

    private async Task DrainAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        while (Take() is { Count: > 0 } readings)
        {
            await PublishAsync(client, NativePayload.Topic(readings[0]), NativePayload.Write(readings), cancellationToken);
            Interlocked.Add(ref _acknowledged, readings.Count);
            Forget(readings);
        }
    }

    /// <summary>The oldest waiting reading, and where it is a backfill, the device's next ones.</summary>
    private List<Reading> Take()
    {
        lock (_gate)
        {
            if (_waiting.First is not { } first)
                return [];
            var fresh = time.GetUtcNow().ToUnixTimeMilliseconds() - first.Value.EventTime < Fresh.TotalMilliseconds;
            return fresh ? [first.Value] : [.. _waiting.Where(r => r.Device == first.Value.Device).Take(ArrayLength)];
        }
    }

    private void Forget(List<Reading> readings)
    {
        lock (_gate)
        {
            foreach (var reading in readings)
                _waiting.Remove(reading);
        }
    }

    private static async Task PublishAsync(IMqttClient client, string topic, byte[] payload, CancellationToken cancellationToken)
    {
        var result = await client.PublishBinaryAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: cancellationToken);
        if (!result.IsSuccess)
            throw new IOException($"{topic} was not accepted: {result.ReasonCode} {result.ReasonString}");
    }

    private Task MayLive()
    {
        lock (_gate)
            return _mayLive.Task;
    }

    private CancellationToken Life()
    {
        lock (_gate)
            return _life.Token;
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
