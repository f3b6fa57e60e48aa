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

    /// <summary>A vehicle burns: smoke at once, heat after it, and the fire detection only when it is hot.</summary>
    TunnelBurns,

    TunnelMainsFail,

    StormHits,
    PumpJams,
    PumpTrips,
    StationMainsFail,

    CookingFumes,
    HoseBursts,

    /// <summary>The valve will not move when the detector tells it to.</summary>
    ValveJams,

    PressureDrops,

    SosPressed,
    SepticGas,

    /// <summary>Battery dead, antenna flooded or the thing itself gone: it reports nothing until it is restored. Any device.</summary>
    FallsSilent,

    /// <summary>Its link breaks without a goodbye, so that its last will speaks for it; until then its readings wait in its memory.</summary>
    GatewayDies,
    GatewayReturns,
}

/// <param name="Number">Pump or stall, from 1, or the storm's rain in mm/h; 0 where the incident has none.</param>
public sealed record IncidentKind(string Family, Incident Incident, int Number = 0)
{
    /// <summary>What the random stream draws from, by family: each shows by itself. A scenario has more.</summary>
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
