using System.Diagnostics;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Store.Influx.Downsampling;

/// <summary>
/// Summarizes the windows that have closed, and those that late readings have touched, newest first, at a pace of its own: after each query it
/// leaves the server three times as long to the others. A window summarized again is the same point again.
/// </summary>
public sealed partial class Downsampler : BackgroundService
{
    /// <summary>Readings of the last minute are still under way.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>After a start: what was left waiting need not wait longer.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);

    /// <summary>Hours are summarized with every tenth pass: a late reading changes a whole hour of its family.</summary>
    private const int PassesPerHours = 10;

    private const int BytesPerRequest = 1 << 20;

    /// <summary>What an answer should hold; the span of the next query follows from it.</summary>
    private const int RowsPerQuery = 20_000;

    private const long LongestSpan = 7 * 24 * 60;

    private readonly InfluxStore _store;
    private readonly PendingSpans _pending;
    private readonly Func<IEnumerable<Family>> _families;
    private readonly InfluxClient _client;
    private readonly InfluxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<(Resolution, string), long> _spans = [];
    private bool _failing;

    /// <param name="store">One that downsamples.</param>
    /// <param name="families">Those in force.</param>
    /// <param name="handler">In place of sockets; null for those.</param>
    public Downsampler(InfluxStore store, InfluxOptions options, Func<IEnumerable<Family>> families, TimeProvider time, ILogger<Downsampler> logger, HttpMessageHandler? handler = null)
    {
        (_store, _pending, _options, _families, _time, _logger) = (store, store.Pending!, options, families, time, logger);
        _client = new InfluxClient(options, time, handler);
    }

    /// <summary>Of the cluster's nodes one summarizes.</summary>
    public Ownership Ownership { get; init; } = Ownership.Alone;

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <summary>One pass over everything that waits and has closed by now.</summary>
    /// <exception cref="IOException">The database is away; what was not summarized still waits.</exception>
    internal async Task PassAsync(bool hours, CancellationToken cancellationToken)
    {
        if (_pending.IsEverything)
            await FindHistoryAsync(cancellationToken);
        foreach (var family in _families().Where(family => !family.IsBuiltIn))
            await PassAsync(family, Resolution.Minute, cancellationToken);
        if (!hours)
            return;
        foreach (var family in _families().Where(family => !family.IsBuiltIn))
            await PassAsync(family, Resolution.Hour, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pass = 0; ;)
            {
                await Task.Delay(pass == 0 ? FirstPause : Pause, _time, stoppingToken);
                await Ownership.WhenOwnerAsync(stoppingToken);
                // What waits is known once the store is open.
                if (_store.Position == 0)
                    continue;
                try
                {
                    await Ownership.AsOwnerAsync(token => PassAsync(pass++ % PassesPerHours == 0, token), stoppingToken);
                    _failing = false;
                }
                catch (IOException error)
                {
                    if (!_failing)
                        LogFailing(error);
                    _failing = true;
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping. What waits stands beside the store's position.
        }
    }

    private async Task PassAsync(Family family, Resolution resolution, CancellationToken cancellationToken)
    {
        var closed = (_time.GetUtcNow() - Settle).ToUnixTimeSeconds() / 60 / resolution.Minutes * resolution.Minutes;
        while (_pending.Take(resolution, family.Name, closed, SpanOf(family, resolution)) is { } span)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await SummarizeAsync(family, resolution, span, cancellationToken);
            }
            catch
            {
                _pending.GiveBack();
                // Too much for one answer is asked for in smaller parts the next time.
                SetSpan(family, resolution, (span.To - span.From) / 2);
                throw;
            }
            _pending.Done();
            await Task.Delay(Stopwatch.GetElapsedTime(start) * 3, cancellationToken);
        }
    }

    private async Task SummarizeAsync(Family family, Resolution resolution, MinuteSpan span, CancellationToken cancellationToken)
    {
        if (SummaryQuery.Of(family, resolution, span) is not { } query)
            return;
        var lines = new SummaryLines(family, resolution);
        await _client.QueryAsync(
            query,
            _options.Timeout * 6,
            async piece =>
            {
                lines.Add(piece);
                if (lines.Length >= BytesPerRequest)
                    await SendAsync(lines, resolution, cancellationToken);
            },
            cancellationToken);
        await SendAsync(lines, resolution, cancellationToken);
        if (lines.Rows < RowsPerQuery / 2)
            SetSpan(family, resolution, Math.Max(SpanOf(family, resolution), (span.To - span.From) * 2));
        else if (lines.Rows > RowsPerQuery)
            SetSpan(family, resolution, (span.To - span.From) / 2);
    }

    private async Task SendAsync(SummaryLines lines, Resolution resolution, CancellationToken cancellationToken)
    {
        if (lines.Length == 0)
            return;
        var verdict = await _client.WriteAsync(lines.Written, _options.BucketOf(resolution.Policy), cancellationToken);
        // The server has stored what it could; the rest would be refused again.
        if (verdict.Action == InfluxAction.FindLine)
            LogRefused(verdict.Detail);
        else if (verdict.Action != InfluxAction.Done)
            throw new StoreAwayException(verdict.Detail) { RetryAfter = verdict.RetryAfter };
        lines.Clear();
    }

    /// <summary>A database that was never downsampled, or was written to meanwhile without it.</summary>
    private async Task FindHistoryAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var family in _families().Where(family => !family.IsBuiltIn))
        {
            using var answer = await _client.QueryAsync($"SELECT first(\"log_position\") FROM \"{family.Name}\"", cancellationToken);
            if (ChannelQuery.TimeOf(answer) is { } first)
                _pending.TouchSince(family.Name, Math.Max(0, first), now);
        }
        _pending.HistoryKnown();
    }

    private long SpanOf(Family family, Resolution resolution) => _spans.GetValueOrDefault((resolution, family.Name), resolution.Minutes);

    private void SetSpan(Family family, Resolution resolution, long minutes) =>
        _spans[(resolution, family.Name)] = Math.Clamp(minutes / resolution.Minutes * resolution.Minutes, resolution.Minutes, LongestSpan);

    [LoggerMessage(Level = LogLevel.Warning, Message = "minutes and hours can't be summarized; what waits is done once the database answers again")]
    private partial void LogFailing(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "InfluxDB refuses some summaries: {Detail}")]
    private partial void LogRefused(string detail);
}
