using MQTTnet;
using MQTTnet.Protocol;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>
/// One connection to the city after the other: reads the log on from where the city has acknowledged, and goes on only with what is acknowledged. While the city is away the
/// log is the buffer.
/// </summary>
/// <param name="place">What is written there is never beyond what the city has acknowledged.</param>
/// <param name="counted">A new one for each connection; null to forward the readings themselves.</param>
/// <param name="unstored">Why the journal is behind what the rules have done; null while it is not.</param>
internal sealed class UpwardLink(
    UpwardOptions options, DurableLog log, Progress progress, IUpwardPlace place, LinkState state, TimeProvider time, Func<CountedLog>? counted = null, Func<string?>? unstored = null)
{
    public const string ReaderName = "upward";

    private const int Stretch = 1024;

    /// <summary>While little comes, so that a second's readings go as few messages, and the place is written once a second.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private long _acknowledged = -1;

    /// <summary>Last entry of the log that the city has, or that is none of its business; −1 before the first connection.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    private string StatusTopic => $"telemetry/v1/{options.Gateway}/status";

    /// <exception cref="BrokerFailureException">No connection.</exception>
    public async Task<BrokerFailureException> RunAsync(CancellationToken stopping)
    {
        // Registered before there is a connection: what comes meanwhile must be kept.
        using var reader = log.OpenReader(ReaderName, (await place.ReadAsync(stopping) ?? log.Committed) + 1);
        await TakenAsync(reader.Next - 1, reader, stopping);
        using var connection = await BrokerConnection.OpenAsync(options.City, options.City.ClientId, keepSession: false, intake: null, time, stopping, SetWill);
        try
        {
            await SendAsync(connection, [(StatusTopic, "online"u8.ToArray())], stopping);
            state.Connected(connection);
            var entries = new List<LogEntry>(Stretch);
            var counts = counted?.Invoke();
            while (!stopping.IsCancellationRequested && !connection.Channel.Ended.IsCompleted)
            {
                await WhileConnectedAsync(connection, progress.RulesAsync(reader.Next, stopping));
                var until = progress.Rules;
                // What can't be stored for now is in the journal later.
                if (counts is not null && unstored?.Invoke() is not null)
                {
                    await WhileConnectedAsync(connection, Task.Delay(Gather, time, stopping));
                    continue;
                }
                entries.Clear();
                if (reader.Read(entries, (int)Math.Min(Stretch, until - reader.Next + 1)) == 0)
                    continue;
                await SendAsync(connection, UpwardMessages.Of(counts?.Of(entries) ?? entries, options.Gateway), stopping);
                await TakenAsync(entries[^1].Position, reader, stopping);
                if (entries.Count < Stretch)
                    await WhileConnectedAsync(connection, Task.Delay(Gather, time, stopping));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping: what was not acknowledged is read again at the next start.
        }
        finally
        {
            state.Ended(connection);
        }
        return await LeaveAsync(connection, stopping);
    }

    private void SetWill(MqttClientOptions packet) =>
        (packet.WillTopic, packet.WillPayload, packet.WillQualityOfServiceLevel) = (StatusTopic, "offline"u8.ToArray(), MqttQualityOfServiceLevel.AtLeastOnce);

    private async Task TakenAsync(long position, LogReader reader, CancellationToken stopping)
    {
        Interlocked.Exchange(ref _acknowledged, position);
        await place.WriteAsync(position, stopping);
        reader.Done(position);
    }

    private static async Task WhileConnectedAsync(BrokerConnection connection, Task task) => await await Task.WhenAny(task, connection.Channel.Ended);

    /// <summary>All at once, in order; returns when each is acknowledged.</summary>
    /// <exception cref="BrokerFailureException">One of them was refused, or was not acknowledged in time.</exception>
    private async Task SendAsync(BrokerConnection connection, IReadOnlyList<(string Topic, byte[] Payload)> messages, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            foreach (var window in messages.Chunk(options.City.Window))
            {
                var results = await Task.WhenAll(window.Select(message => connection.Client.PublishAsync(
                    new MqttApplicationMessage { Topic = message.Topic, Payload = new(message.Payload), QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce }, either.Token)));
                if (results.FirstOrDefault(result => !result.IsSuccess) is { } refused)
                    throw new BrokerFailureException(BrokerFailure.NotAuthorized, $"the city refuses what is published under telemetry/v1/{options.Gateway}/: {refused.ReasonCode} {refused.ReasonString}");
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new BrokerFailureException(BrokerFailure.Unreachable, $"nothing acknowledged for {AnswerTimeout.TotalSeconds} s");
        }
    }

    /// <summary>After a DISCONNECT the city would not publish the will: it is said before.</summary>
    private async Task<BrokerFailureException> LeaveAsync(BrokerConnection connection, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested && !connection.Channel.Ended.IsCompleted)
            await SendAsync(connection, [(StatusTopic, "offline"u8.ToArray())], CancellationToken.None);
        return await connection.EndedAsync(new CancellationToken(canceled: true));
    }
}
