using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Families;

/// <summary>Who calls for help, how full it is, how the air is, and what has to be refilled.</summary>
internal static class ToiletRows
{
    public static IEnumerable<Row> Of(ChannelPanels panels) =>
    [
        Rows.Of(8, "Help and occupancy · 求助与占用", (12, panels.Abnormal("sos_active")), (12, Occupancy(panels))),
        Rows.Of(9, "Air · 空气", (8, panels.Highest("ammonia")), (8, panels.Highest("hydrogen_sulfide")), (8, panels.Extremes("ammonia"))),
        Rows.Of(9, "Supplies · 耗材", (8, panels.Lowest("soap_level")), (8, panels.Lowest("paper_level")), (8, panels.Lines("water_volume") is { } water ? water with { Bars = false } : null)),
        Rows.Of(9, "Toilet $device · 公厕 $device", (12, panels.Timeline(new Title("Stalls", "厕位"), "sos_active", "stall_occupied")), (6, panels.Own("ammonia")), (6, panels.Own("people_in"))),
    ];

    /// <summary>From the minutes, where a boolean is 0 or 1: a mean over it is a share.</summary>
    private static SeriesPanel? Occupancy(ChannelPanels panels) => panels.Find("stall_occupied") is null ? null : new(new Title("Stalls occupied", "厕位占用率"), "Share of all stalls of the chosen toilets, from the minutes.")
    {
        Queries = [new Query($"SELECT mean(\"stall_occupied_mean\") FROM {Influx.Minutes(panels.Family.Name)} WHERE $timeFilter AND {panels.Places.Around} GROUP BY time($__interval) fill(none)", "occupied · 占用")],
        Display = new Display { Unit = "percentunit", Min = 0, Max = 1, ByStep = false },
        Span = "1m",
    };
}
