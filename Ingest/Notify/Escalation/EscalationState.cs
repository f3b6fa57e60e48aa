using System.Globalization;
using System.Text.Json;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Escalation;

/// <param name="Json">Null where the row is gone.</param>
internal readonly record struct StateRow(string Key, string? Json);

/// <summary>
/// What the telling must not forget: a row for each open alarm, each lane and each place that waits in one, and the next digest. Whoever stores the messages
/// stores the changed rows with them, in the same transaction as the place in the journal up to which they hold (docs/decisions/0015).
/// </summary>
internal sealed class EscalationState
{
    // In this order at equal times: who is asked, then what goes out to them.
    private const string NoticeKey = "1/", LaneKey = "2/", DigestKey = "3/digest";

    // Behind the lanes, in the order in which they came.
    private const string ItemKey = "4/";

    private readonly SortedDictionary<string, Notice> _notices = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly Deadlines _deadlines = new();

    // The record, or null for a row that is gone.
    private readonly SortedDictionary<string, object?> _changed = new(StringComparer.Ordinal);
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
            _changed[DigestKey] = value;
            _deadlines.Set(DigestKey, value ?? long.MaxValue);
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
        var key = NoticeKey + notice.Alarm.Id;
        _notices[notice.Alarm.Id] = notice;
        _changed[key] = notice;
        _deadlines.Set(key, notice.Due ?? long.MaxValue);
    }

    public void Remove(Notice notice)
    {
        var key = NoticeKey + notice.Alarm.Id;
        _notices.Remove(notice.Alarm.Id);
        _changed[key] = null;
        _deadlines.Set(key, long.MaxValue);
    }

    public void Set(Lane lane)
    {
        var key = LaneKey + lane.Name;
        SetItems(lane.Name, _lanes.GetValueOrDefault(lane.Name)?.Items ?? [], lane.Items);
        _lanes[lane.Name] = lane;
        _changed[key] = lane;
        _deadlines.Set(key, lane.Due ?? long.MaxValue);
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
        var rows = _changed.Select(row => new StateRow(row.Key, row.Value is null ? null : JsonSerializer.Serialize(row.Value, row.Value.GetType()))).ToList();
        _changed.Clear();
        return rows;
    }

    /// <param name="rows">In any order.</param>
    public static EscalationState Load(IEnumerable<StateRow> rows)
    {
        var state = new EscalationState();
        var items = new Dictionary<string, List<LaneItem>>(StringComparer.Ordinal);
        foreach (var (key, json) in rows.OrderBy(row => row.Key, StringComparer.Ordinal))
        {
            if (key == DigestKey)
                state.Digest = Read<long>(key, json);
            else if (key.StartsWith(NoticeKey, StringComparison.Ordinal))
                state.Set(Read<Notice>(key, json));
            else if (key.StartsWith(LaneKey, StringComparison.Ordinal))
                state.Set(Read<Lane>(key, json));
            else
                (items.TryGetValue(LaneOfItem(key), out var waiting) ? waiting : items[LaneOfItem(key)] = []).Add(Read<LaneItem>(key, json));
        }
        foreach (var (lane, waiting) in items)
            state.Set(state._lanes[lane] with { Items = waiting });
        state._changed.Clear();
        return state;
    }

    private static T Read<T>(string key, string? json) => JsonSerializer.Deserialize<T>(json ?? "null") ?? throw new InvalidDataException($"the row {key} of what was told is empty");

    private void SetItems(string lane, IReadOnlyList<LaneItem> before, IReadOnlyList<LaneItem> after)
    {
        var (had, has) = (before.Select(item => item.Number).ToHashSet(), after.Select(item => item.Number).ToHashSet());
        foreach (var gone in before.Where(item => !has.Contains(item.Number)))
            _changed[KeyOf(lane, gone)] = null;
        foreach (var item in after.Where(item => !had.Contains(item.Number)))
            _changed[KeyOf(lane, item)] = item;
    }

    private static string KeyOf(string lane, LaneItem item) => string.Create(CultureInfo.InvariantCulture, $"{ItemKey}{lane}/{item.Number:00000000}");

    private static string LaneOfItem(string key) => key[ItemKey.Length..key.LastIndexOf('/')];
}
