namespace Telemetry.Simulators.City;

/// <param name="At">Since the city's start.</param>
/// <param name="Device">A device's id, or a gateway's for <see cref="Incident.GatewayDies"/> and <see cref="Incident.GatewayReturns"/>.</param>
/// <param name="Number">Pump or stall, from 1; 0 where there is none.</param>
public sealed record StoryEvent(TimeSpan At, string Device, Incident What, int Number = 0);

/// <summary>The first minutes of a demonstration: an alarm of every family, some of which clear, and a gateway that dies and returns.</summary>
public static class Story
{
    /// <summary>In order of time.</summary>
    public static IReadOnlyList<StoryEvent> Opening { get; } =
    [
        At(0, 10, "cover-0003", Incident.CoverLifted),
        At(0, 12, "gas-0002", Incident.CookingFumes),
        At(0, 15, "pump-001", Incident.StormHits),
        At(0, 20, "pump-002", Incident.StationMainsFail),
        At(0, 25, "toilet-002", Incident.SosPressed, 2),
        At(0, 30, "tunnel-01-3", Incident.TunnelMainsFail),
        At(0, 35, "gas-0005", Incident.HoseBursts),
        At(0, 40, "gas-0002", Incident.Restored),
        At(0, 40, "tunnel-01-2", Incident.TunnelFloods),
        At(0, 45, "toilet-003", Incident.SepticGas),
        At(0, 50, "cover-0007", Incident.CoverRattles),
        At(0, 60, "pump-002", Incident.Restored),
        At(1, 5, "tunnel-01-4", Incident.TunnelSmoke),
        At(1, 10, "tunnel-01-4", Incident.CallPointPressed),
        At(1, 20, "toilet-002", Incident.Restored),
        At(1, 25, "gw-qingyunpu-1", Incident.GatewayDies),
        At(1, 35, "cover-0005", Incident.SewerSurcharges),
        At(1, 45, "pump-002", Incident.PumpJams, 2),
        At(2, 0, "gas-0004", Incident.PressureDrops),
        At(2, 10, "pump-001", Incident.Restored),
        At(2, 25, "gw-qingyunpu-1", Incident.GatewayReturns),
        At(2, 40, "gas-0005", Incident.Restored),
        At(2, 50, "cover-0003", Incident.Restored),
        At(3, 0, "pump-002", Incident.Restored),
        At(3, 20, "gas-0004", Incident.Restored),
        At(3, 30, "tunnel-01-4", Incident.Restored),
        At(3, 45, "toilet-003", Incident.Restored),
        At(4, 0, "cover-0007", Incident.Restored),
        At(4, 15, "tunnel-01-3", Incident.Restored),
        At(4, 30, "tunnel-01-2", Incident.Restored),
        At(5, 0, "cover-0005", Incident.Restored),
    ];

    private static StoryEvent At(int minutes, int seconds, string device, Incident what, int number = 0) =>
        new(new TimeSpan(0, minutes, seconds), device, what, number);
}
