using System.Buffers.Binary;
using System.Security.Cryptography;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Cluster;

/// <summary>The log of a cluster's node: the stream, of which <see cref="DurableLog"/> is this node's copy. FORMAT.md says how the two hang together.</summary>
public sealed class ClusterLog : ILogAppend, IAsyncDisposable
{
    private readonly NatsStream _stream;
    private readonly DurableLog _copy;
    private readonly LogClock _clock;
    private readonly ClusterOptions _options;
    private readonly string _directory;
    private readonly string _placePath;
    private readonly int _maxUncommitted;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private int _closed;
    private StreamFollower? _follower;
    private StreamAppender? _appender;

    /// <param name="directory">Of the copy.</param>
    public ClusterLog(ClusterOptions options, LogOptions log, string directory, DurableLog copy, LogClock clock, ILogger logger)
    {
        (_options, _directory, _copy, _clock, _logger, _maxUncommitted) = (options, directory, copy, clock, logger, log.MaxUncommitted);
        _placePath = Path.Combine(directory, StreamPlace.FileName);
        _stream = new NatsStream(options, log.Keep, TimeProvider.System);
    }

    /// <inheritdoc/>
    public string? Unwritable => _appender?.Unwritable ?? _follower?.Problem;

    /// <inheritdoc/>
    public TimeSpan StalledFor => _appender?.StalledFor ?? TimeSpan.Zero;

    /// <inheritdoc/>
    public bool NeedsTicks => _follower is { HearsTicks: false };

    /// <inheritdoc cref="StreamFollower.HeardAt"/>
    public long HeardAt => _follower?.HeardAt ?? 0;

    /// <summary>Called with each gateway whose message came through another node. On the follower's worker.</summary>
    public Action<string>? HeardElsewhere { get; set; }

    /// <summary>Runs until the log is closed; faults where this node can't go on.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Connects, and completes when the copy holds what the stream holds now.</summary>
    /// <exception cref="IOException">No stream within a minute, or none that will do.</exception>
    /// <exception cref="InvalidDataException">What stands in the directory is not a copy of this stream, or one of them has lost something.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var state = await _stream.OpenAsync(cancellationToken);
        var place = PlaceIn(state);
        // A database that the nodes share knows the log by it; one that was moved into the stream has its name already.
        if (place.Log is null)
            LogId.Set(_directory, $"{_options.Stream} {state.Created}");
        var run = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        _follower = new StreamFollower(_stream, _copy, _clock, place, _placePath, run, gateway => HeardElsewhere?.Invoke(gateway), _logger);
        _appender = new StreamAppender(_stream, _follower, _copy, _clock, run, _maxUncommitted, _logger);
        Running = RunAsync(state.Last);
        await _follower.CaughtUp.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Task<long>> AppendAsync(EntryBatch batch, CancellationToken cancellationToken) =>
        (_appender ?? throw new InvalidOperationException("the cluster's log is not started")).AppendAsync(batch, cancellationToken);

    /// <inheritdoc cref="NatsStream.SayAsync"/>
    internal ValueTask SayAsync(string word, CancellationToken cancellationToken) => _stream.SayAsync(word, cancellationToken);

    /// <inheritdoc cref="NatsStream.HearAsync"/>
    internal IAsyncEnumerable<string> HearAsync(CancellationToken cancellationToken) => _stream.HearAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // The container knows it by two names, and closes it by each.
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        await _stopping.CancelAsync();
        // Whoever watches it was told what went wrong.
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stream.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync(ulong last)
    {
        var following = _follower!.RunAsync(last, _stopping.Token);
        var appending = _appender!.RunAsync(_stopping.Token);
        // Neither is of use without the other: where one ends, what waits is refused rather than left waiting.
        var ended = await Task.WhenAny(following, appending);
        await _stopping.CancelAsync();
        await Task.WhenAll(following, appending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ended;
    }

    private StreamPlace PlaceIn(StreamState state)
    {
        if (StreamPlace.Load(_placePath) is not { } place)
            place = state.Beginning is { } beginning ? Behind(beginning, state.Created) : new StreamPlace { Created = state.Created };
        else if (place.Created != state.Created)
            throw new InvalidDataException($"{_placePath} follows the stream that was made at {place.Created}, but this one was made at {state.Created}. Start with an empty Data:Path to fill it from this stream, or with a copy of a node's that follows it");
        if (place.Position > _copy.Committed)
            throw new InvalidDataException($"{_placePath} follows the stream up to position {place.Position}, but the log beside it ends at {_copy.Committed}. Remove the file to compare the log with the stream from its beginning");
        if (place.Sequence > state.Last)
            throw new InvalidDataException($"this node has read the stream up to message {place.Sequence}, but it ends at {state.Last}: it has lost its end. docs/operating.md, Cluster, says what to do");
        if (place.Sequence + 1 < state.First)
            throw new InvalidDataException($"this node needs the stream from message {place.Sequence + 1} on, but it begins at {state.First}. Copy Data:Path of another node (backup, restore)");
        return place;
    }

    private StreamPlace Behind(StreamBeginning beginning, string created)
    {
        if (_copy.Committed < beginning.Position)
            throw new InvalidDataException($"the stream goes on behind position {beginning.Position} of a log that was moved into it, but the log in Data:Path {(_copy.Committed == 0 ? "is empty" : $"ends at {_copy.Committed}")}. Copy Data:Path of another node (backup, restore)");
        if (LogId.Of(_directory) != beginning.Log || (_copy.First <= beginning.Position && _copy.HashAt(beginning.Position) != beginning.Hash))
            throw new InvalidDataException($"the log in Data:Path is not a copy of the one ({beginning.Log}) that was moved into the stream at position {beginning.Position}. Copy Data:Path of another node; a backup that was made before the log was moved does not do");
        return StreamPlace.Behind(created, beginning);
    }
}
