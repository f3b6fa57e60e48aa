using System.Net.Http.Headers;
using System.Text.Json;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>
/// Shows a Prometheus Alertmanager what stands, by <c>POST /api/v2/alerts</c>: at once after a change, and all of it every minute. It is a picture, not a message:
/// an alert whose end is not told ends by itself three minutes after it was said last. Of a cluster's nodes the owner shows it, a new one all of it at once.
/// </summary>
internal sealed partial class AlertmanagerFeed : BackgroundService
{
    private const int Batch = 500;
    private const long Every = LocalTime.Minute;

    /// <summary>An alert's end while it stands, from when it is said; ms.</summary>
    private const long EndsAfter = 3 * LocalTime.Minute;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly Uri _address;
    private readonly HttpCaller _http;
    private readonly AlarmBook _book;
    private readonly FamilyCatalog _families;
    private readonly Func<long> _now;
    private readonly TimeProvider _time;
    private readonly DeliveryStats _stats;
    private readonly Ownership _ownership;
    private readonly ILogger _logger;

    // By the text of their labels: what the alertmanager has been told stands.
    private readonly Dictionary<string, Alert> _told = new(StringComparer.Ordinal);
    private readonly IDisposable _listening;
    private volatile bool _changed = true;
    private long _wholeAt = long.MinValue / 2;
    private volatile string? _failing;

    public AlertmanagerFeed(Uri server, HttpCaller http, AlarmBook book, AlarmFeed feed, FamilyCatalog families, DeliveryStats stats, Ownership ownership, Func<long> now, TimeProvider time, ILogger logger)
    {
        (_address, _http, _book, _families, _now, _time, _stats, _ownership, _logger) = (new Uri(server, "api/v2/alerts"), http, book, families, now, time, stats, ownership, logger);
        _listening = feed.Listen(_ => _changed = true);
    }

    /// <summary>Why it takes nothing; null while it does.</summary>
    public string? Failing => _failing;

    private sealed record Alert(SortedDictionary<string, string> Labels, SortedDictionary<string, string> Annotations, long StartsAt)
    {
        public string Key => JsonSerializer.Serialize(Labels);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await _ownership.WheneverOwnerAsync(ShowAsync, stoppingToken);
    }

    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        // What another owner has shown meanwhile is not known.
        (_changed, _wholeAt) = (true, long.MinValue / 2);
        _told.Clear();
        using var timer = new PeriodicTimer(Pause, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            await LookAsync(cancellationToken);
    }

    /// <summary>Says what has changed, or what it is time to say again.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = _now();
        var whole = now - _wholeAt >= Every;
        if (!_changed && !whole)
            return;
        // Before the book is read: what changes meanwhile is a change.
        _changed = false;
        var standing = _book.Open().Where(IsShown).Select(AlertOf).ToDictionary(alert => alert.Key, StringComparer.Ordinal);
        var over = _told.Where(told => !standing.ContainsKey(told.Key)).Select(told => told.Value).ToList();
        var said = standing.Values.Where(alert => whole || !_told.TryGetValue(alert.Key, out var before) || !SameWords(before, alert)).ToList();
        var failed = await SendAsync([.. over.Select(alert => (alert, now)), .. said.Select(alert => (alert, now + EndsAfter))], cancellationToken);
        if (failed is not null)
        {
            if (_failing is null)
                LogFailing(failed.Result, failed.Detail);
            (_failing, _changed) = (failed.Detail ?? failed.Result, true);
            // What comes in too fast to be taken is asked for again in a while, not twice a second.
            await Task.Delay(failed.RetryAfter ?? TimeSpan.FromSeconds(2), _time, cancellationToken);
            return;
        }
        foreach (var alert in over)
            _told.Remove(alert.Key);
        foreach (var alert in said)
            _told[alert.Key] = alert;
        (_failing, _wholeAt) = (null, whole ? now : _wholeAt);
    }

    public override void Dispose()
    {
        _listening.Dispose();
        base.Dispose();
    }

    private static bool IsShown(Alarm alarm) => alarm is { IsShown: true, Kind: not AlarmKind.Event, State: not AlarmState.ClearedUnacknowledged } && alarm.Mode != Modes.Test;

    private static bool SameWords(Alert one, Alert other) => one.StartsAt == other.StartsAt && one.Annotations.SequenceEqual(other.Annotations);

    private Alert AlertOf(Alarm alarm)
    {
        var rule = _families.RuleOf(alarm);
        var labels = Given(
            ("alertname", alarm.Rule), ("alarm", alarm.Id), ("device", alarm.Device), ("family", alarm.Family), ("rule", alarm.Rule), ("instance", alarm.Instance), ("district", alarm.District), ("street", alarm.Street),
            ("kind", AlarmJson.Name(alarm.Kind)), ("severity", AlarmJson.Name(alarm.Severity)), ("mode", alarm.Mode ?? Modes.Live));
        var annotations = Given(
            ("summary", rule?.Title.En), ("summary_zh", rule?.Title.Zh), ("action", rule?.Action?.En), ("action_zh", rule?.Action?.Zh), ("detail", alarm.Detail), ("state", AlarmJson.Name(alarm.State)),
            ("accepted_by", alarm.AcceptedBy));
        return new Alert(labels, annotations, alarm.RaisedAt);
    }

    private static SortedDictionary<string, string> Given(params ReadOnlySpan<(string Name, string? Value)> pairs)
    {
        var given = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in pairs)
        {
            if (value is { Length: > 0 })
                given[name] = value;
        }
        return given;
    }

    /// <returns>The first failure; null where all of it was taken.</returns>
    private async Task<Outcome?> SendAsync(IReadOnlyList<(Alert Alert, long EndsAt)> alerts, CancellationToken cancellationToken)
    {
        foreach (var batch in alerts.Chunk(Batch))
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(batch.Select(each => new { labels = each.Alert.Labels, annotations = each.Alert.Annotations, startsAt = Iso.Time(each.Alert.StartsAt), endsAt = Iso.Time(Math.Max(each.EndsAt, each.Alert.StartsAt)) }));
            using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var problem = await PostAsync(request, cancellationToken);
            _stats.Count("alertmanager", problem?.Result ?? Outcome.Sent.Result);
            if (problem is not null)
                return problem;
        }
        return null;
    }

    private async Task<Outcome?> PostAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return (await _http.SendAsync(request, either.Token)).Problem;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Outcome.TimedOut;
        }
    }

    [LoggerMessage(LogLevel.Error, "the alertmanager takes no alerts ({Result} {Detail}); they are sent again until it does")]
    private partial void LogFailing(string result, string? detail);
}
