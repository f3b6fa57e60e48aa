using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>A point of <see cref="ServiceFigures"/> each 10 s of the wall clock; those that the database could not take are kept in memory for a day.</summary>
/// <param name="logId">See <see cref="LogId"/>.</param>
/// <param name="handler">In place of sockets; null for those.</param>
public sealed class ServiceSeries(
    InfluxOptions options, ServiceFigures figures, string logId, RefusedLines refused, TimeProvider time, ILogger<ServiceSeries> logger, HttpMessageHandler? handler = null)
    : SeriesWriter("telemetry_service", options, refused, time, logger, handler)
{
    private const int MostWaiting = 8640;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly Queue<(long Number, DateTimeOffset Time, byte[] Line)> _waiting = new();
    private readonly Lock _gate = new();
    private readonly LineBuffer _lines = new();
    private readonly StoredMark _mark = new(logId, "service_time", time);
    private long _taken;
    private long _dropped;

    /// <inheritdoc/>
    public override long Behind
    {
        get
        {
            lock (_gate)
                return _waiting.TryPeek(out var oldest) ? Math.Max(0, (long)(Clock.GetUtcNow() - oldest.Time).TotalMilliseconds) : 0;
        }
    }

    /// <inheritdoc/>
    public override long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Taken on time however long the database makes us wait.
        await using var timer = Clock.CreateTimer(_ => Take(), null, Every, Every);
        await base.ExecuteAsync(stoppingToken);
    }

    /// <inheritdoc/>
    protected override async Task CopyAsync(CancellationToken cancellationToken)
    {
        var sender = new LineSender(Client, Options.Bucket, () => _mark.Line(Clock.GetUtcNow().ToUnixTimeMilliseconds()), Refused, Options.MaxLines);
        while (true)
        {
            var last = Gather();
            if (_lines.Count > 0)
                await sender.SendAsync(_lines, cancellationToken);
            Refused.BatchDone();
            Succeeded();
            if (!Remove(last))
                await Task.Delay(TimeSpan.FromSeconds(1), Clock, cancellationToken);
        }
    }

    private void Take()
    {
        var line = new LineBuffer();
        figures.Add(line);
        lock (_gate)
        {
            _waiting.Enqueue((++_taken, Clock.GetUtcNow(), line.Writer.Written.ToArray()));
            if (_waiting.Count <= MostWaiting)
                return;
            _waiting.Dequeue();
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <returns>The number of the last line of the request; 0 for none.</returns>
    private long Gather()
    {
        _lines.Clear();
        var last = 0L;
        lock (_gate)
        {
            foreach (var (number, _, line) in _waiting.Take(Options.MaxLines))
            {
                _lines.Add(line);
                last = number;
            }
        }
        return last;
    }

    /// <summary>They are stored. Some may have had to make room meanwhile.</summary>
    /// <returns>Others wait.</returns>
    private bool Remove(long upTo)
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var oldest) && oldest.Number <= upTo)
                _waiting.Dequeue();
            return _waiting.Count > 0;
        }
    }
}
