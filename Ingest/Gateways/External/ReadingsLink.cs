using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>The readings' connection: a persistent session, subscribed at QoS 1, acknowledged in order after the commit.</summary>
internal sealed partial class ReadingsLink(
    ExternalOptions options, DecodingTables tables, AppendEntries append, Func<long> now, ISessionMemory memory, LinkState state, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    // The end of our connection says nothing of any gateway: each of its connections is closed "by the service".
    private readonly GatewayConnections _gateways = new();

    /// <summary>Connects and takes in what comes, until the connection ends. Cancelled: takes leave first.</summary>
    /// <exception cref="BrokerFailureException">No connection, or no subscription.</exception>
    public async Task<BrokerFailureException> RunAsync(CancellationToken stopping)
    {
        using var connection = await BrokerConnection.OpenAsync(options, options.ClientId, keepSession: true, Intake, time, stopping);
        try
        {
            await SubscribeAsync(connection, stopping);
            state.Connected(connection);
            return await connection.EndedAsync(stopping);
        }
        finally
        {
            state.Ended(connection);
            _gateways.Ended(connection.Channel, byService: true);
        }
    }

    private PublishIntake Intake(BrokerChannel channel) => new(channel, new MessageDecoder(tables), _gateways, append, now) { MaxPayload = int.MaxValue };

    private async Task SubscribeAsync(BrokerConnection connection, CancellationToken stopping)
    {
        var known = await memory.FiltersAsync(stopping);
        if (connection.SessionPresent && known is not null && known.SequenceEqual(options.Topics))
            return;
        if (!connection.SessionPresent && known is not null)
            await AnnounceLossAsync(stopping);
        await RememberAsync(null, stopping);
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        if (connection.SessionPresent && known is not null)
            await UnsubscribeAsync(connection, [.. known.Except(options.Topics)], either.Token);
        var result = await connection.Client.SubscribeAsync(
            new MqttClientSubscribeOptions { TopicFilters = [.. options.Topics.Select(topic => new MqttTopicFilter { Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce })] }, either.Token);
        foreach (var item in result.Items)
        {
            if (item.ResultCode is not (MqttClientSubscribeResultCode.GrantedQoS1 or MqttClientSubscribeResultCode.GrantedQoS2))
                throw new BrokerFailureException(BrokerFailure.Subscription, $"{item.TopicFilter.Topic}: {item.ResultCode}; QoS 1 is needed (Mqtt:External:Topic, and what the broker allows the user)");
        }
        await RememberAsync(options.Topics, stopping);
    }

    private async Task RememberAsync(IReadOnlyList<string>? filters, CancellationToken stopping)
    {
        try
        {
            await memory.RememberAsync(filters, stopping);
        }
        catch (IOException error)
        {
            LogNotRemembered(error);
        }
    }

    private static async Task UnsubscribeAsync(BrokerConnection connection, List<string> filters, CancellationToken cancellationToken)
    {
        if (filters.Count > 0)
            await connection.Client.UnsubscribeAsync(new MqttClientUnsubscribeOptions { TopicFilters = filters }, cancellationToken);
    }

    // Raised and over at once: what stands is a ticket that someone has to see.
    private async Task AnnounceLossAsync(CancellationToken cancellationToken)
    {
        state.SessionLost();
        var detail = $"{options.Address} has no session of {options.ClientId}; what it had queued is gone";
        await append([new SystemEntry(WatchService.SessionLost, true, detail), new SystemEntry(WatchService.SessionLost, false, detail)], cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Broker: the session can't be remembered; if the broker loses it before the next start, nobody will know")]
    private partial void LogNotRemembered(Exception error);
}
