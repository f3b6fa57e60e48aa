using System.Text.Json;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Escalation;

/// <param name="Json">Null where the row is gone.</param>
internal readonly record struct StateRow(string Key, string? Json);

/// <summary>
/// What the telling must not forget: a row for each open alarm and each lane, and the next digest. Whoever stores the messages stores the changed rows with
/// them, in the same transaction as the place in the journal up to which they hold (docs/decisions/0015).
/// </summary>
internal sealed class EscalationState
{
    // In this order at equal times: who is asked, then what goes out to them.
    private const string NoticeKey = "1/", LaneKey = "2/", DigestKey = "3/digest";

    private readonly SortedDictionary<string, Notice> _notices = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly Deadlines _deadlines = new();
    private readonly SortedSet<string> _changed = new(StringComparer.Ordinal);
    private long? _digest;

    /// <summary>In the order of their alarms' ids.</summary>
    public IReadOnlyCollection<Notice> Notices => _notices.Values;

    public IReadOnlyCollection<Lane> Lanes => _lanes.Values;

    /// <summary>When the next digest goes out, Unix ms; null before the first look at the clock.</summary>
    public long? Digest
    {
        get => _digest;
        set
        {
            _digest = value;
            Changed(DigestKey, value);
        }
    }

    /// <summary>When there is next something to do, Unix ms; <see cref="long.MaxValue"/> for never.</summary>
    public long NextDue => _deadlines.Next;

    public Notice? Find(string alarm) => _notices.GetValueOrDefault(alarm);

    public Lane LaneOf(string recipient, MessageKind? kind, bool drill)
    {
        var fresh = new Lane(recipient, kind, drill);
        return _lanes.GetValueOrDefault(fresh.Name) ?? fresh;
    }

    public void Set(Notice notice)
    {
        _notices[notice.Alarm.Id] = notice;
        Changed(NoticeKey + notice.Alarm.Id, notice.Due);
    }

    public void Remove(Notice notice)
    {
        _notices.Remove(notice.Alarm.Id);
        Changed(NoticeKey + notice.Alarm.Id, null);
    }

    public void Set(Lane lane)
    {
        _lanes[lane.Name] = lane;
        Changed(LaneKey + lane.Name, lane.Due);
    }

    /// <summary>The earliest thing that is due: a notice, a lane, or neither for the digest. It has no deadline then until it is set again.</summary>
    public (long At, Notice? Notice, Lane? Lane)? TakeDue(long now)
    {
        var at = _deadlines.Next;
        return _deadlines.TakeDue(now) switch
        {
            null => null,
            DigestKey => (at, null, null),
            { } key when key.StartsWith(NoticeKey, StringComparison.Ordinal) => (at, _notices[key[NoticeKey.Length..]], null),
            { } key => (at, null, _lanes[key[LaneKey.Length..]]),
        };
    }

    /// <summary>Rows that have changed since the last call.</summary>
    public IReadOnlyList<StateRow> TakeChanges()
    {
        var rows = _changed.Select(key => new StateRow(key, JsonOf(key))).ToList();
        _changed.Clear();
        return rows;
    }

    public static EscalationState Load(IEnumerable<StateRow> rows)
    {
        var state = new EscalationState();
        foreach (var (key, json) in rows)
        {
            if (key == DigestKey)
                state.Digest = JsonSerializer.Deserialize<long?>(json!);
            else if (key.StartsWith(NoticeKey, StringComparison.Ordinal))
                state.Set(JsonSerializer.Deserialize<Notice>(json!) ?? throw new InvalidDataException($"{key}: a notice is missing"));
            else
                state.Set(JsonSerializer.Deserialize<Lane>(json!) ?? throw new InvalidDataException($"{key}: a lane is missing"));
        }
        state._changed.Clear();
        return state;
    }

    private string? JsonOf(string key)
    {
        if (key == DigestKey)
            return JsonSerializer.Serialize(_digest);
        if (key.StartsWith(LaneKey, StringComparison.Ordinal))
            return JsonSerializer.Serialize(_lanes[key[LaneKey.Length..]]);
        return Find(key[NoticeKey.Length..]) is { } notice ? JsonSerializer.Serialize(notice) : null;
    }

    private void Changed(string key, long? due)
    {
        _changed.Add(key);
        _deadlines.Set(key, due ?? long.MaxValue);
    }
}
