using System.Buffers;
using System.Collections.Concurrent;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// The alarms' connection: a session of its own, so that an alarm never waits behind readings that the log does not take. What is retained
/// on the broker from before is compared with what stands, at each connect.
/// </summary>
internal sealed partial class AlarmsLink(ExternalOptions options, LinkState state, TimeProvider time, ILogger logger)
{
    private const string All = "alarms/v1/#";
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    // MQTT has no end of the retained messages: this long without one is taken for it.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestList = TimeSpan.FromSeconds(30);

    private volatile BrokerConnection? _connection;
    private string? _refusal;

    public LinkState State => state;

    /// <summary>Why the broker does not take alarms although it is connected; null while it does.</summary>
    public string? Refusal => Volatile.Read(ref _refusal);

    /// <summary>Connects, and serves <see cref="PublishAsync"/> until the connection ends. Cancelled: takes leave first.</summary>
    /// <param name="reconcile">Given what is retained on the broker, by topic.</param>
    /// <exception cref="BrokerFailureException">No connection.</exception>
    public async Task<BrokerFailureException> RunAsync(Action<IReadOnlyDictionary<string, byte[]>> reconcile, CancellationToken stopping)
    {
        using var connection = await BrokerConnection.OpenAsync(options, options.ClientId + "-alarms", keepSession: false, intake: null, time, stopping);
        try
        {
            var retained = await RetainedAsync(connection, stopping);
            _connection = connection;
            state.Connected(connection);
            reconcile(retained);
            return await connection.EndedAsync(stopping);
        }
        finally
        {
            _connection = null;
            state.Ended(connection);
        }
    }

    /// <summary>QoS 1; true once the broker has it, or refuses it, which repeating would not change.</summary>
    public async Task<bool> PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
            return false;
        var message = new MqttApplicationMessage { Topic = topic, Payload = new(payload), QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, Retain = retain };
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var result = await connection.Client.PublishAsync(message, either.Token);
            Answered(topic, result);
            return true;
        }
        catch (Exception error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // An answer that never came may come yet: the connection goes, and the next one begins with what the broker has.
            connection.Channel.Break(BrokerFailure.Silent, $"no answer to {topic}: {error.GetBaseException().Message}");
            return false;
        }
    }

    private void Answered(string topic, MqttClientPublishResult result)
    {
        if (result.IsSuccess)
        {
            Volatile.Write(ref _refusal, null);
            return;
        }
        if (Refusal is null)
            LogRefused(options.Address, topic, result.ReasonCode, result.ReasonString);
        Volatile.Write(ref _refusal, $"{options.Address} refuses alarms: {topic}: {result.ReasonCode}");
    }

    private async Task<IReadOnlyDictionary<string, byte[]>> RetainedAsync(BrokerConnection connection, CancellationToken stopping)
    {
        var retained = new ConcurrentDictionary<string, byte[]>();
        var began = time.GetTimestamp();
        var newest = began;
        Task Take(MqttApplicationMessageReceivedEventArgs args)
        {
            // What others publish meanwhile says nothing of what is retained.
            if (args.ApplicationMessage.Retain)
            {
                retained[args.ApplicationMessage.Topic] = args.ApplicationMessage.Payload.ToArray();
                Interlocked.Exchange(ref newest, time.GetTimestamp());
            }
            return Task.CompletedTask;
        }
        connection.Client.ApplicationMessageReceivedAsync += Take;
        await SubscribeAsync(connection, stopping);
        Interlocked.Exchange(ref newest, time.GetTimestamp());
        using var timer = new PeriodicTimer(Quiet / 5, time);
        while (time.GetElapsedTime(Interlocked.Read(ref newest)) < Quiet && time.GetElapsedTime(began) < LongestList)
            await timer.WaitForNextTickAsync(stopping);
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        await connection.Client.UnsubscribeAsync(new MqttClientUnsubscribeOptions { TopicFilters = [All] }, either.Token);
        connection.Client.ApplicationMessageReceivedAsync -= Take;
        return retained;
    }

    private async Task SubscribeAsync(BrokerConnection connection, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        var filter = new MqttTopicFilter { Topic = All, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, NoLocal = connection.IsVersion5 };
        var result = await connection.Client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = [filter] }, either.Token);
        if (result.Items.Any(item => (int)item.ResultCode >= 0x80))
            LogNotReadable(options.Address, All);
    }

    [LoggerMessage(LogLevel.Error, "Broker: {Address} refuses to take alarms: {Topic}: {Reason} {Text}. Allow the user to write alarms/v1/#")]
    private partial void LogRefused(string address, string topic, MqttClientPublishReasonCode reason, string? text);

    [LoggerMessage(LogLevel.Warning, "Broker: {Address} does not let the user read {Filter}: alarms that ended while the service was away may stay retained there")]
    private partial void LogNotReadable(string address, string filter);
}
