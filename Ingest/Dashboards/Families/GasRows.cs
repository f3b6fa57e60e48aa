using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Families;

/// <summary>Where gas is, whether the valve there is closed, and which detectors can't be relied on.</summary>
internal static class GasRows
{
    public static IEnumerable<Row> Of(ChannelPanels panels) =>
    [
        Rows.Of(9, "Gas · 燃气", (8, panels.Highest("methane_lel")), (8, panels.Abnormal("valve_position")), (8, panels.Abnormal("gas_alarm_state"))),
        Rows.Of(8, null, (8, panels.Extremes("methane_lel")), (8, panels.Highest("carbon_monoxide")), (8, panels.Extremes("gas_pressure"))),
        Rows.Of(9, "Household $device · 用户 $device", (8, panels.Own("methane_lel")), (8, panels.Own("carbon_monoxide")), (8, panels.Own("gas_pressure"))),
        Rows.Of(6, null, (24, panels.Timeline(new Title("Valve and detector", "阀门与探测器"), "valve_position", "gas_alarm_state", "battery_flag"))),
        Rows.Of(9, "Detectors · 探测器", (12, panels.Lowest("life_remaining")), (12, panels.Lowest("battery_level"))),
    ];
}
