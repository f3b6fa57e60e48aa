using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.City;

/// <param name="At">Since the city's start.</param>
/// <param name="Device">A device's id, or a gateway's for <see cref="Incident.GatewayDies"/> and <see cref="Incident.GatewayReturns"/>.</param>
/// <param name="What">An incident's name.</param>
/// <param name="Number">What the incident takes: pump or stall, from 1, rain in mm/h; 0 for its default, or where it takes nothing.</param>
public sealed record StoryEvent(TimeSpan At, string Device, string What, int Number = 0);

/// <summary>The first minutes of a demonstration: an alarm of every family, some of which clear, as the physics files say it, and a gateway that dies and returns.</summary>
public static class Story
{
    private const string Gateway = "gw-qingyunpu-1";

    /// <summary>In order of time.</summary>
    public static IReadOnlyList<StoryEvent> Opening { get; } =
    [
        .. PhysicsSet.Shipped.Opening
            .Append(new(TimeSpan.FromSeconds(85), Gateway, Incident.GatewayDies))
            .Append(new(TimeSpan.FromSeconds(145), Gateway, Incident.GatewayReturns))
            .OrderBy(happening => happening.At),
    ];
}
