namespace Telemetry.Rules.Alarms;

/// <summary>Who sits where: an operator position and the districts whose alarms it hears.</summary>
/// <param name="Districts">Null for all of them. <c>_</c> stands for alarms without a district.</param>
public sealed record LoadPosition(string Name, IReadOnlyList<string>? Districts)
{
    /// <summary>The name of the district of alarms that have none, as in topics.</summary>
    public const string NoDistrict = "_";

    /// <summary>The position of alarms that no other one hears.</summary>
    public const string Unassigned = "unassigned";

    /// <summary>One position for everything.</summary>
    public static IReadOnlyList<LoadPosition> Whole { get; } = [new("city", null)];

    public bool Hears(string district) => Districts is null || Districts.Contains(district);
}
