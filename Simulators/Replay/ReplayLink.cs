using System.Globalization;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Telemetry.Simulators.Commands;

namespace Telemetry.Simulators.Replay;

/// <summary>Where a replay goes.</summary>
/// <param name="User">Null where the broker asks for none.</param>
/// <param name="Window">Messages that may be unacknowledged, 1 to 65535; the broker may allow fewer.</param>
/// <param name="Patience">How long to try when nothing is acknowledged and no connection comes about.</param>
public sealed record ReplayTarget(MqttAddress Broker, string? User, string? Password, int Window, TimeSpan Patience);

/// <summary>One connection that loses nothing: messages leave in their order, QoS 1, and those without an acknowledgement leave again on the next connection.</summary>
public sealed class ReplayLink(ReplayTarget target, TimeProvider time)
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(5);

    private readonly Queue<Message> _waiting = new();
    private long _lastProgress;
    private int _window;

    public long Sent { get; private set; }

    public long Acknowledged { get; private set; }

    /// <summary>The broker's answer was a refusal.</summary>
    public long Refused { get; private set; }

    /// <summary>Of the first refusal.</summary>
    public string? Refusal { get; private set; }

    public long Resent { get; private set; }

    public int Drops { get; private set; }

    /// <summary>Why it gave up; null when it did not.</summary>
    public string? Error { get; private set; }

    public async Task RunAsync(IAsyncEnumerable<(string Topic, byte[] Payload)> messages, CancellationToken cancellationToken)
    {
        await using var next = messages.GetAsyncEnumerator(cancellationToken);
        _lastProgress = time.GetTimestamp();
        var backoff = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            try
            {
                await ConnectAsync(client, cancellationToken);
                backoff = TimeSpan.FromMilliseconds(100);
                Resend(client);
                await PublishAsync(client, next, cancellationToken);
                await client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), CancellationToken.None);
                return;
            }
            catch (Exception broken) when (broken is MqttCommunicationException or TimeoutException or ObjectDisposedException || (broken is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                Drops++;
                if (time.GetElapsedTime(_lastProgress) > target.Patience || broken is RefusedException || cancellationToken.IsCancellationRequested)
                {
                    Error = string.Create(CultureInfo.InvariantCulture, $"{target.Broker}: {broken.Message}");
                    return;
                }
                await Task.Delay(backoff, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = TimeSpan.FromTicks(Math.Min(2 * backoff.Ticks, LongestBackoff.Ticks));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ConnectAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer(target.Broker.Host, target.Broker.Port)
            .WithClientId(string.Create(CultureInfo.InvariantCulture, $"replay-{Environment.ProcessId}"))
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(20))
            .WithTimeout(TimeSpan.FromSeconds(10));
        if (target.User is { } user)
            options.WithCredentials(user, target.Password);
        var answer = await client.ConnectAsync(options.Build(), cancellationToken);
        if (answer.ResultCode is MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized or MqttClientConnectResultCode.Banned)
            throw new RefusedException($"the broker refuses the connection: {answer.ResultCode} {answer.ReasonString}");
        if (answer.ResultCode != MqttClientConnectResultCode.Success)
            throw new MqttCommunicationException($"the broker refuses the connection: {answer.ResultCode} {answer.ReasonString}");
        _window = answer.ReceiveMaximum is > 0 and var most ? Math.Min(target.Window, (int)most) : target.Window;
    }

    private void Resend(IMqttClient client)
    {
        foreach (var message in _waiting.Where(message => message.Answer is not { IsCompletedSuccessfully: true }))
        {
            Resent++;
            message.Publish(client);
        }
    }

    private async Task PublishAsync(IMqttClient client, IAsyncEnumerator<(string Topic, byte[] Payload)> next, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_waiting.Count >= _window || (_waiting.TryPeek(out var oldest) && oldest.Answer!.IsCompleted))
                await SettleAsync(cancellationToken);
            if (!await next.MoveNextAsync())
                break;
            var message = new Message(next.Current.Topic, next.Current.Payload);
            _waiting.Enqueue(message);
            Sent++;
            _lastProgress = time.GetTimestamp();
            message.Publish(client);
        }
        while (_waiting.Count > 0)
            await SettleAsync(cancellationToken);
    }

    /// <summary>The oldest message's answer. A replay that is ended by request waits a little for what is on the way.</summary>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        Task coming = _waiting.Peek().Answer!;
        await coming.WaitAsync(target.Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!coming.IsCompleted && cancellationToken.IsCancellationRequested)
            await coming.WaitAsync(Goodbye, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!coming.IsCompleted)
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{_waiting.Count} messages unacknowledged, the oldest for {target.Patience.TotalSeconds:0} s"));
        var answer = await _waiting.Peek().Answer!;
        var message = _waiting.Dequeue();
        _lastProgress = time.GetTimestamp();
        if (answer.IsSuccess)
        {
            Acknowledged++;
            return;
        }
        Refused++;
        Refusal ??= $"{message.Topic}: {answer.ReasonCode} {answer.ReasonString}".TrimEnd();
    }

    private sealed class Message(string topic, byte[] payload)
    {
        public string Topic => topic;

        public Task<MqttClientPublishResult>? Answer { get; private set; }

        public void Publish(IMqttClient client) => Answer = client.PublishBinaryAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce);
    }

    private sealed class RefusedException(string message) : MqttCommunicationException(message);
}
