using System.Collections.Concurrent;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>What the service says of itself at one moment: the measurement <c>telemetry_service</c>. The same counters as the API and the metrics read.</summary>
public sealed class ServiceFigures(
    StatsReader stats, DurableLog log, AlarmBook book, FamilyCatalog families, DeviceDirectory directory, Func<int> gateways, ServiceOptions options, string logId, TimeProvider time)
{
    private const long NanosecondsPerMillisecond = 1_000_000;
    private readonly long _started = time.GetTimestamp();

    internal void Add(LineBuffer lines)
    {
        var now = stats.Read();
        var open = book.Open().Where(alarm => alarm.Holds).ToArray();
        var line = lines.Writer;
        line.Bytes("telemetry_service"u8);
        line.Tag(",log="u8, logId);
        line.Field(" received="u8, now.Received);
        line.Field(",accepted="u8, now.Accepted);
        line.Field(",duplicates="u8, now.Duplicates);
        line.Field(",rejected="u8, now.Rejected.Values.Sum());
        line.Field(",late="u8, now.Late);
        line.Field(",dead_letters="u8, now.DeadLetters);
        line.Field(",log_position="u8, now.LogPosition);
        line.Field(",rules_lag="u8, Math.Max(0, now.LogPosition - now.RulesPosition));
        line.Field(",store_lag="u8, Math.Max(0, now.RulesPosition - now.StorePosition));
        line.Field(",unread_bytes="u8, log.UnreadBytes);
        line.Field(",budget_bytes="u8, options.Log.Budget);
        line.Field(",devices="u8, directory.Count);
        line.Field(",devices_silent="u8, open.Count(alarm => families.RuleOf(alarm)?.Trigger == RuleTrigger.Silence));
        line.Field(",gateways="u8, gateways());
        line.Field(",gateways_down="u8, open.Count(alarm => alarm is { Family: "gateway", Rule: "offline" }));
        line.Field(",uptime_s="u8, (long)time.GetElapsedTime(_started).TotalSeconds);
        line.Byte(' ');
        line.Digits(time.GetUtcNow().ToUnixTimeMilliseconds() * NanosecondsPerMillisecond);
        lines.EndLine();
    }
}

/// <summary>A point of <see cref="ServiceFigures"/> each 10 s of the wall clock; those that the database could not take are kept in memory for a day.</summary>
/// <param name="logId">See <see cref="LogId"/>.</param>
/// <param name="handler">In place of sockets; null for those.</param>
public sealed class ServiceSeries(
    InfluxOptions options, ServiceFigures figures, string logId, RefusedLines refused, TimeProvider time, ILogger<ServiceSeries> logger, HttpMessageHandler? handler = null)
    : SeriesWriter("telemetry_service", options, refused, time, logger, handler)
{
    private const int MostWaiting = 8640;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<(DateTimeOffset Time, byte[] Line)> _waiting = new();
    private readonly LineBuffer _lines = new();
    private readonly StoredMark _mark = new(logId, "service_time", time);
    private long _dropped;

    /// <inheritdoc/>
    public override long Behind => _waiting.TryPeek(out var oldest) ? Math.Max(0, (long)(Clock.GetUtcNow() - oldest.Time).TotalMilliseconds) : 0;

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
            _lines.Clear();
            foreach (var (_, line) in _waiting.Take(Options.MaxLines))
                _lines.Add(line);
            if (_lines.Count > 0)
                await sender.SendAsync(_lines, cancellationToken);
            // One that had to make room meanwhile is sent all the same.
            for (var sent = 0; sent < _lines.Count; sent++)
                _waiting.TryDequeue(out _);
            Refused.BatchDone();
            Succeeded();
            if (_waiting.IsEmpty)
                await Task.Delay(TimeSpan.FromSeconds(1), Clock, cancellationToken);
        }
    }

    private void Take()
    {
        var line = new LineBuffer();
        figures.Add(line);
        _waiting.Enqueue((Clock.GetUtcNow(), line.Writer.Written.ToArray()));
        if (_waiting.Count > MostWaiting && _waiting.TryDequeue(out _))
            Interlocked.Increment(ref _dropped);
    }
}
