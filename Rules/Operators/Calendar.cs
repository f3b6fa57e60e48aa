using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>Work orders, rain forecasts and holidays. Each begins and ends by itself, looked at by the tick that has passed it.</summary>
public sealed class Calendar
{
    // A reading that comes late is judged by the calendar of its own time.
    private const long Kept = 24 * 3600 * 1000;

    private readonly Dictionary<string, CalendarItem> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<(CalendarKind, CalendarScope, string), List<CalendarItem>> _byPlace = [];
    private readonly PriorityQueue<string, long> _queue = new();
    private long _ticked;

    /// <summary>In the order of their ids.</summary>
    public IEnumerable<CalendarItem> All => _byId.Values.OrderBy(item => item.Id, StringComparer.Ordinal);

    /// <summary>Enters, replaces or ends an item; returns what stood under its id.</summary>
    public CalendarItem? Set(CalendarEntry entry)
    {
        var item = entry.Item;
        var before = Remove(item.Id);
        if (!entry.Cancelled)
            Add(item);
        else if (before is not null && before.From < entry.Time)
            Add(before with { To = Math.Min(before.To, entry.Time) });
        return before;
    }

    /// <param name="name">Null for any.</param>
    public bool IsInForce(Device device, CalendarKind kind, string? name, long at)
    {
        if (_byPlace.Count == 0)
            return false;
        for (var scope = CalendarScope.Device; scope <= CalendarScope.City; scope++)
        {
            if (PlaceOf(device, scope) is not { } place || !_byPlace.TryGetValue((kind, scope, place), out var items))
                continue;
            // A loop: every reading comes here, and a closure would be made for each.
            foreach (var item in items)
            {
                if (item.IsAt(at) && (name is null || item.Name == name))
                    return true;
            }
        }
        return false;
    }

    public static bool Covers(CalendarItem item, Device device) => PlaceOf(device, item.Scope) == (item.Place ?? "");

    /// <summary>Items that have begun or ended since the last tick, with that moment, in its order.</summary>
    internal List<(CalendarItem Item, long At)> TakeDue(long now)
    {
        var due = new List<(CalendarItem Item, long At)>();
        while (_queue.TryPeek(out var id, out var at) && at <= now)
        {
            _queue.Dequeue();
            if (!_byId.TryGetValue(id, out var item))
                continue;
            if (at == item.From || at == item.To)
                due.Add((item, at));
            else if (at == item.To + Kept)
                Remove(id);
        }
        _ticked = now;
        due.Sort((a, b) => a.At != b.At ? a.At.CompareTo(b.At) : string.CompareOrdinal(a.Item.Id, b.Item.Id));
        return due;
    }

    internal void Save(BinaryWriter into)
    {
        into.Write(_ticked);
        into.Write(JsonSerializer.Serialize(All));
    }

    internal void Load(BinaryReader from)
    {
        _ticked = from.ReadInt64();
        foreach (var item in JsonSerializer.Deserialize<List<CalendarItem>>(from.ReadString())!)
            Add(item);
    }

    private static string? PlaceOf(Device device, CalendarScope scope) => scope switch
    {
        CalendarScope.Device => device.Id,
        CalendarScope.Parent => device.Parent,
        CalendarScope.Street => device.Street,
        CalendarScope.District => device.District,
        CalendarScope.Gateway => device.Gateway,
        CalendarScope.Family => device.Family,
        _ => "",
    };

    private void Add(CalendarItem item)
    {
        if (item.To + Kept <= _ticked)
            return;
        _byId[item.Id] = item;
        var key = (item.Kind, item.Scope, item.Place ?? "");
        if (!_byPlace.TryGetValue(key, out var items))
            _byPlace[key] = items = [];
        items.Add(item);
        foreach (var at in new[] { item.From, item.To, item.To + Kept })
        {
            if (at > _ticked)
                _queue.Enqueue(item.Id, at);
        }
    }

    private CalendarItem? Remove(string id)
    {
        if (!_byId.Remove(id, out var item))
            return null;
        var key = (item.Kind, item.Scope, item.Place ?? "");
        _byPlace[key].Remove(item);
        if (_byPlace[key].Count == 0)
            _byPlace.Remove(key);
        return item;
    }
}
