using System.Globalization;
using System.Text;
using Telemetry.Ingest.Store.Influx.Downsampling;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>
/// Series in an InfluxDB, over plain HTTP: line protocol in, InfluxQL out. A point written again is the same point, so a batch is simply
/// sent again after any failure, and nothing is looked up first. The position stands in the database too: one that was emptied or restored
/// says so by it and is filled from the log. docs/influx.md has the schema.
/// </summary>
/// <param name="familyOf">A device's family; null for a device that is not known.</param>
/// <param name="logId">Names the log whose position is kept; see <see cref="Log.LogId"/>.</param>
/// <param name="handler">In place of sockets; null for those.</param>
public sealed class InfluxStore(
    InfluxOptions options, Func<string, Family?> findFamily, Func<string, string?> familyOf, string logId, RefusedLines refused, TimeProvider time, HttpMessageHandler? handler = null) : ISeriesStore
{
    public const string KindName = "influxdb";
    private const long NanosecondsPerHour = 3_600_000_000_000;

    private readonly InfluxClient _client = new(options, time, handler);
    private readonly LineBatch _lines = new(new FieldTable(findFamily));
    private readonly SemaphoreSlim _writing = new(1);
    private bool _open;
    private long _position;

    public string Kind => KindName;

    public long Position => Interlocked.Read(ref _position);

    public RefusedLines Refused => refused;

    /// <summary>What waits to be summarized; null where nothing is downsampled.</summary>
    internal PendingSpans? Pending { get; } = options.Downsamples ? new PendingSpans() : null;

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
            _lines.Add(points);
            for (var line = 0; line < _lines.Count; line += options.MaxLines)
                await SendAsync(line, Math.Min(_lines.Count, line + options.MaxLines), cancellationToken);
            Pending?.Touch(points);
            // After every line: a crash in between writes them again, which changes nothing.
            await WritePositionAsync(position, cancellationToken);
            Interlocked.Exchange(ref _position, position);
            refused.BatchDone();
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
        return query.ReadBuckets(answer);
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        _client.Dispose();
        _writing.Dispose();
    }

    private ChannelQuery? QueryOf(string device, string channel) =>
        familyOf(device) is { } family && findFamily(family)?.Find(channel) is { } known ? new ChannelQuery(family, device, channel, known.Channel) : null;

    private async Task OpenedAsync(CancellationToken cancellationToken)
    {
        if (_open)
            return;
        // The greatest, not the latest: the clock that gave them their times may have gone back.
        using var answer = await _client.QueryAsync($"SELECT max(\"position\") AS \"max\", \"to_downsample\" FROM \"telemetry_store\" WHERE \"log\" = '{logId}'", cancellationToken);
        var position = ChannelQuery.Number(answer);
        // Without a position there are no points of this log yet.
        if (position is not null)
            Pending?.Load(ChannelQuery.Text(answer, "to_downsample"));
        Interlocked.Exchange(ref _position, position ?? 0);
        _open = true;
    }

    private async Task SendAsync(int from, int to, CancellationToken cancellationToken)
    {
        var verdict = await _client.WriteAsync(_lines.Lines(from, to), cancellationToken);
        if (verdict.Action == InfluxAction.Done)
        {
            if (verdict.Reason == InfluxVerdict.BeyondRetention)
                refused.Count(verdict.Reason, verdict.Detail, InfluxVerdict.DroppedOf(verdict.Detail) ?? to - from);
            return;
        }
        var alone = to - from == 1;
        // Nothing is given up on the word of a server that refuses everything.
        var doubtful = verdict.Action == InfluxAction.Probe || (verdict.Action == InfluxAction.Split && alone);
        if (verdict.Action is InfluxAction.Retry or InfluxAction.Credentials || (doubtful && !await IsRightAsync(cancellationToken)))
            throw new StoreAwayException(verdict.Detail) { RetryAfter = verdict.RetryAfter };
        if (alone || (verdict.Action == InfluxAction.FindLine && InfluxVerdict.DroppedOf(verdict.Detail) == to - from))
        {
            for (var line = from; line < to; line++)
                refused.Add(_lines.Lines(line, line + 1).Span, verdict.Reason, verdict.Detail);
            return;
        }
        var middle = from + ((to - from) / 2);
        await SendAsync(from, middle, cancellationToken);
        await SendAsync(middle, to, cancellationToken);
    }

    /// <summary>Whether the server takes a line that is certainly right: the position that it has already.</summary>
    private async Task<bool> IsRightAsync(CancellationToken cancellationToken) =>
        (await _client.WriteAsync(PositionLine(Position), cancellationToken)).Action == InfluxAction.Done;

    private async Task WritePositionAsync(long position, CancellationToken cancellationToken)
    {
        var verdict = await _client.WriteAsync(PositionLine(position), cancellationToken);
        if (verdict is not { Action: InfluxAction.Done, Reason: "stored" })
            throw new StoreAwayException(verdict.Detail) { RetryAfter = verdict.RetryAfter };
    }

    /// <summary>One point an hour, overwritten meanwhile. A service that does not downsample says that it has not.</summary>
    private byte[] PositionLine(long position)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"telemetry_store,log={logId} position={position}i,to_downsample=\"{Pending?.Text ?? PendingSpans.Everything}\" {now - (now % NanosecondsPerHour)}\n"));
    }
}
