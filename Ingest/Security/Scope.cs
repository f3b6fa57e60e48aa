using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Security;

/// <summary>Whose devices a person sees and handles. The one place that decides it; what is outside does not exist for that person.</summary>
/// <param name="Districts">As the register has them. Null for all, and for what has none.</param>
/// <param name="Families">Null for all. <c>gateway</c>, <c>area</c> and <c>system</c> are families too: a person of some others does not see a gateway's outage.</param>
public sealed record Scope(IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families)
{
    /// <summary>Everything.</summary>
    public static Scope City { get; } = new(null, null);

    /// <summary>Of whoever is nobody (any more).</summary>
    public static Scope Nothing { get; } = new([], []);

    public bool IsCity => Districts is null && Families is null;

    public bool Sees(string? district, string family) => SeesDistrict(district) && (Families is null || Families.Contains(family));

    public bool Sees(Device device) => Sees(device.District, device.Family);

    /// <summary>By the district and family that the alarm itself names: of a gateway or an area the district that all its devices share.</summary>
    public bool Sees(Alarm alarm) => Sees(alarm.District, alarm.Family);

    /// <summary>Something of a whole district, whatever the family: its load, its calendar.</summary>
    public bool SeesAllOf(string? district) => Families is null && SeesDistrict(district);

    /// <summary>An operator position: all that belongs to it.</summary>
    /// <param name="districts">Null for every district.</param>
    public bool SeesAllOf(IReadOnlyList<string>? districts) => IsCity || (Families is null && districts is { Count: > 0 } && districts.All(Districts!.Contains));

    /// <summary>Something of a family in the whole city: its rules.</summary>
    public bool SeesFamily(string family) => Districts is null && (Families is null || Families.Contains(family));

    /// <summary>Nothing is in the other that is not in this one.</summary>
    public bool Covers(Scope other) => Covers(Districts, other.Districts) && Covers(Families, other.Families);

    /// <summary>What is in both.</summary>
    public Scope And(Scope other) => new(Both(Districts, other.Districts), Both(Families, other.Families));

    /// <summary>For a message: <c>districts d1, d2; families gas_valve</c>.</summary>
    public override string ToString() => IsCity
        ? "the whole city"
        : string.Join("; ", new[] { Said("districts", Districts), Said("families", Families) }.OfType<string>());

    private bool SeesDistrict(string? district) => Districts is null || (district is not null && Districts.Contains(district));

    private static bool Covers(IReadOnlyList<string>? all, IReadOnlyList<string>? some) => all is null || (some is not null && some.All(all.Contains));

    private static IReadOnlyList<string>? Both(IReadOnlyList<string>? one, IReadOnlyList<string>? other) => one is null ? other : other is null ? one : [.. one.Intersect(other)];

    private static string? Said(string what, IReadOnlyList<string>? names) => names is null ? null : $"{what} {string.Join(", ", names)}";
}
