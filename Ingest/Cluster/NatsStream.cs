using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Telemetry.Ingest.Cluster;

/// <param name="Stored">When the server stored it, Unix ms.</param>
internal readonly record struct StreamRecord(ulong Sequence, long Stored, byte[] Message);

/// <param name="Created">When the stream was made.</param>
/// <param name="First">Sequence of the first message kept.</param>
/// <param name="Last">Of the last message; one less than <paramref name="First"/> if there is none.</param>
/// <param name="Beginning">Where the log ended that was moved into the stream; null where none was, or this is no longer kept.</param>
internal readonly record struct StreamState(string Created, ulong First, ulong Last, StreamBeginning? Beginning);

/// <summary>The stream on the nats-servers: the one place that speaks to them. What goes wrong for a while is a <see cref="NatsException"/> or a time-out.</summary>
internal sealed class NatsStream : IAsyncDisposable
{
    // The largest entry is what one MQTT message of 1 MiB becomes, or a dead letter; a family's text is smaller.
    private const int LeastPayload = 4 << 20;

    // Entries in flight from the server while a node catches up.
    private const int MostInFlight = 16 << 20;

    private const int PlacesAtOnce = 4;
    private const int PlaceRounds = 5;
    private const int NamesAtOnce = 2000;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReaderKept = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly ClusterOptions _options;
    private readonly TimeSpan _keep;
    private readonly NatsConnection _connection;
    private readonly NatsJSContext _jetStream;
    private readonly TimeProvider _time;

    /// <param name="keep">How long the stream keeps what it holds.</param>
    public NatsStream(ClusterOptions options, TimeSpan keep, TimeProvider time)
    {
        (_options, _keep, _time) = (options, keep, time);
        var connection = NatsOpts.Default with
        {
            Url = string.Join(',', options.Servers.Select(server => server.ToString().TrimEnd('/'))),
            Name = "telemetry",
            // A server that hangs, or whose machine is gone, is noticed within seconds.
            PingInterval = Patience,
            MaxPingOut = 2,
            ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
            ReconnectWaitMax = TimeSpan.FromSeconds(1),
            RequestTimeout = Patience,
            AuthOpts = new NatsAuthOpts { Username = options.User, Password = options.Password },
        };
        if (options.Servers.Any(server => server.Scheme == "tls"))
            connection = connection with { TlsOpts = new NatsTlsOpts { CaFile = options.CaFile, Mode = TlsMode.Require } };
        _connection = new NatsConnection(connection);
        _jetStream = new NatsJSContext(_connection);
    }

    /// <summary>Connects, and makes the stream where there is none yet.</summary>
    /// <exception cref="IOException">Not within a minute; or the servers, or the stream, are not as this service needs them.</exception>
    public async Task<StreamState> OpenAsync(CancellationToken cancellationToken)
    {
        var begun = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await _connection.ConnectAsync().AsTask().WaitAsync(Patience, _time, cancellationToken);
                if (_connection.ServerInfo is { MaxPayload: < LeastPayload } server)
                    throw new IOException($"Cluster:Servers: {server.Name} takes messages of {server.MaxPayload} bytes at most; set max_payload: 4MB in the configuration of every nats-server");
                var stream = await MakeAsync(cancellationToken);
                if (stream.Info.Config.NumReplicas != _options.Replicas)
                    throw new IOException($"Cluster:Replicas = {_options.Replicas}: the stream {_options.Stream} has {stream.Info.Config.NumReplicas}; change one of the two");
                return await StateOfAsync(stream, cancellationToken);
            }
            catch (Exception error) when (IsPassing(error) && !cancellationToken.IsCancellationRequested)
            {
                if (_time.GetElapsedTime(begun) > StartPatience)
                    throw new IOException($"Cluster:Servers = {_connection.Opts.Url}: no stream for {StartPatience.TotalSeconds:0} s: {error.Message}. More than half of the nats-servers must run, with jetstream enabled", error);
                await Task.Delay(TimeSpan.FromMilliseconds(250), _time, cancellationToken);
            }
        }
    }

    /// <summary>Connects to a stream that is there already.</summary>
    /// <returns>Sequence of its last message.</returns>
    /// <exception cref="IOException">There is none of this name.</exception>
    public async Task<ulong> FindAsync(CancellationToken cancellationToken)
    {
        await _connection.ConnectAsync().AsTask().WaitAsync(Patience, _time, cancellationToken);
        try
        {
            return (ulong)(await _jetStream.GetStreamAsync(_options.Stream, cancellationToken: cancellationToken)).Info.State.LastSeq;
        }
        catch (NatsJSApiException error) when (error.Error.Code == 404)
        {
            throw new IOException($"Cluster:Stream = {_options.Stream}: the servers have no such stream", error);
        }
    }

    /// <summary>What a second try may mend.</summary>
    public static bool IsPassing(Exception error) => error is NatsException or TimeoutException or OperationCanceledException;

    /// <summary>Completes when more than half of the replicas have it. The sequence is that of the first one if it was there before.</summary>
    /// <param name="isFirst">Only into an empty stream.</param>
    public async Task<(ulong Sequence, bool WasThere)> PublishAsync(string id, ReadOnlyMemory<byte> message, bool isFirst, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var acknowledged = await _jetStream.PublishAsync(Subject, message, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, new NatsJSPubOpts { MsgId = id, ExpectedStream = _options.Stream, ExpectedLastSequence = isFirst ? 0 : null, RetryAttempts = 1 }, cancellationToken: either.Token);
        // The client takes a second try of what the stream has for an error; it is what the second try is for.
        if (!acknowledged.Duplicate)
            acknowledged.EnsureSuccess();
        return (acknowledged.Seq, acknowledged.Duplicate);
    }

    /// <summary>Sequence of the first message that the stream still holds.</summary>
    public async Task<ulong> FirstAsync(CancellationToken cancellationToken) => First((await _jetStream.GetStreamAsync(_options.Stream, cancellationToken: cancellationToken)).Info.State);

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
            while (witnesses.Count < _options.Replicas / 2 && consumer.Info.Cluster is not null)
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

    /// <summary>Says a word to the nodes that listen now; nobody keeps it. Nothing where there is no connection now: what is old must not be said later.</summary>
    public ValueTask SayAsync(string word, CancellationToken cancellationToken) =>
        _connection.ConnectionState == NatsConnectionState.Open ? _connection.PublishAsync(WordSubject, word, cancellationToken: cancellationToken) : ValueTask.CompletedTask;

    /// <summary>What nodes say, this one too, as it comes.</summary>
    public async IAsyncEnumerable<string> HearAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var message in _connection.SubscribeAsync<string>(WordSubject, cancellationToken: cancellationToken))
            yield return message.Data ?? "";
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private string Subject => _options.Stream + ".0";

    // None of the stream's own.
    private string WordSubject => _options.Stream + ".owner";

    /// <summary>The servers that hold the stream, by name, and the first and last message.</summary>
    public async Task<(IReadOnlyList<string> Servers, ulong First, ulong Last)> ServersAsync(CancellationToken cancellationToken)
    {
        var info = (await _jetStream.GetStreamAsync(_options.Stream, cancellationToken: cancellationToken)).Info;
        string[] servers = info.Cluster?.Leader is { } leader ? [leader, .. (info.Cluster.Replicas ?? []).Select(replica => replica.Name!)] : [""];
        return (servers, First(info.State), (ulong)info.State.LastSeq);
    }

    /// <summary>Sequences and names (run and number) of the messages that this server holds, without what is in them.</summary>
    /// <param name="server">As <see cref="ServersAsync"/> gives it.</param>
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
        await _jetStream.DeleteConsumerAsync(_options.Stream, consumer.Info.Name, cancellationToken);
    }

    // What was taken is known by the place, not by acknowledgements.
    private static ConsumerConfig Reader(string name, ulong from) =>
        new() { Name = name, DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence, OptStartSeq = from, AckPolicy = ConsumerConfigAckPolicy.None, InactiveThreshold = ReaderKept, MemStorage = true };

    /// <summary>The servers place a consumer at one of the stream's, as they please, one that is dead too: several at once, until one is at a right one. The others are forgotten.</summary>
    private async Task<INatsJSConsumer> PlacedAsync(Func<ConsumerConfig> next, Func<string?, bool> isRight, string where, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        for (var round = 0; round < PlaceRounds; round++)
        {
            var placing = Enumerable.Range(0, PlacesAtOnce).Select(_ => _jetStream.CreateConsumerAsync(_options.Stream, next(), cancellationToken).AsTask()).ToList();
            await foreach (var placed in Task.WhenEach(placing))
            {
                try
                {
                    if (await placed is var consumer && isRight(consumer.Info.Cluster?.Leader))
                        return consumer;
                }
                catch (Exception error) when (IsPassing(error) && !cancellationToken.IsCancellationRequested)
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

    private async Task<INatsJSStream> MakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _jetStream.GetStreamAsync(_options.Stream, cancellationToken: cancellationToken);
        }
        catch (NatsJSApiException error) when (error.Error.Code == 404)
        {
            // Another node that makes it at the same moment asks for the same, which is no error.
            return await _jetStream.CreateStreamAsync(
                new StreamConfig(_options.Stream, [Subject])
                {
                    Description = "Telemetry's log, partition 0",
                    NumReplicas = _options.Replicas,
                    Storage = StreamConfigStorage.File,
                    Retention = StreamConfigRetention.Limits,
                    // Full means that publishing fails and nothing is acknowledged, rather than that the oldest goes.
                    Discard = StreamConfigDiscard.New,
                    MaxAge = _keep,
                    DenyDelete = true,
                    DenyPurge = true,
                },
                cancellationToken);
        }
    }

    private static ulong First(NATS.Client.JetStream.Models.StreamState state) => (ulong)Math.Max(state.FirstSeq, 1);

    private static async Task<StreamState> StateOfAsync(INatsJSStream stream, CancellationToken cancellationToken)
    {
        var (created, state) = (stream.Info.Created.ToUniversalTime().ToString("O", System.Globalization.CultureInfo.InvariantCulture), stream.Info.State);
        var (first, last) = (First(state), (ulong)state.LastSeq);
        StreamBeginning? beginning = null;
        if (first == StreamBeginning.Sequence && last >= first)
            beginning = StreamBeginning.Read((await stream.GetAsync(new StreamMsgGetRequest { Seq = StreamBeginning.Sequence }, cancellationToken)).Message.Data.ToArray());
        return new StreamState(created, first, last, beginning);
    }

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
