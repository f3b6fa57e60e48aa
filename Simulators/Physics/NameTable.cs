namespace Telemetry.Simulators.Physics;

/// <param name="Variable">Null for what is not drawn: surroundings, places in a row, parts, what an incident takes.</param>
public sealed record NamedSlot(int Slot, Variable? Variable);

/// <summary>Where each name of a physics file stands in a device's values.</summary>
public sealed class NameTable
{
    private readonly Dictionary<string, NamedSlot> _slots = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public IEnumerable<string> Names => _slots.Keys;

    public NamedSlot? Find(string name) => _slots.GetValueOrDefault(name);

    public NamedSlot Add(string name, Variable? variable = null)
    {
        var added = new NamedSlot(Count++, variable);
        _slots.Add(name, added);
        return added;
    }

    /// <summary>A place that no formula names.</summary>
    public int AddHidden() => Count++;
}
