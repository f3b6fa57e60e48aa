using Telemetry.Ingest.Store.Influx.Downsampling;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>
/// Series in an InfluxDB, over plain HTTP: line protocol in, InfluxQL out. A point written again is the same point, so a batch is simply
/// sent again after any failure, and nothing is looked up first. The position stands in the database too: one that was emptied or restored
/// says so by it and is filled from the log. docs/influx.md has the schema.
/// </summary>
public sealed class InfluxStore : ISeriesStore
{
    public const string KindName = "influxdb";

    private readonly Func<string, Family?> _findFamily;
    private readonly Func<string, string?> _familyOf;
    private readonly InfluxClient _client;
    private readonly LineBuffer _lines = new();
    private readonly LineBatch _batch;
    private readonly LineSender _sender;
    private readonly StoredMark _mark;
    private readonly string _from;
    private readonly SemaphoreSlim _writing = new(1);
    private bool _open;
    private long _position;

    /// <param name="familyOf">A device's family; null for a device that is not known.</param>
    /// <param name="logId">Names the log whose position is kept; see <see cref="Log.LogId"/>.</param>
    /// <param name="handler">In place of sockets; null for those.</param>
    public InfluxStore(
        InfluxOptions options, Func<string, Family?> findFamily, Func<string, string?> familyOf, string logId, RefusedLines refused, TimeProvider time, HttpMessageHandler? handler = null)
    {
        (_findFamily, _familyOf, Refused) = (findFamily, familyOf, refused);
        _from = options.From("", StoredMark.Measurement);
        _client = new InfluxClient(options, time, handler);
        _batch = new LineBatch(_lines, new FieldTable(findFamily));
        Pending = options.Downsamples ? new PendingSpans() : null;
        _mark = new StoredMark(logId, "position", time, "to_downsample", () => Pending?.Text ?? PendingSpans.Everything);
        // The position that the server has already.
        _sender = new LineSender(_client, options.Bucket, () => _mark.Line(Position), refused, options.MaxLines);
    }

    public string Kind => KindName;

    public long Position => Interlocked.Read(ref _position);

    public RefusedLines Refused { get; }

    /// <summary>What waits to be summarized; null where nothing is downsampled.</summary>
    internal PendingSpans? Pending { get; }

    /// <summary>Another node may have written meanwhile: the next <see cref="OpenAsync"/> asks the database anew.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        _open = false;
        _writing.Release();
    }

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
            await OpenedAsync(cancellationToken);
            if (position <= Position)
                return;
            _lines.Clear();
            _batch.Add(points);
            await _sender.SendAsync(_lines, cancellationToken);
            Pending?.Touch(points);
            // After every line: a crash in between writes them again, which changes nothing.
            await _sender.SendAsync(_mark.Line(position), cancellationToken);
            Interlocked.Exchange(ref _position, position);
            Refused.BatchDone();
        }
        catch (IOException)
        {
            // What stands behind the address afterwards may be another database, or an older state of this one.
            _open = false;
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    public async Task<IReadOnlyList<Point>> ReadAsync(string device, string channel, long from, long to, int limit, CancellationToken cancellationToken)
    {
        if (QueryOf(device, channel) is not { } query)
            return [];
        var points = await AskAsync(from, to, limit);
        if (points.Count == limit)
        {
            // InfluxDB's order within a millisecond is not that of positions: the last one is taken whole, sorted, then cut.
            var last = points[^1].Point.Time;
            points.RemoveAll(point => point.Point.Time == last);
            points.AddRange(await AskAsync(last, last + 1, int.MaxValue));
        }
        return [.. points.OrderBy(point => point.Point.Time).ThenBy(point => point.Position).Take(limit).Select(point => point.Point)];

        async Task<List<(Point Point, long Position)>> AskAsync(long start, long end, int most)
        {
            using var answer = await _client.QueryAsync(query.Points(start, end, most), cancellationToken);
            return [.. query.ReadPoints(answer)];
        }
    }

    public async Task<IReadOnlyList<Bucket>> ReadBucketsAsync(string device, string channel, long from, long to, long every, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        if (QueryOf(device, channel) is not { } query)
            return [];
        using var answer = await _client.QueryAsync(query.Buckets(from, to, every), cancellationToken);
        var buckets = query.ReadBuckets(answer);
        if (Pending is null || every % (Resolution.Minute.Minutes * 60_000) != 0)
            return buckets;
        // The raw points may be gone already, of the oldest bucket in part: the answer that more values were made into is the right one.
        var resolution = every % (Resolution.Hour.Minutes * 60_000) == 0 ? Resolution.Hour : Resolution.Minute;
        var end = Math.Min(to, buckets.Count > 0 ? buckets[0].Time + every : to);
        using var older = await _client.QueryAsync(query.Summaries(resolution.Policy, from, end - (end % (resolution.Minutes * 60_000)), every), cancellationToken);
        var summaries = query.ReadSummaries(older).ToDictionary(bucket => bucket.Time);
        return
        [
            .. summaries.Values.Where(bucket => buckets.Count == 0 || bucket.Time < buckets[0].Time),
            .. buckets.Select(bucket => summaries.TryGetValue(bucket.Time, out var summary) && summary.Count > bucket.Count ? summary : bucket),
        ];
    }

    /// <summary>The fields of a measurement and their types (<c>float</c>, <c>integer</c>, <c>boolean</c>, <c>string</c>); a field may have several, each in other times.</summary>
    /// <exception cref="StoreAwayException">The database does not answer.</exception>
    public async Task<IReadOnlyList<(string Field, string Type)>> FieldTypesAsync(string family, CancellationToken cancellationToken)
    {
        using var answer = await _client.QueryAsync($"SHOW FIELD KEYS FROM \"{family}\"", cancellationToken);
        return [.. InfluxRows.Of(answer).Select(row => (row["fieldKey"].GetString()!, row["fieldType"].GetString()!))];
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        _client.Dispose();
        _writing.Dispose();
    }

    private ChannelQuery? QueryOf(string device, string channel) =>
        _familyOf(device) is { } family && _findFamily(family)?.Find(channel) is { } known ? new ChannelQuery(family, device, channel, known.Channel) : null;

    private async Task OpenedAsync(CancellationToken cancellationToken)
    {
        if (_open)
            return;
        var position = await _mark.ReadAsync(_client, _from, cancellationToken);
        // Without a position there are no points of this log yet.
        if (position is not null)
            Pending?.Load(await _mark.ReadTextAsync(_client, _from, cancellationToken));
        Interlocked.Exchange(ref _position, position ?? 0);
        _open = true;
    }
}
