namespace Telemetry.Rules.Alarms;

/// <summary>How often what called. Bounded: at 1,024 names those seen least are forgotten, so that one that calls often is told apart whatever storm came before it.</summary>
internal sealed class LoadCounts
{
    private const int Most = 1024;
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Add(string name, int count = 1)
    {
        _counts[name] = _counts.GetValueOrDefault(name) + count;
        for (var least = 1; _counts.Count >= Most; least++)
        {
            foreach (var (known, seen) in _counts)
            {
                if (seen <= least)
                    _counts.Remove(known);
            }
        }
    }

    public void Add(LoadCounts other)
    {
        foreach (var (name, count) in other._counts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Add(name, count);
    }

    /// <summary>Most frequent first, equal ones by name.</summary>
    public IReadOnlyList<LoadCount> Top(int most) =>
        [.. _counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(most).Select(pair => new LoadCount(pair.Key, pair.Value))];

    public void Save(BinaryWriter into)
    {
        into.Write7BitEncodedInt(_counts.Count);
        foreach (var (name, count) in _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            into.Write(name);
            into.Write7BitEncodedInt(count);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
        {
            var name = from.ReadString();
            _counts[name] = from.Read7BitEncodedInt();
        }
    }
}
