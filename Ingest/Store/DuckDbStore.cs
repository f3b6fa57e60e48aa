using System.Globalization;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Store;

/// <summary>
/// The embedded time-series store: one DuckDB file. DuckDB invalidates a whole database after a fatal error (a full disk at the wrong moment),
/// so any error closes it and the next attempt opens it again and asks the file what it holds.
/// </summary>
/// <param name="path">The file, created if it is not there. One process may have it open.</param>
/// <param name="keep">Readings of event times longer ago are removed, once an hour; null keeps them for good.</param>
/// <param name="time">Null for the system's.</param>
/// <param name="logger">Told of a file that is damaged, put aside and filled anew.</param>
public sealed class DuckDbStore(string path, TimeSpan? keep = null, TimeProvider? time = null, ILogger? logger = null) : ISeriesStore
{
    public const string KindName = "duckdb";
    private const int MaxReaders = 4;
    private static readonly TimeSpan BetweenRemovals = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _readers = new(MaxReaders);
    private DuckDBConnection? _writer;
    private SeriesIds _series = new();
    private long _position;
    private DateTimeOffset _removed;

    public string Kind => KindName;

    public long Position => Interlocked.Read(ref _position);

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await OpenedAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async Task WriteAsync(IReadOnlyList<Point> points, long position, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var writer = await OpenedAsync(cancellationToken);
            // After a failed commit the reopened file says whether the batch is in it after all.
            if (position <= Position)
                return;
            try
            {
                Store(writer, points, position);
                Interlocked.Exchange(ref _position, position);
                RemoveOld(writer);
            }
            catch (Exception error)
            {
                Close();
                if (error is DuckDBException)
                    throw new IOException($"{path} can't be written: {error.Message}", error);
                throw;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public Task<IReadOnlyList<Point>> ReadAsync(string device, string channel, long from, long to, int limit, CancellationToken cancellationToken) =>
        ReadingAsync(connection => DuckDbQueries.Points(connection, device, channel, from, to, limit, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<Bucket>> ReadBucketsAsync(string device, string channel, long from, long to, long every, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        return ReadingAsync(connection => DuckDbQueries.Buckets(connection, device, channel, from, to, every, cancellationToken), cancellationToken);
    }

    /// <summary>Writes readings to a file, which is replaced if it is there. Throws <see cref="IOException"/> as a read does, and for a full disk.</summary>
    /// <returns>Rows written.</returns>
    public Task<long> ExportAsync(ReadingExport export, string file, CancellationToken cancellationToken) =>
        ReadingAsync(connection => DuckDbExport.Write(connection, export, file, cancellationToken), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        for (var reader = 0; reader < MaxReaders; reader++)
            await _readers.WaitAsync();
        Close();
        _writing.Dispose();
        _readers.Dispose();
    }

    private async Task<DuckDBConnection> OpenedAsync(CancellationToken cancellationToken)
    {
        if (_writer is not null)
            return _writer;
        // As long as one reader's connection is open, opening the path again would give the invalidated database.
        var held = 0;
        try
        {
            for (; held < MaxReaders; held++)
                await _readers.WaitAsync(cancellationToken);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var series = new SeriesIds();
            _writer = OpenOrBeginAnew(series, out var position);
            _series = series;
            Interlocked.Exchange(ref _position, position);
            return _writer;
        }
        catch (DuckDBException error)
        {
            throw new IOException($"{path} can't be opened: {error.Message}", error);
        }
        finally
        {
            if (held > 0)
                _readers.Release(held);
        }
    }

    private DuckDBConnection OpenOrBeginAnew(SeriesIds series, out long position)
    {
        try
        {
            return DuckDbSchema.OpenWriter(path, series, out position);
        }
        catch (DuckDBException error) when (DuckDbSchema.SaysDamaged(error))
        {
            DamagedFile.PutAside(path, error.Message, "it is filled anew with the readings that the log keeps", logger ?? NullLogger.Instance, ".wal");
            return DuckDbSchema.OpenWriter(path, series, out position);
        }
    }

    private void Store(DuckDBConnection writer, IReadOnlyList<Point> points, long position)
    {
        using var transaction = writer.BeginTransaction();
        var lookUps = AppendPoints(writer, points);
        if (lookUps > 0)
            DuckDbLookUp.Insert(writer, points, _series);
        AppendFreshSeries(writer);
        DuckDbSchema.Execute(writer, string.Create(CultureInfo.InvariantCulture, $"UPDATE meta SET position = {position}"));
        transaction.Commit();
        _series.Stored();
    }

    /// <summary>Between two batches, so that the position in the file stays that of what is in it.</summary>
    private void RemoveOld(DuckDBConnection writer)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow();
        if (keep is not { } kept || now - _removed < BetweenRemovals)
            return;
        DuckDbSchema.Execute(writer, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM readings WHERE time < {(now - kept).ToUnixTimeMilliseconds()}"));
        _removed = now;
    }

    /// <returns>How many points have to be looked up first; they are left out.</returns>
    private int AppendPoints(DuckDBConnection writer, IReadOnlyList<Point> points)
    {
        var lookUps = 0;
        using var appender = writer.CreateAppender("readings");
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            if (point.LookUpFirst)
                lookUps++;
            else
                Append(appender.CreateRow(), point, _series.Of(point)).EndRow();
        }
        return lookUps;
    }

    /// <summary>The columns of readings, in order.</summary>
    internal static IDuckDBAppenderRow Append(IDuckDBAppenderRow row, in Point point, int series)
    {
        row.AppendValue(series).AppendValue(point.Time).AppendValue(point.ReceivedTime).AppendValue((byte)point.Kind);
        if (point.Kind == ValueKind.State)
            row.AppendNullValue().AppendValue(point.State);
        else
            row.AppendValue(point.Number).AppendNullValue();
        row.AppendValue((byte)point.Quality);
        return point.Sequence is { } sequence ? row.AppendValue(sequence) : row.AppendNullValue();
    }

    private void AppendFreshSeries(DuckDBConnection writer)
    {
        if (_series.Fresh.Count == 0)
            return;
        using var appender = writer.CreateAppender("series");
        foreach (var (id, key) in _series.Fresh)
            appender.CreateRow().AppendValue(id).AppendValue(key.Family).AppendValue(key.Device).AppendValue(key.Channel).EndRow();
    }

    private async Task<T> ReadingAsync<T>(Func<DuckDBConnection, T> query, CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken);
        try
        {
            // Only while the writer has the database open: a reader must not be the one that creates or recovers the file.
            if (Volatile.Read(ref _writer) is null)
                throw new IOException($"{path} is closed after an error; the next write opens it again");
            using var connection = DuckDbSchema.Connect(path);
            return query(connection);
        }
        catch (DuckDBException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (DuckDBException error)
        {
            throw new IOException($"{path} can't be read: {error.Message}", error);
        }
        finally
        {
            _readers.Release();
        }
    }

    private void Close()
    {
        var writer = _writer;
        Volatile.Write(ref _writer, null);
        try
        {
            writer?.Dispose();
        }
        catch (DuckDBException)
        {
            // The database is invalid already; what it held stands in the file.
        }
    }
}
