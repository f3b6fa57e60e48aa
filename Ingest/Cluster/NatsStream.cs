using System.Runtime.CompilerServices;
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

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);
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

    /// <summary>The stream's messages from this sequence on, in order, as they come.</summary>
    public async IAsyncEnumerable<StreamRecord> ReadAsync(ulong from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var consumer = await _jetStream.CreateOrderedConsumerAsync(
            _options.Stream, new NatsJSOrderedConsumerOpts { DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence, OptStartSeq = from }, cancellationToken);
        var options = new NatsJSConsumeOpts { MaxBytes = MostInFlight, Expires = TimeSpan.FromSeconds(10), IdleHeartbeat = Heartbeat };
        await foreach (var message in consumer.ConsumeAsync(NatsRawSerializer<byte[]>.Default, options, cancellationToken))
        {
            if (message.Metadata is { } metadata)
                yield return new StreamRecord(metadata.Sequence.Stream, metadata.Timestamp.ToUnixTimeMilliseconds(), message.Data ?? []);
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

    private static async Task<StreamState> StateOfAsync(INatsJSStream stream, CancellationToken cancellationToken)
    {
        var (created, state) = (stream.Info.Created.ToUniversalTime().ToString("O", System.Globalization.CultureInfo.InvariantCulture), stream.Info.State);
        var (first, last) = ((ulong)Math.Max(state.FirstSeq, 1), (ulong)state.LastSeq);
        StreamBeginning? beginning = null;
        if (first == StreamBeginning.Sequence && last >= first)
            beginning = StreamBeginning.Read((await stream.GetAsync(new StreamMsgGetRequest { Seq = StreamBeginning.Sequence }, cancellationToken)).Message.Data.ToArray());
        return new StreamState(created, first, last, beginning);
    }
}
