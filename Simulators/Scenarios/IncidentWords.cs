using System.Text.Json;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Scenarios;

/// <summary>The incidents in the spelling of scenario files, and to whom each can happen.</summary>
internal static class IncidentWords
{
    /// <summary>Stands for gateways where a family is asked for.</summary>
    public const string Gateway = "gateway";

    /// <summary><c>pump_jams</c>.</summary>
    public static IReadOnlyDictionary<string, Incident> All { get; } = Enum.GetValues<Incident>().ToDictionary(Of, StringComparer.Ordinal);

    public static string Of(Incident incident) => JsonNamingPolicy.SnakeCaseLower.ConvertName(incident.ToString());

    /// <summary>Null for any device.</summary>
    public static string? FamilyOf(Incident incident) => incident switch
    {
        Incident.GatewayDies or Incident.GatewayReturns => Gateway,
        Incident.Restored or Incident.FallsSilent => null,
        Incident.TunnelBurns => "tunnel",
        Incident.ValveJams => "gas_valve",
        _ => IncidentKind.All.First(kind => kind.Incident == incident).Family,
    };

    /// <summary>The key under which an event says which one, or how much; null where there is nothing to say.</summary>
    public static (string Key, int Least, int Most, bool Required)? NumberOf(Incident incident) => incident switch
    {
        Incident.PumpJams or Incident.PumpTrips => ("pump", 1, 3, true),
        Incident.SosPressed => ("stall", 1, 4, true),
        Incident.StormHits => ("mm_per_h", 1, 300, false),
        _ => null,
    };
}
