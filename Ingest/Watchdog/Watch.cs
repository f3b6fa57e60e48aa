using System.Globalization;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Watchdog;

internal enum WatchVerdict
{
    /// <summary>Nothing to do.</summary>
    Quiet,

    /// <summary>The service is not live: alert, now and at each repetition.</summary>
    Alert,

    /// <summary>It lives again.</summary>
    Over,
}

/// <summary>
/// Judges a service by what comes back of the test readings. Pure but for its own memory; for one thread at a time. Times are Unix ms of the watchdog's own clock,
/// which nothing of the service enters.
/// </summary>
/// <param name="needsNotifier">Heartbeats that passed the rules alone do not count.</param>
/// <param name="now">The watch begins.</param>
internal sealed class Watch(bool needsNotifier, long now)
{
    /// <summary>Without a heartbeat that counts.</summary>
    public const long Limit = 30_000;

    /// <summary>Between two test readings.</summary>
    public const long Interval = 10_000;

    /// <summary>Between two alerts while it lasts.</summary>
    public const long Again = 5 * 60_000;

    /// <summary>Between two test alarms, which stand in journal and stores.</summary>
    public const long TestAlarmEvery = 10 * 60_000;

    /// <summary>Looks further apart than this: it was we who stood still, not the service.</summary>
    private const long OwnPause = 5_000;

    private readonly SortedSet<long> _sent = [];
    private long _heardAt = now;
    private long _lookedAt = now;
    private long _lastBeat;
    private long? _alertedAt;
    private string? _trouble;

    // A condition must be seen false before it can come true.
    private bool _isArmed;
    private long _lastTest;
    private long? _unprovenSince;

    public bool IsAlerted => _alertedAt is not null;

    /// <summary>Takes the next test reading's number.</summary>
    public (long Beat, bool IsTest) Next(long now)
    {
        var beat = Math.Max(now, _lastBeat + 1);
        _lastBeat = beat;
        _sent.Add(beat);
        _sent.RemoveWhere(sent => sent < now - Limit);
        return (beat, _isArmed && (_unprovenSince is not null || beat - _lastTest >= TestAlarmEvery));
    }

    /// <param name="trouble">Why it was not acknowledged; null: it was.</param>
    public void Published(long beat, bool isTest, string? trouble)
    {
        if (trouble is not null)
            _trouble = trouble;
        // What was not acknowledged may have arrived.
        if (isTest)
            _isArmed = false;
        else if (trouble is null)
            _isArmed = true;
        if (!isTest || trouble is not null)
            return;
        _lastTest = beat;
        _unprovenSince ??= beat;
    }

    /// <returns>Why it does not count; null where it does.</returns>
    public string? Heard(Heartbeat heartbeat, long now)
    {
        if (!_sent.Contains(heartbeat.Beat))
            return heartbeat.Beat <= _lastBeat ? "it answers an old test reading" : "it answers no test reading of ours";
        if (_unprovenSince is { } since && heartbeat.TestAlarm >= since)
            _unprovenSince = null;
        var missing = Heartbeat.Stages.FirstOrDefault(stage => !heartbeat.Passed.Contains(stage) && (needsNotifier || stage != Heartbeat.Notifier));
        if (missing is not null)
            return _trouble = $"the test reading did not pass the {missing}";
        if (heartbeat.Beat - _unprovenSince > Limit)
            return _trouble = $"the test alarm of {Iso.Time(_unprovenSince!.Value)} has not come out of the rules";
        // Once: a recording of it proves nothing.
        _sent.RemoveWhere(sent => sent <= heartbeat.Beat);
        (_heardAt, _trouble) = (now, null);
        return null;
    }

    /// <param name="reason">Why, for whoever is woken.</param>
    public WatchVerdict Look(long now, out string reason)
    {
        reason = "";
        if (now - _lookedAt > OwnPause)
            _heardAt = Math.Min(now, _heardAt + (now - _lookedAt));
        _lookedAt = now;
        if (now - _heardAt < Limit)
        {
            if (_alertedAt is null)
                return WatchVerdict.Quiet;
            _alertedAt = null;
            reason = "heartbeats again";
            return WatchVerdict.Over;
        }
        if (now - _alertedAt < Again)
            return WatchVerdict.Quiet;
        _alertedAt = now;
        reason = string.Create(CultureInfo.InvariantCulture, $"no heartbeat for {(now - _heardAt) / 1000} s: {_trouble ?? "test readings are acknowledged, but no heartbeat comes back: rules, notifier or the way back stand still"}");
        return WatchVerdict.Alert;
    }
}
