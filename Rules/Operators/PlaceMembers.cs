using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Operators;

/// <summary>
/// The devices (or instances) of one place for which something holds, or held within the count's span: each with the stretch of event time
/// in which it counts, so that a count of any moment is two look-ups, and no order of arrival shows in it.
/// </summary>
internal sealed class PlaceMembers(PlaceCount count)
{
    /// <param name="Until">Event time at which it was over; <see cref="long.MaxValue"/> while it stands.</param>
    public readonly record struct Stay(long From, long Until);

    private readonly Dictionary<(int Device, int Instance), Stay> _stays = [];

    // Ascending: when each began to count, and when each that has gone ceases to.
    private readonly List<long> _begins = [];
    private readonly List<long> _ends = [];

    public PlaceCount Count { get; } = count;

    public IEnumerable<(int Device, int Instance, Stay Stay)> All => _stays.Select(pair => (pair.Key.Device, pair.Key.Instance, pair.Value));

    /// <summary>False where it changes nothing.</summary>
    /// <param name="at">Event time, Unix ms.</param>
    public bool Set(int device, int instance, bool holds, long at)
    {
        var known = _stays.TryGetValue((device, instance), out var stay);
        if (holds == (known && stay.Until == long.MaxValue))
            return false;
        if (known)
            Remove(device, instance);
        if (!holds)
            Add(device, instance, stay with { Until = Math.Max(at, stay.From) });
        // Back while it still counts: it has counted all along.
        else if (known && at <= stay.Until + Count.Span)
            Add(device, instance, new Stay(Math.Min(stay.From, at), long.MaxValue));
        else
            Add(device, instance, new Stay(at, long.MaxValue));
        return true;
    }

    public void Add(int device, int instance, Stay stay)
    {
        _stays[(device, instance)] = stay;
        Insert(_begins, stay.From);
        if (stay.Until != long.MaxValue)
            Insert(_ends, stay.Until + Count.Span);
    }

    public Stay? Find(int device, int instance) => _stays.TryGetValue((device, instance), out var stay) ? stay : null;

    /// <summary>Its stay, in a place that it leaves.</summary>
    public Stay? Remove(int device, int instance)
    {
        if (!_stays.Remove((device, instance), out var stay))
            return null;
        _begins.RemoveAt(_begins.BinarySearch(stay.From));
        if (stay.Until != long.MaxValue)
            _ends.RemoveAt(_ends.BinarySearch(stay.Until + Count.Span));
        return stay;
    }

    public int CountAt(long time) => After(_begins, time) - After(_ends, time);

    /// <summary>Event time of the next change of the count; <see cref="long.MaxValue"/> for none.</summary>
    public long NextChange(long after) => Math.Min(Next(_begins, after), Next(_ends, after));

    /// <summary>The next at which one ceases to count by the passing of time alone.</summary>
    public long NextEnd(long after) => Count.Span == 0 ? long.MaxValue : Next(_ends, after);

    public IEnumerable<(int Device, int Instance)> MembersAt(long time) =>
        _stays.Where(pair => pair.Value.From <= time && (pair.Value.Until == long.MaxValue || time < pair.Value.Until + Count.Span)).Select(pair => pair.Key);

    /// <summary>Forgets those who ceased to count before this.</summary>
    public void Prune(long before)
    {
        if (_ends.Count == 0 || _ends[0] >= before)
            return;
        foreach (var ((device, instance), stay) in _stays.Where(pair => pair.Value.Until != long.MaxValue && pair.Value.Until + Count.Span < before).ToList())
            Remove(device, instance);
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_stays.Count);
        foreach (var ((device, instance), stay) in _stays)
        {
            into.Write(device);
            into.Write(instance);
            into.Write(stay.From);
            into.Write(stay.Until);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var (device, instance, begin, until) = (from.ReadInt32(), from.ReadInt32(), from.ReadInt64(), from.ReadInt64());
            _stays[(device, instance)] = new Stay(begin, until);
            _begins.Add(begin);
            if (until != long.MaxValue)
                _ends.Add(until + Count.Span);
        }
        _begins.Sort();
        _ends.Sort();
    }

    private static void Insert(List<long> times, long time) => times.Insert(After(times, time), time);

    private static long Next(List<long> times, long after) => After(times, after) is var next && next < times.Count ? times[next] : long.MaxValue;

    /// <summary>How many lie at or before a moment.</summary>
    private static int After(List<long> times, long time)
    {
        var (low, high) = (0, times.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (times[middle] <= time)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
