namespace Telemetry.Rules.Alarms;

/// <summary>Alarms that come and go: three or more occurrences within a minute. Remembers an alarm for the minute after its last occurrence.</summary>
internal sealed class LoadChatter
{
    private const long Minute = 60_000;

    private sealed class Recent
    {
        public long Last;
        public long BeforeLast = long.MinValue / 2;
        public bool Chatters;
        public long Longest;
    }

    private readonly Dictionary<string, Recent> _recent = new(StringComparer.Ordinal);
    private readonly Queue<(long Time, string Name)> _expiry = new();

    /// <summary>How long its longest occurrence so far held, ms, where this one makes it chattering; else null. It is not said again before it has been quiet for a minute.</summary>
    public long? Occurred(string name, long now)
    {
        Forget(now);
        _expiry.Enqueue((now, name));
        if (!_recent.TryGetValue(name, out var recent))
        {
            _recent[name] = new Recent { Last = now };
            return null;
        }
        var begins = !recent.Chatters && now - recent.BeforeLast <= Minute;
        recent.Chatters |= begins;
        (recent.BeforeLast, recent.Last) = (recent.Last, now);
        return begins ? recent.Longest : null;
    }

    /// <summary>The occurrence is over.</summary>
    /// <param name="held">How long its condition held, ms.</param>
    /// <returns>The longest of the chattering so far; null where it does not chatter.</returns>
    public long? Cleared(string name, long held, long now)
    {
        Forget(now);
        if (!_recent.TryGetValue(name, out var recent))
            return null;
        recent.Longest = Math.Max(recent.Longest, held);
        return recent.Chatters ? recent.Longest : null;
    }

    public void Save(BinaryWriter into)
    {
        into.Write7BitEncodedInt(_expiry.Count);
        foreach (var (time, name) in _expiry)
        {
            into.Write(time);
            into.Write(name);
        }
        into.Write7BitEncodedInt(_recent.Count);
        foreach (var (name, recent) in _recent.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            into.Write(name);
            into.Write(recent.Last);
            into.Write(recent.BeforeLast);
            into.Write(recent.Chatters);
            into.Write(recent.Longest);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
            _expiry.Enqueue((from.ReadInt64(), from.ReadString()));
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
            _recent[from.ReadString()] = new Recent { Last = from.ReadInt64(), BeforeLast = from.ReadInt64(), Chatters = from.ReadBoolean(), Longest = from.ReadInt64() };
    }

    private void Forget(long now)
    {
        while (_expiry.TryPeek(out var oldest) && now - oldest.Time > Minute)
        {
            _expiry.Dequeue();
            if (_recent.TryGetValue(oldest.Name, out var recent) && recent.Last == oldest.Time)
                _recent.Remove(oldest.Name);
        }
    }
}
