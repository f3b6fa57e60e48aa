using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Families;

/// <summary>
/// A tunnel is read along its length: the air carries what the cars emit to the exit, so the last station shows first what is coming,
/// and smoke shows as one station out of line. One choice of street is one tunnel.
/// </summary>
internal static class TunnelRows
{
    public static IEnumerable<Row> Of(ChannelPanels panels) =>
    [
        Rows.Of(8, "Along the tunnel, now · 沿程分布", (8, panels.Profile("carbon_monoxide")), (8, panels.Profile("extinction_coefficient")), (8, panels.Profile("air_velocity"))),
        Rows.Of(8, null, (8, panels.Lines("carbon_monoxide")), (8, panels.Lines("extinction_coefficient")), (8, panels.Lines("air_velocity"))),
        Rows.Of(8, "Traffic and water · 交通与积水", (8, panels.Extremes("traffic_flow")), (8, panels.Extremes("vehicle_speed")), (8, panels.Lines("flood_water_level"))),
        Rows.Of(9, "Station $device · 监测站 $device", (12, panels.Timeline(new Title("Fans", "风机"), "fan_state", "fan_command")), (12, panels.Timeline(new Title("Safety and power", "安全与供电"), "fire_alarm", "call_point", "stopped_vehicle", "power_supply", "control_mode", "barrier_state", "lane_signal"))),
        Rows.Of(7, null, (8, panels.Own("fan_vibration")), (8, panels.Own("nitrogen_dioxide")), (8, panels.Own("illuminance"))),
    ];
}
