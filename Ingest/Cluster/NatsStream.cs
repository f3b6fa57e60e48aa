using System.Runtime.CompilerServices;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Telemetry.Ingest.Cluster;

/// <param name="Created">When the stream was made.</param>
/// <param name="First">Sequence of the first message kept.</param>
/// <param name="Last">Of the last message; one less than <paramref name="First"/> if there is none.</param>
/// <param name="Beginning">Where the log ended that was moved into the stream; null where none was, or this is no longer kept.</param>
internal readonly record struct StreamState(string Created, ulong First, ulong Last, StreamBeginning? Beginning);

/// <param name="Servers">That hold the stream, by name; one without a name where it stands alone.</param>
/// <param name="First">Sequence of the first message kept.</param>
/// <param name="Last">Of the last message.</param>
internal readonly record struct StreamHeld(IReadOnlyList<string> Servers, ulong First, ulong Last);

/// <summary>The stream on the nats-servers, with <see cref="Reading"/> the one place that speaks to them. What goes wrong for a while is a <see cref="NatsException"/> or a time-out.</summary>
internal sealed class NatsStream : IAsyncDisposable
{
    // The largest entry is what one MQTT message of 1 MiB becomes, or a dead letter; a family's text is smaller.
    private const int LeastPayload = 4 << 20;

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
        Reading = new StreamReading(_jetStream, options.Stream, options.Replicas);
    }

    /// <summary>What comes out of it.</summary>
    public StreamReading Reading { get; }

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
    /// <exception cref="IOException">There is none of this name.</exception>
    public async Task<StreamHeld> FindAsync(CancellationToken cancellationToken)
    {
        await _connection.ConnectAsync().AsTask().WaitAsync(Patience, _time, cancellationToken);
        try
        {
            return await HeldAsync(cancellationToken);
        }
        catch (NatsJSApiException error) when (error.Error.Code == 404)
        {
            throw new IOException($"Cluster:Stream = {_options.Stream}: the servers have no such stream", error);
        }
    }

    /// <summary>What the stream holds now, and where.</summary>
    public async Task<StreamHeld> HeldAsync(CancellationToken cancellationToken)
    {
        var info = (await _jetStream.GetStreamAsync(_options.Stream, cancellationToken: cancellationToken)).Info;
        string[] servers = info.Cluster?.Leader is { } leader ? [leader, .. (info.Cluster.Replicas ?? []).Select(replica => replica.Name!)] : [""];
        return new StreamHeld(servers, First(info.State), (ulong)info.State.LastSeq);
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
}
