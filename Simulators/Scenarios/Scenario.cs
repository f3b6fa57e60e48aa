using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Scenarios;

/// <summary>A story and the truth about it: what happens in a city, and what an operator must be told of it in time.</summary>
public sealed record Scenario
{
    public required string Name { get; init; }

    public required Title Title { get; init; }

    /// <summary>Of the local day, UTC+8. A live run begins when it begins.</summary>
    public required TimeSpan Begins { get; init; }

    /// <summary>At most a day.</summary>
    public required TimeSpan Lasts { get; init; }

    public required int DeviceCount { get; init; }

    public required int Seed { get; init; }

    /// <summary>Before every id of its devices and gateways; empty but in a live run.</summary>
    public required string Prefix { get; init; }

    /// <summary>The register: the city's, with what the scenario says of some of them.</summary>
    public required IReadOnlyList<Device> Devices { get; init; }

    public required Weather Weather { get; init; }

    /// <summary>In order of time.</summary>
    public required IReadOnlyList<StoryEvent> Events { get; init; }

    /// <summary>What goes wrong between the devices and the service.</summary>
    public FaultPlan Faults { get; init; } = FaultPlan.None;

    /// <summary>In the order of the file.</summary>
    public required IReadOnlyList<GroundTruth> Truths { get; init; }

    public required IReadOnlyList<Allowance> Allowed { get; init; }

    /// <summary>Null where any number of alarms is right.</summary>
    public LoadLimit? AtMost { get; init; }

    public SimulatedCity City(DateTimeOffset start) => new(DeviceCount, Seed, Events, start, Prefix, Weather, Devices);
}

/// <summary>One alarm that must be told.</summary>
/// <param name="Event">What happened, in the word of the file: <c>pump_jams</c>.</param>
/// <param name="At">When it happened, since the begin.</param>
/// <param name="Device">Whose alarm: a device, a gateway, or the place of a rule that counts.</param>
/// <param name="Instance">Null for any.</param>
/// <param name="AtLeast">The severity that it must reach; <see cref="Severity.Low"/> for any.</param>
/// <param name="Within">Of <paramref name="At"/>, until it is told.</param>
public sealed record GroundTruth(string Event, TimeSpan At, string Device, string Rule, string? Instance, Severity AtLeast, TimeSpan Within);

/// <summary>An alarm that follows from the story without being looked for: it is not false.</summary>
/// <param name="Device">An id, or its beginning with <c>*</c> behind it.</param>
/// <param name="Because">Why it is right.</param>
public sealed record Allowance(string Device, string Rule, string Because);

/// <summary>What one operator position may be asked to bear.</summary>
/// <param name="CriticalShare">Of the alarms, 0 to 1.</param>
public sealed record LoadLimit(int AlarmsADay, double CriticalShare);

/// <summary>Names in scenarios that stand for one or for all that begin alike.</summary>
internal static class Pattern
{
    public static bool Fits(string pattern, string id) => pattern.EndsWith('*') ? id.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == id;
}
