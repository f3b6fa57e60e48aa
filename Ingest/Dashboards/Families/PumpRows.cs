using System.Globalization;
using System.Text.Json.Nodes;
using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Families;

/// <summary>Level against its setpoints with the pumps' states beneath on one time axis, then rain, and whether the pumps lift what comes in.</summary>
internal static class PumpRows
{
    private static readonly string[] Setpoints = ["stop_level", "start_1", "start_2", "start_3"];

    public static IEnumerable<Row> Of(ChannelPanels panels) =>
    [
        Rows.Of(7, "All stations, now · 各站当前水位", (12, panels.Profile("sump_level")), (12, panels.Profile("road_water_depth"))),
        Rows.Of(10, "Station $device · 泵站 $device", (24, Level(panels))),
        Rows.Of(8, null, (24, panels.Timeline(new Title("Pumps and power", "水泵与供电"), "pump_run", "pump_fault", "control_mode", "power_supply", "high_float"))),
        Rows.Of(8, "Inflow against capacity · 来水与排水能力", (8, Rain(panels)), (8, panels.Own("discharge_flow") is { } flow ? flow with { Stacked = true, Description = "What the pumps lift. All of them near their rated flow and the level still rising: more comes in than they can lift." } : null), (8, Rise(panels))),
        Rows.Of(7, null, (12, panels.Own("motor_current")), (12, panels.Own("road_water_depth"))),
    ];

    private static SeriesPanel? Level(ChannelPanels panels)
    {
        if (panels.Own("sump_level") is not { } level || panels.Find("sump_level") is not { } channel)
            return null;
        var setpoints = panels.Family.Settings.Where(setting => Setpoints.Contains(setting.Name) && setting.Unit == channel.Unit && setting.Default is not null).ToList();
        return level with
        {
            Description = level.Description + " Dashed: where pumps start and stop, by the family's defaults.",
            // A constant over the same times, since a panel's limits have no names.
            Queries = [.. level.Queries, .. setpoints.Select(setting => new Query(string.Create(CultureInfo.InvariantCulture, $"SELECT mean(\"sump_level\") * 0 + {setting.Default} FROM {Influx.Family(panels.Family.Name)} WHERE $timeFilter AND {panels.Places.Device} GROUP BY time($__interval) fill(none)"), setting.Title.Text()))],
            Overrides = [.. setpoints.Select((_, index) => Override.Series(index + 1).With("custom.lineStyle", new JsonObject { ["fill"] = "dash", ["dash"] = new JsonArray(8, 8) }).With("color", new JsonObject { ["mode"] = "fixed", ["fixedColor"] = Colours.Notice }))],
        };
    }

    private static SeriesPanel? Rain(ChannelPanels panels) => panels.Extremes("rainfall_intensity") is not { } rain ? null : rain with
    {
        Description = "The strongest at any gauge in the chosen districts and streets.",
        Queries = [new Query($"SELECT max(\"rainfall_intensity\") FROM {Influx.Family(panels.Family.Name)} WHERE $timeFilter AND {panels.Places.Around} GROUP BY time($__interval) fill(none)", "strongest · 最大")],
    };

    private static SeriesPanel? Rise(ChannelPanels panels) => panels.Own("sump_level") is not { } level ? null : level with
    {
        Title = new Title("Level rises", "水位上升速度"),
        Description = "Metres a minute. Above 0.05 with all pumps running nobody has long: 0.47 m/min takes a sump from 2.2 m to 2.8 m in 77 s.",
        Queries = [new Query($"SELECT derivative(mean(\"sump_level\"), 1m) FROM {Influx.Family(panels.Family.Name)} WHERE $timeFilter AND {panels.Places.Device} GROUP BY time($__interval) fill(none)", "m/min")],
        Display = new Display { Unit = "suffix: m/min", ByStep = false, Steps = [new(null, Colours.Clear), new(0.05, Colours.High)] },
        Bands = true,
    };
}
