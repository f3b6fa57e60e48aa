using Telemetry.Rules.Alarms;

namespace Telemetry.Rules.Operators;

/// <summary>The alarms of one device that were made known, as they stand now, those that ended of late included: in the order in which they came.</summary>
internal sealed class KnownAlarms
{
    // Up to so many are looked through: nearly every device that has alarms has one or two, and of those there are hundreds of thousands.
    private const int Few = 8;

    private readonly LinkedList<Alarm> _alarms = [];

    // Null while they are few.
    private Dictionary<string, LinkedListNode<Alarm>>? _byId;

    // By the event time of their end; an alarm that was amended stands there more than once. Null before the first.
    private PriorityQueue<string, long>? _ended;

    public int Count => _alarms.Count;

    public IEnumerable<Alarm> All => _alarms;

    public bool Has(string id) => Find(id) is not null;

    public void Set(Alarm alarm)
    {
        if (Find(alarm.Id) is { } known)
            known.Value = alarm;
        else
            Add(alarm);
        if (alarm.State == AlarmState.Normal)
            (_ended ??= new()).Enqueue(alarm.Id, EndOf(alarm));
    }

    /// <summary>Forgets those that ended before a moment of event time.</summary>
    public void Forget(long before)
    {
        while (_ended is not null && _ended.TryPeek(out var id, out var end) && end < before)
        {
            _ended.Dequeue();
            if (Find(id) is not { Value: { State: AlarmState.Normal } alarm } known || EndOf(alarm) >= before)
                continue;
            _byId?.Remove(id);
            _alarms.Remove(known);
        }
    }

    public void Save(BinaryWriter into, SharedStringWriter shared)
    {
        into.Write(_alarms.Count);
        foreach (var alarm in _alarms)
            AlarmRecord.Save(alarm, into, shared);
    }

    public void Load(BinaryReader from, SharedStringReader shared)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
            Set(AlarmRecord.Load(from, shared));
    }

    private LinkedListNode<Alarm>? Find(string id)
    {
        if (_byId is not null)
            return _byId.GetValueOrDefault(id);
        var node = _alarms.First;
        while (node is not null && node.Value.Id != id)
            node = node.Next;
        return node;
    }

    private void Add(Alarm alarm)
    {
        var node = _alarms.AddLast(alarm);
        if (_byId is not null)
        {
            _byId[alarm.Id] = node;
            return;
        }
        if (_alarms.Count <= Few)
            return;
        _byId = new(StringComparer.Ordinal);
        for (var each = _alarms.First; each is not null; each = each.Next)
            _byId[each.Value.Id] = each;
    }

    private static long EndOf(Alarm alarm) => Math.Max(alarm.ClearedAt ?? 0, alarm.RaisedAt);
}
