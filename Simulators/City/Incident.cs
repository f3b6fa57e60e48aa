namespace Telemetry.Simulators.City;

/// <summary>What can happen to a device or a gateway. Each family's physics says what follows from it.</summary>
public enum Incident
{
    /// <summary>Whatever happened is over: the crew has left, the mains are back, the rain has stopped.</summary>
    Restored,

    CoverLifted,
    CoverRattles,
    SewerSurcharges,
    GasInWell,

    TunnelFloods,
    TunnelSmoke,
    CallPointPressed,
    TunnelMainsFail,

    StormHits,
    PumpJams,
    PumpTrips,
    StationMainsFail,

    CookingFumes,
    HoseBursts,
    PressureDrops,

    SosPressed,
    SepticGas,

    /// <summary>Its link breaks without a goodbye, so that its last will speaks for it; until then its readings wait in its memory.</summary>
    GatewayDies,
    GatewayReturns,
}

/// <param name="Number">Pump or stall, from 1; 0 where the incident has no instance.</param>
public sealed record IncidentKind(string Family, Incident Incident, int Number = 0)
{
    /// <summary>Everything that can befall a device, by family; what the random stream draws from.</summary>
    public static IReadOnlyList<IncidentKind> All { get; } =
    [
        new("manhole_cover", Incident.CoverLifted),
        new("manhole_cover", Incident.CoverRattles),
        new("manhole_cover", Incident.SewerSurcharges),
        new("manhole_cover", Incident.GasInWell),
        new("tunnel", Incident.TunnelFloods),
        new("tunnel", Incident.TunnelSmoke),
        new("tunnel", Incident.CallPointPressed),
        new("tunnel", Incident.TunnelMainsFail),
        new("drainage_pump", Incident.StormHits),
        new("drainage_pump", Incident.PumpJams, 2),
        new("drainage_pump", Incident.PumpTrips, 1),
        new("drainage_pump", Incident.StationMainsFail),
        new("gas_valve", Incident.CookingFumes),
        new("gas_valve", Incident.HoseBursts),
        new("gas_valve", Incident.PressureDrops),
        new("public_toilet", Incident.SosPressed, 1),
        new("public_toilet", Incident.SepticGas),
    ];
}
