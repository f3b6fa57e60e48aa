using System.Net.Http.Headers;
using System.Threading.Channels;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Watchdog;

/// <summary>
/// Tells the watchdog of each test reading that has passed gateway, log, rules and notifier. Where none comes, or the watchdog takes nothing, the service raises
/// <c>system/watchdog_lost</c>: the two watch each other. Of a cluster's nodes all see the test readings, and the owner answers: it is what tells people that is watched.
/// </summary>
/// <param name="notified">Up to which position of the log the notifier has followed; null where people are told by nobody.</param>
/// <param name="stands">The alarm's condition holds, as the log has it.</param>
internal sealed partial class HeartbeatSender(
    HeartbeatOptions options, ReadingFeed readings, AlarmFeed alarms, Func<long>? notified, HttpCaller http, AppendEntries append, Func<bool> stands, Ownership ownership, TimeProvider time,
    ILogger<HeartbeatSender> logger) : BackgroundService
{
    /// <summary>How long a passing may take: the next test reading comes then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(Watch.Interval);

    private const string Lost = "watchdog";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Channel<ReadingEntry> _arrived = Channel.CreateBounded<ReadingEntry>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });
    private long _alarmPosition;
    private (long Position, long Beat) _asked;
    private long? _proven;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = readings.Listen(TestFamily.Device, entry => _arrived.Writer.TryWrite(entry));
        using var hearing = alarms.Listen(Hear);
        await Task.Yield();
        // Once it stops the watchdog hears no more of us, as it should.
        await ownership.WheneverOwnerAsync(AnswerAsync, stoppingToken);
    }

    private async Task AnswerAsync(CancellationToken stopping)
    {
        var alarm = new SystemAlarm(WatchService.WatchdogLost, "the watchdog is lost for another reason", "the watchdog is there again", append, stands(), logger);
        alarm.Restore([Lost]);
        var wrong = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var deliveredAt = time.GetTimestamp();
        // What came while another node answered: the newest may still be waited for, the others prove at most a test alarm.
        while (_arrived.Reader.TryPeek(out var passed) && (_arrived.Reader.Count > 1 || passed.Time < time.GetUtcNow().ToUnixTimeMilliseconds() - Watch.Limit) && _arrived.Reader.TryRead(out passed))
            Note(passed);
        while (true)
        {
            var reason = await NextAsync(stopping) is { } entry ? await TellAsync(entry, stopping) : "no test reading has come";
            if (reason.Length == 0)
            {
                deliveredAt = time.GetTimestamp();
                wrong.Clear();
            }
            else if (time.GetElapsedTime(deliveredAt) >= TimeSpan.FromMilliseconds(Watch.Limit))
                wrong[Lost] = reason;
            await alarm.SayAsync(wrong, stopping);
        }
    }

    /// <returns>Null where none came in time.</returns>
    private async Task<ReadingEntry?> NextAsync(CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            return await _arrived.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <returns>Why the watchdog did not take it; empty where it did.</returns>
    private async Task<string> TellAsync(ReadingEntry entry, CancellationToken stopping)
    {
        if (entry.Reading.Sequence is not { } beat)
            return "a test reading without seq came: something else publishes as device watchdog";
        var passed = new List<string> { Heartbeat.Gateway, Heartbeat.Log, Heartbeat.Rules };
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            if (notified is not null)
            {
                while (notified() < entry.Position)
                    await Task.Delay(Pause, time, either.Token);
                passed.Add(Heartbeat.Notifier);
            }
            Note(entry);
            var body = new Heartbeat(beat, passed, _proven).Body();
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add(Heartbeat.SignatureHeader, Heartbeat.Sign(options.Key.Bytes(), body));
            return (await http.SendAsync(request, either.Token)).Problem is { } problem ? $"heartbeats do not arrive: {problem.Result} {problem.Detail}" : "";
        }
        catch (IOException error)
        {
            LogNoKey(error);
            return "the key can't be read";
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return passed.Contains(Heartbeat.Notifier) || notified is null ? "heartbeats do not arrive: no answer in time" : "the notifier stands still";
        }
    }

    private void Note(ReadingEntry entry)
    {
        if (entry.Reading is { Values: [{ Number: 1 }], Sequence: { } beat })
            _asked = (entry.Position, beat);
        // Of the same entry: the rules raise it at the reading.
        if (_asked.Position > 0 && Interlocked.Read(ref _alarmPosition) == _asked.Position)
            _proven = _asked.Beat;
    }

    private void Hear(AlarmTransition transition)
    {
        if (transition.Alarm is { Device: TestFamily.Device, Rule: TestFamily.TestAlarm })
            Interlocked.Exchange(ref _alarmPosition, transition.Position);
    }

    [LoggerMessage(LogLevel.Error, "Watchdog:KeyFile can't be read; the watchdog hears nothing meanwhile, and alerts")]
    private partial void LogNoKey(Exception error);
}
