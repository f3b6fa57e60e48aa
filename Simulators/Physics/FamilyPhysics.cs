using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Physics;

/// <summary>One physics file: where a family's devices stand in the city, how what they measure comes about, and what can happen to them.</summary>
public sealed record FamilyPhysics
{
    /// <summary>The family's.</summary>
    public required string Name { get; init; }

    public required Placement Placement { get; init; }

    /// <summary>Between two reports when nothing happens. Families that report daily are sped up, so that a demonstration moves.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>By name.</summary>
    public required IReadOnlyDictionary<string, Incident> Incidents { get; init; }

    /// <summary>What happens in the first minutes of a demonstration, in the order of the file.</summary>
    public required IReadOnlyList<StoryEvent> Opening { get; init; }

    public required NameTable Names { get; init; }

    /// <summary>Settings first, then parameters, in the order of the file.</summary>
    public required IReadOnlyList<(Variable Variable, int Slot)> Variables { get; init; }

    /// <summary>What the surroundings give, as far as the file asks.</summary>
    public required IReadOnlyList<(int Slot, Func<Surroundings, double> Value)> Around { get; init; }

    public required IReadOnlyList<Part> Parts { get; init; }

    /// <summary>Null where the parts say everything.</summary>
    public Func<Inputs, Random, Model>? Model { get; init; }

    public required IReadOnlyList<ReportedChannel> Report { get; init; }

    public required IReadOnlyList<ReportedChannel> SlowReport { get; init; }

    /// <summary>Seconds between two reports of the slower channels.</summary>
    public required double SlowEvery { get; init; }

    /// <summary>Of both reports: what is reported at once when it changes.</summary>
    public required IReadOnlyList<Func<double[], double>> Switches { get; init; }

    /// <summary>Not 0 while the device has no contact; null where it always has.</summary>
    public Func<double[], double>? Silent { get; init; }

    /// <summary>The places of all parameters that some incident sets.</summary>
    public required IReadOnlyList<int> Disturbable { get; init; }

    /// <summary>What the end of an incident sets instead of giving it back.</summary>
    public required IReadOnlyList<(int Slot, Func<double[], double> Value)> Restored { get; init; }

    /// <summary>Null where no such thing happens to this family.</summary>
    public Incident? Find(string incident) => Incidents.GetValueOrDefault(incident);

    /// <summary>A device's values: its place in the city, then settings and parameters as drawn.</summary>
    /// <param name="number">From 1.</param>
    public double[] Draw(Random random, int number)
    {
        var values = new double[Names.Count];
        values[Names.Find(Placement.Number)!.Slot] = number;
        values[Names.Find(Placement.Row)!.Slot] = Placement.RowOf(number);
        values[Names.Find(Placement.Member)!.Slot] = Placement.MemberOf(number);
        foreach (var (variable, slot) in Variables)
            values[slot] = variable.Draw(random, values);
        return values;
    }

    /// <summary>A device of the family that stands in no city.</summary>
    public DevicePhysics Create(Random random, Surroundings around, int number = 1) => new(this, Draw(random, number), random, around);
}
