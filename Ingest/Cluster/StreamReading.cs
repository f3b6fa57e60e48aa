using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Telemetry.Ingest.Cluster;

/// <param name="Stored">When the server stored it, Unix ms.</param>
internal readonly record struct StreamRecord(ulong Sequence, long Stored, byte[] Message);

/// <summary>Reads the stream at servers of its own choice: by named consumers that begin at a sequence, and that the servers forget when nobody asks them any more.</summary>
internal sealed class StreamReading(NatsJSContext jetStream, string stream, int replicas)
{
    // Entries in flight from the server while a node catches up.
    private const int MostInFlight = 16 << 20;

    private const int PlacesAtOnce = 4;
    private const int PlaceRounds = 5;
    private const int NamesAtOnce = 2000;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The stream's messages from this sequence on, in order, as they come, each once more than half of the servers hold it. What a server has put there is not enough: one that
    /// led the stream when it was cut off, or killed, may keep in the place of a message on which the others have agreed one that it alone had (nats-server 2.9.10, seen).
    /// Where one is missing, or none comes for long, the reading is to begin anew under another name, and maybe at other servers.
    /// </summary>
    /// <param name="reader">Beginning of the consumers' names on the servers; they forget them soon after nobody has asked them any more.</param>
    /// <param name="begun">From then on messages come.</param>
    /// <exception cref="NatsException">The servers hold different messages.</exception>
    /// <exception cref="TimeoutException">A server gives no sign of life.</exception>
    public async IAsyncEnumerable<StreamRecord> ReadAsync(string reader, ulong from, Action begun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lost = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lost.Token, cancellationToken);
        var number = 0;
        var consumer = await PlacedAsync(() => Reader($"{reader}-{++number}", from), _ => true, "any server", either.Token);
        var witnesses = new List<Witness>();
        try
        {
            var servers = new HashSet<string?> { consumer.Info.Cluster?.Leader };
            // With the server that is read these are more than half. A server that stands alone has none beside it.
            while (witnesses.Count < replicas / 2 && consumer.Info.Cluster is not null)
            {
                var witness = await PlacedAsync(() => Reader($"{reader}-{++number}", from) with { HeadersOnly = true }, at => !servers.Contains(at), "another server", either.Token);
                servers.Add(witness.Info.Cluster?.Leader);
                witnesses.Add(new Witness(witness.Info.Cluster?.Leader ?? "", witness.ConsumeAsync(NatsRawSerializer<byte[]>.Default, Consume(lost), either.Token).GetAsyncEnumerator(CancellationToken.None)));
            }
            begun();
            await using var messages = consumer.ConsumeAsync(NatsRawSerializer<byte[]>.Default, Consume(lost), either.Token).GetAsyncEnumerator(CancellationToken.None);
            while (await NextAsync(messages))
            {
                if (messages.Current.Metadata is not { } metadata)
                    continue;
                foreach (var witness in witnesses)
                {
                    while (witness.Sequence < metadata.Sequence.Stream && await NextAsync(witness.Messages))
                        witness.Take();
                    if (witness.Sequence != metadata.Sequence.Stream || witness.Stored != metadata.Timestamp || witness.Name != NameOf(messages.Current))
                    {
                        var (sequence, name) = (metadata.Sequence.Stream, NameOf(messages.Current));
                        await lost.CancelAsync();
                        throw new NatsException($"the nats-server {consumer.Info.Cluster?.Leader} holds {name} as message {sequence} of the stream, {witness.Server} {witness.Name} as message {witness.Sequence}; `cluster check` names what differs");
                    }
                }
                yield return new StreamRecord(metadata.Sequence.Stream, metadata.Timestamp.ToUnixTimeMilliseconds(), messages.Current.Data ?? []);
            }
        }
        finally
        {
            // The client's reading ends only when it is told to.
            await lost.CancelAsync();
            foreach (var witness in witnesses)
                await witness.Messages.DisposeAsync();
        }

        async ValueTask<bool> NextAsync(IAsyncEnumerator<INatsJSMsg<byte[]>> of)
        {
            try
            {
                if (await of.MoveNextAsync())
                    return true;
            }
            catch (OperationCanceledException) when (lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // Said below.
            }
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"no sign of life of the reader {reader}");
        }
    }

    /// <summary>Sequences and names (run and number) of the messages that this server holds, without what is in them.</summary>
    /// <param name="server">As <see cref="NatsStream.HeldAsync"/> gives it.</param>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    public async IAsyncEnumerable<(ulong Sequence, string Name)> NamesAtAsync(string server, ulong from, ulong last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var consumer = await PlacedAsync(
            () => Reader("check-" + RandomNumberGenerator.GetHexString(16, lowercase: true), from) with { HeadersOnly = true }, at => server.Length == 0 || at == server, "the server " + server, cancellationToken);
        var sequence = from - 1;
        for (var more = true; more && sequence < last;)
        {
            more = false;
            await foreach (var message in consumer.FetchNoWaitAsync(new NatsJSFetchOpts { MaxMsgs = NamesAtOnce }, NatsRawSerializer<byte[]>.Default, cancellationToken))
            {
                if (message.Metadata is not { } metadata || metadata.Sequence.Stream > last)
                    continue;
                (more, sequence) = (true, metadata.Sequence.Stream);
                yield return (sequence, NameOf(message));
            }
        }
        await jetStream.DeleteConsumerAsync(stream, consumer.Info.Name, cancellationToken);
    }

    // What was taken is known by the place, not by acknowledgements.
    private static ConsumerConfig Reader(string name, ulong from) =>
        new() { Name = name, DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence, OptStartSeq = from, AckPolicy = ConsumerConfigAckPolicy.None, InactiveThreshold = Kept, MemStorage = true };

    /// <summary>The servers place a consumer at one of the stream's, as they please, one that is dead too: several at once, until one is at a right one. The others are forgotten.</summary>
    private async Task<INatsJSConsumer> PlacedAsync(Func<ConsumerConfig> next, Func<string?, bool> isRight, string where, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        for (var round = 0; round < PlaceRounds; round++)
        {
            var placing = Enumerable.Range(0, PlacesAtOnce).Select(_ => jetStream.CreateConsumerAsync(stream, next(), cancellationToken).AsTask()).ToList();
            await foreach (var placed in Task.WhenEach(placing))
            {
                try
                {
                    if (await placed is var consumer && isRight(consumer.Info.Cluster?.Leader))
                        return consumer;
                }
                catch (Exception error) when (NatsStream.IsPassing(error) && !cancellationToken.IsCancellationRequested)
                {
                    failure = error;
                }
            }
        }
        throw new TimeoutException($"no reader could be had at {where}{(failure is null ? "" : ": " + failure.Message)}", failure);
    }

    private static NatsJSConsumeOpts Consume(CancellationTokenSource lost) => new()
    {
        MaxBytes = MostInFlight, Expires = TimeSpan.FromSeconds(10), IdleHeartbeat = Heartbeat,
        NotificationHandler = (notice, _) => notice is NatsJSTimeoutNotification or NatsJSNoRespondersNotification ? lost.CancelAsync() : Task.CompletedTask,
    };

    private static string NameOf(INatsJSMsg<byte[]> message) => message.Headers is { } headers && headers.TryGetValue("Nats-Msg-Id", out var id) ? id.ToString() : "a message without a name";

    /// <summary>What another server holds, by name.</summary>
    private sealed class Witness(string server, IAsyncEnumerator<INatsJSMsg<byte[]>> messages)
    {
        public string Server => server;

        public IAsyncEnumerator<INatsJSMsg<byte[]>> Messages => messages;

        public ulong Sequence { get; private set; }

        public DateTimeOffset Stored { get; private set; }

        public string Name { get; private set; } = "";

        public void Take()
        {
            if (messages.Current.Metadata is { } metadata)
                (Sequence, Stored, Name) = (metadata.Sequence.Stream, metadata.Timestamp, NameOf(messages.Current));
        }
    }
}
