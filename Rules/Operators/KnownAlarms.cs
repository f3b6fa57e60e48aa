using Telemetry.Rules.Alarms;

namespace Telemetry.Rules.Operators;

/// <summary>The alarms of one device that were made known, as they stand now, those that ended of late included: in the order in which they came.</summary>
internal sealed class KnownAlarms
{
    private readonly LinkedList<Alarm> _alarms = [];
    private readonly Dictionary<string, LinkedListNode<Alarm>> _byId = new(StringComparer.Ordinal);

    // By the event time of their end; an alarm that was amended stands there more than once.
    private readonly PriorityQueue<string, long> _ended = new();

    public int Count => _alarms.Count;

    public IEnumerable<Alarm> All => _alarms;

    public bool Has(string id) => _byId.ContainsKey(id);

    public void Set(Alarm alarm)
    {
        if (_byId.TryGetValue(alarm.Id, out var known))
            known.Value = alarm;
        else
            _byId[alarm.Id] = _alarms.AddLast(alarm);
        if (alarm.State == AlarmState.Normal)
            _ended.Enqueue(alarm.Id, EndOf(alarm));
    }

    /// <summary>Forgets those that ended before a moment of event time.</summary>
    public void Forget(long before)
    {
        while (_ended.TryPeek(out var id, out var end) && end < before)
        {
            _ended.Dequeue();
            if (!_byId.TryGetValue(id, out var known) || known.Value.State != AlarmState.Normal || EndOf(known.Value) >= before)
                continue;
            _byId.Remove(id);
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

    private static long EndOf(Alarm alarm) => Math.Max(alarm.ClearedAt ?? 0, alarm.RaisedAt);
}
