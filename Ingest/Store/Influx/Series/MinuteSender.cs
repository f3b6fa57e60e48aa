using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>Sends what <see cref="MinuteSeries"/> has put into the projections, in its order; what is stored is removed there with the next batch.</summary>
/// <param name="logId">See <see cref="Log.LogId"/>.</param>
/// <param name="handler">In place of sockets; null for those.</param>
public sealed partial class MinuteSender(
    InfluxOptions options, StateDatabase database, MinuteSeries minutes, string logId, RefusedLines refused, TimeProvider time, ILogger<MinuteSender> logger, HttpMessageHandler? handler = null)
    : SeriesWriter("district_state", options, refused, time, logger, handler)
{
    private const string Policy = "alarms";
    private const int MinutesPerRead = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly LineBuffer _lines = new();
    private readonly StoredMark _mark = new(logId, "minute_time", time);
    private readonly ILogger _logger = logger;
    private bool _told;
    private long _next;

    /// <inheritdoc/>
    public override long Behind => database.Applied is var (_, stored) && Interlocked.Read(ref _next) is > 0 and var oldest ? Math.Max(0, stored - oldest) : 0;

    /// <inheritdoc/>
    public override long Dropped => database.MinuteLines.Dropped;

    /// <inheritdoc/>
    protected override async Task CopyAsync(CancellationToken cancellationToken)
    {
        var sender = new LineSender(Client, Options.BucketOf(Policy), () => _mark.Line(minutes.Sent), Refused, Options.MaxLines);
        while (true)
        {
            while (database.Minutes(minutes.Sent, MinutesPerRead) is { Count: > 0 } waiting)
            {
                Interlocked.Exchange(ref _next, waiting[0].Time);
                TellDropped();
                _lines.Clear();
                foreach (var minute in waiting)
                    _lines.Add(minute.Lines);
                await sender.SendAsync(_lines, cancellationToken);
                minutes.Sent = waiting[^1].Time;
                if (!Ownership.IsAlone)
                    await sender.SendAsync(_mark.Line(minutes.Sent), cancellationToken);
                Refused.BatchDone();
            }
            Interlocked.Exchange(ref _next, 0);
            Succeeded();
            await Task.Delay(Pause, Clock, cancellationToken);
        }
    }

    /// <summary>What the owner has sent need not wait here.</summary>
    protected override async Task StandByAsync(CancellationToken cancellationToken)
    {
        while (!Ownership.IsOwner)
        {
            minutes.Sent = Math.Max(minutes.Sent, await _mark.ReadAsync(Client, Options.From(Policy, StoredMark.Measurement), cancellationToken) ?? 0);
            await Task.WhenAny(Ownership.WhenOwnerAsync(cancellationToken), Task.Delay(LookEvery, Clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void TellDropped()
    {
        if (_told || Dropped == 0)
            return;
        _told = true;
        LogDropped(database.MinuteLines.Waiting);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "InfluxDB has been away for so long that {Waiting} lines of district_state and operator_load wait; the oldest make room for new ones from now on")]
    private partial void LogDropped(long waiting);
}
