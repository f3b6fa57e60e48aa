namespace Telemetry.Rules.Alarms;

/// <summary>Who sits where: an operator position and the districts whose alarms it hears.</summary>
/// <param name="Districts">Null for all of them. <c>_</c> stands for alarms without a district.</param>
/// <param name="Fallback">Who answers for its alarms while nobody mans it; null leaves it to the first position that is manned.</param>
public sealed record LoadPosition(string Name, IReadOnlyList<string>? Districts, string? Fallback = null)
{
    /// <summary>The name of the district of alarms that have none, as in topics.</summary>
    public const string NoDistrict = "_";

    /// <summary>The position of alarms that no other one hears.</summary>
    public const string Unassigned = "unassigned";

    /// <summary>One position for everything.</summary>
    public static IReadOnlyList<LoadPosition> Whole { get; } = [new("city", null)];

    /// <summary>With one more, <see cref="Unassigned"/>, where some alarms would be heard by none.</summary>
    public static IReadOnlyList<LoadPosition> Complete(IReadOnlyList<LoadPosition> positions) =>
        positions.All(position => position.Districts is not null) ? [.. positions, new LoadPosition(Unassigned, [])] : positions;

    public bool Hears(string district) => Districts is null || Districts.Contains(district);
}
