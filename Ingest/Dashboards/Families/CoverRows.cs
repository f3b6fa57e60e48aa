namespace Telemetry.Ingest.Dashboards.Families;

/// <summary>Thousands of covers: which are open, where water comes up, and where nobody may climb down.</summary>
internal static class CoverRows
{
    public static IEnumerable<Row> Of(ChannelPanels panels) =>
    [
        Rows.Of(9, "Open or loose · 打开或松动", (12, panels.Abnormal("cover_state")), (12, panels.Highest("tilt_angle"))),
        Rows.Of(9, "Water · 水位", (12, panels.Highest("well_water_level")), (12, panels.Extremes("well_water_level"))),
        Rows.Of(9, "Air in the wells · 井内气体", (8, panels.Highest("methane_lel")), (8, panels.Highest("hydrogen_sulfide")), (8, panels.Lowest("oxygen"))),
        Rows.Of(8, "Cover $device · 井盖 $device", (8, panels.Own("tilt_angle")), (8, panels.Own("well_water_level")), (8, panels.Own("methane_lel"))),
        Rows.Of(9, "Batteries and signal · 电池与信号", (12, panels.Lowest("battery_level")), (12, panels.Lowest("rsrp"))),
    ];
}
