using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.Live;

/// <summary>What stands at one moment, the same for every page that is open.</summary>
/// <param name="Version">Grows with each change of the alarms.</param>
/// <param name="Open">Everything that has not ended, newest first.</param>
/// <param name="Now">Log time, Unix ms.</param>
public sealed record BoardPicture(long Version, IReadOnlyList<Alarm> Open, StatsAnswer Stats, double ReadingsPerSecond, long Now);

/// <summary>
/// Takes a picture of the alarms four times a second at most, and one of the figures each second, for all pages together: a storm changes
/// thousands of alarms a second, and the eye needs four pictures of it.
/// </summary>
internal sealed class LiveBoard : BackgroundService, IAsyncDisposable
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(250);
    private const int FramesASecond = 4;

    private readonly AlarmBook _book;
    private readonly AlarmFeed _feed;
    private readonly StatsReader _stats;
    private readonly LogClock _clock;
    private readonly Progress _progress;
    private readonly TimeProvider _time;
    private int _dirty = 1;
    private long _movedAt;
    private long _position;

    public LiveBoard(AlarmBook book, AlarmFeed feed, StatsReader stats, LogClock clock, Progress progress, TimeProvider time, OutboxDatabase? outbox = null)
    {
        (_book, _feed, _stats, _clock, _progress, _time) = (book, feed, stats, clock, progress, time);
        Told = new ToldBook(outbox);
        Current = new BoardPicture(0, [], stats.Read(), 0, clock.Now());
    }

    public BoardPicture Current { get; private set; }

    public ToldBook Told { get; }

    /// <summary>When the rules processed an entry last, by the monotonic clock: each second has a tick, so a longer while means that nothing here is live.</summary>
    public bool IsLive => _time.GetElapsedTime(_movedAt) < TimeSpan.FromSeconds(5);

    /// <summary>Called off any page's thread; listeners only pass it on.</summary>
    public event Action<BoardPicture>? Changed;

    /// <summary>Not before the last look at the databases, which are closed next: a start that failed stops nobody first.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = _feed.Listen(_ => Volatile.Write(ref _dirty, 1));
        using var timer = new PeriodicTimer(Frame, _time);
        var (frame, received, countedAt) = (0, 0L, 0L);
        try
        {
            do
            {
                if (_progress.Rules is var position && position != _position)
                    (_position, _movedAt) = (position, _time.GetTimestamp());
                var isSecond = frame++ % FramesASecond == 0;
                var isDirty = Interlocked.Exchange(ref _dirty, 0) == 1;
                if (!isSecond && !isDirty)
                    continue;
                var next = Current with { Now = _clock.Now() };
                if (isDirty)
                    next = next with { Version = next.Version + 1, Open = _book.Open() };
                if (isSecond)
                {
                    var stats = _stats.Read();
                    var stamp = _time.GetTimestamp();
                    var rate = countedAt == 0 ? 0 : (stats.Received - received) / Math.Max(0.001, _time.GetElapsedTime(countedAt, stamp).TotalSeconds);
                    (received, countedAt) = (stats.Received, stamp);
                    ReadTold();
                    next = next with { Stats = stats, ReadingsPerSecond = rate };
                }
                Current = next;
                Changed?.Invoke(next);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private void ReadTold()
    {
        try
        {
            Told.ReadOn(alarm => _book.Find(alarm) is { State: not AlarmState.Normal });
        }
        catch (IOException)
        {
            // The outbox says so itself; who was told is shown once it can be read.
        }
    }
}
