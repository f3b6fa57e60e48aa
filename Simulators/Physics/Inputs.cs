using System.Globalization;
using Telemetry.Rules.Conditions;

namespace Telemetry.Simulators.Physics;

/// <summary>A parameter or a part as it stands now: incidents change it under a model's hands.</summary>
public readonly struct Input(double[] values, int slot)
{
    public double Value => values[slot];

    public static implicit operator double(Input input) => input.Value;
}

/// <summary>A parameter whose value is a word.</summary>
public readonly struct StateInput(double[] values, int slot, IReadOnlyList<string> words)
{
    public string Word => words[(int)values[slot]];
}

/// <summary>What a model finds in its physics file, for one device.</summary>
public sealed class Inputs
{
    private readonly NameTable _names;
    private readonly double[] _values;
    private readonly SortedSet<string> _asked = new(StringComparer.Ordinal);

    public Inputs(NameTable names, double[] values) => (_names, _values) = (names, values);

    /// <summary>What the model asks for and the file does not give; empty but while the file is read.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Names that the model has asked for.</summary>
    public IReadOnlySet<string> Asked => _asked;

    /// <param name="unit">That in which the model computes: the file must write the same.</param>
    public Input Number(string name, string unit = "1")
    {
        if (Find(name) is not { } found)
            return new Input([1], 0);
        // A part has the unit that its formula works out to.
        if (found.Variable is { } variable && Units.Convert(1, variable.Unit ?? "1", unit) != 1)
            Problems.Add($"the model computes '{name}' in {unit}; write it in that");
        return new Input(_values, found.Slot);
    }

    /// <summary>A whole number that shapes the model, such as how many pumps there are: no incident changes it.</summary>
    public int Count(string name, int most)
    {
        var count = Number(name).Value;
        if (double.IsInteger(count) && count >= 1 && count <= most)
            return (int)count;
        Problems.Add(string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a whole number of 1 to {most}"));
        return 1;
    }

    public StateInput State(string name)
    {
        var found = Find(name);
        if (found?.Variable is { Words.Count: > 0 } variable)
            return new StateInput(_values, found.Slot, variable.Words);
        if (found is not null)
            Problems.Add($"'{name}' must have states: [mains, lost]");
        return new StateInput([0], 0, [""]);
    }

    private NamedSlot? Find(string name)
    {
        _asked.Add(name);
        var found = _names.Find(name);
        if (found is null)
            Problems.Add($"the model needs the parameter '{name}'");
        return found;
    }
}
