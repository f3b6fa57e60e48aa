using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>
/// Copies the log's readings into one store, in order, never beyond what the rules have processed. While the store is away the log is the
/// buffer: this reader stands still and catches up later.
/// </summary>
public sealed partial class StoreWriter : BackgroundService
{
    private const int EntriesPerRead = 1024;

    // How far the owner has come need not be known by the second.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ISeriesStore _store;
    private readonly DurableLog _log;
    private readonly Progress _progress;
    private readonly Verdicts _verdicts;
    private readonly PlaceHistory _places;
    private readonly StoreWriterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Ownership _ownership;
    private readonly InfluxStore? _shared;
    private readonly PointBatch _batch;
    private readonly List<LogEntry> _entries = new(EntriesPerRead);
    private int _failures;
    private volatile string? _failing;

    /// <param name="ownership">Of a store that the nodes of a cluster share; <see cref="Ownership.Alone"/> of one that is this node's own.</param>
    public StoreWriter(
        ISeriesStore store, DurableLog log, Progress progress, Verdicts verdicts, PlaceHistory places, StoreWriterOptions options, TimeProvider time, ILogger<StoreWriter> logger, Ownership ownership)
    {
        (_ownership, _shared) = (ownership, ownership.IsAlone ? null : (InfluxStore)store);
        (_store, _log, _progress, _verdicts, _places, _options, _time, _logger) = (store, log, progress, verdicts, places, options, time, logger);
        _batch = new PointBatch(verdicts, places);
        progress.StoreReached(store.Kind, 0);
    }

    /// <summary><c>duckdb</c>, <c>influxdb</c>.</summary>
    public string Kind => _store.Kind;

    /// <summary>Under which the log knows how far this kind of store has come.</summary>
    public static string ReaderName(string kind) => $"store-{kind}";

    /// <summary>Why the store takes nothing at the moment; null while it does.</summary>
    public string? Failing => _failing;

    /// <summary>Entries that the rules have processed and this store does not hold yet.</summary>
    public long Behind => Math.Max(0, _progress.Rules - _store.Position);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The writing itself blocks its thread for milliseconds; the host's start must not wait for it.
        await Task.Yield();
        try
        {
            while (true)
            {
                TimeSpan? asked = null;
                try
                {
                    if (_shared is not null)
                        await FollowAsync(_shared, stoppingToken);
                    await _ownership.AsOwnerAsync(CopyAsync, stoppingToken);
                    // Another node goes on with it.
                    continue;
                }
                catch (IOException error)
                {
                    Failed(error);
                    asked = (error as StoreAwayException)?.RetryAfter;
                }
                await Task.Delay(asked ?? _options.RetryAfter(_failures), _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping. What was not written is read again at the next start.
        }
        catch (Exception error)
        {
            // Only a person can mend this (a newer file, another log's store); the alarms go on without the store.
            _failing = error.Message;
            LogGivenUp(_store.Kind, error);
        }
    }

    /// <summary>While another node writes: what this one would need to go on with it is kept, and no more.</summary>
    private async Task FollowAsync(InfluxStore store, CancellationToken stoppingToken)
    {
        while (true)
        {
            await store.CloseAsync(stoppingToken);
            await store.OpenAsync(stoppingToken);
            var position = Math.Min(store.Position, _progress.Rules);
            using (var reader = _log.OpenReader(ReaderName(store.Kind), position + 1))
                Stored(reader, position);
            if (_ownership.IsOwner)
                break;
            Succeeded();
            await Task.WhenAny(_ownership.WhenOwnerAsync(stoppingToken), Task.Delay(LookEvery, _time, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
        }
        // The node before was further than this one.
        await _progress.RulesAsync(store.Position, stoppingToken);
    }

    /// <summary>Copies from the store's own position on until something fails. What was gathered then is simply read again.</summary>
    private async Task CopyAsync(CancellationToken stoppingToken)
    {
        await _store.OpenAsync(stoppingToken);
        using var reader = _log.OpenReader(ReaderName(_store.Kind), _store.Position + 1);
        if (reader.Next > _store.Position + 1)
            LogGap(_store.Kind, _store.Position + 1, reader.Next);
        Stored(reader, _store.Position);
        while (true)
        {
            _batch.Clear();
            await _progress.RulesAsync(reader.Next, stoppingToken);
            Fill(reader);
            if (_batch.Points.Count < _options.MaxPoints)
            {
                // Live: a batch gathers, so that the disk is synced a few times a second instead of once per message.
                await Task.Delay(_options.Gather, _time, stoppingToken);
                Fill(reader);
            }
            await _store.WriteAsync(_batch.Points, _batch.Position, stoppingToken);
            Succeeded();
            Stored(reader, _store.Position);
        }
    }

    private void Fill(LogReader reader)
    {
        var forgotten = _verdicts.Forgotten;
        while (_batch.Points.Count < _options.MaxPoints)
        {
            var allowed = (int)Math.Min(EntriesPerRead, _progress.Rules - reader.Next + 1);
            if (allowed <= 0 || reader.Read(_entries, allowed) == 0)
                return;
            foreach (var entry in _entries)
                _batch.Add(entry, forgotten);
            _entries.Clear();
        }
    }

    private void Stored(LogReader reader, long position)
    {
        reader.Done(position);
        _progress.StoreReached(_store.Kind, position);
        _verdicts.Forget(_progress.Store);
        _places.Forget(_progress.Store);
    }

    private void Failed(IOException error)
    {
        if (_failures++ == 0)
            LogFailing(_store.Kind, error);
        _failing = error.Message;
    }

    private void Succeeded()
    {
        if (_failures > 0)
            LogRecovered(_store.Kind, _failures);
        _failures = 0;
        _failing = null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the {Kind} store takes nothing; the log keeps the readings until it does")]
    private partial void LogFailing(string kind, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "the {Kind} store takes points again after {Failures} failed attempts")]
    private partial void LogRecovered(string kind, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the {Kind} store lacks positions from {From} on, which the log keeps only from {First} on: the readings between are not in it")]
    private partial void LogGap(string kind, long from, long first);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the {Kind} store stays off until someone sees to it")]
    private partial void LogGivenUp(string kind, Exception error);
}

/// <summary>How the store's writer batches and retries.</summary>
public sealed record StoreWriterOptions
{
    /// <summary>Points after which a batch is written at once. Default 250,000: twice what DuckDB keeps as one group of rows, which it then writes once instead of twice; memory grows with it. It may be exceeded by one read.</summary>
    public int MaxPoints { get; init; } = 250_000;

    /// <summary>How long a smaller batch gathers: the delay of a live point, and the pause between two syncs of the disk. Default 250 ms.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The pause after so many failures in a row, from 1: 1 s, doubling up to 30 s.</summary>
    public TimeSpan RetryAfter(int failures) => TimeSpan.FromSeconds(Math.Min(30, 1 << Math.Min(failures - 1, 5)));
}
