namespace Telemetry.Rules.Alarms;

/// <summary>When each alarm next changes by itself: the end of a shelve, another sound, an overdue response. Equal times in the order of ids.</summary>
internal sealed class Deadlines
{
    private readonly SortedSet<(long At, string Id)> _inOrder = new(Comparer<(long At, string Id)>.Create((one, other) =>
        one.At != other.At ? one.At.CompareTo(other.At) : string.CompareOrdinal(one.Id, other.Id)));

    private readonly Dictionary<string, long> _byId = new(StringComparer.Ordinal);

    /// <summary>Log time, Unix ms; <see cref="long.MaxValue"/> for none.</summary>
    public long Next => _inOrder.Count == 0 ? long.MaxValue : _inOrder.Min.At;

    /// <param name="at"><see cref="long.MaxValue"/> for never.</param>
    public void Set(string id, long at)
    {
        if (_byId.Remove(id, out var before))
            _inOrder.Remove((before, id));
        if (at == long.MaxValue)
            return;
        _byId[id] = at;
        _inOrder.Add((at, id));
    }

    /// <summary>The earliest one that is over; it has no deadline then until it gets another.</summary>
    public string? TakeDue(long now)
    {
        if (Next > now)
            return null;
        var (_, id) = _inOrder.Min;
        Set(id, long.MaxValue);
        return id;
    }
}
