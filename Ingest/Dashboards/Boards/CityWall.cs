using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Boards;

/// <summary>For the wall of the operations centre: read from 5 m, at night. One screen, no choices.</summary>
internal static class CityWall
{
    public static Dashboard Create() => new("city-wall", "city", new Title("City wall", "城市总览"), "The city at a glance: dark while all is well. What is lit asks for somebody.")
    {
        From = "now-3h",
        Marks = "\"severity\" = 1",
        Rows =
        [
            StatePanels.Header(4, ""),
            new Row(5, [(12, ByDistrict(new Title("P1 critical by district", "各区紧急报警"), "critical", Colours.Critical)), (12, ByDistrict(new Title("P2 high by district", "各区高级报警"), "high", Colours.High))]),
            new Row(12, [(9, StatePanels.Map(Choice.All)), (15, AlarmPanels.Urgent())]),
            new Row(5, [(5, Load()), (5, Readings()), (4, Behind()), (3, Gateways()), (7, Ages())]),
        ],
    };

    private static StatPanel ByDistrict(Title title, string field, string colour) => new(title, "A tile is lit where there is at least one open alarm now.")
    {
        Queries = [new Query($"SELECT sum(\"{field}\") FROM (SELECT last(\"{field}\") AS \"{field}\" FROM {Influx.DistrictState} WHERE {Influx.LastMinutes} GROUP BY \"district\", \"family\") GROUP BY \"district\"", "$tag_district")],
        Named = true,
        Filled = true,
        Renamed = ("^_$", "no district · 无区县"),
        Display = StatePanels.Tile(colour),
    };

    private static StatPanel Load() => new(new Title("Alarms in 10 min", "10 分钟报警数"), "For each operator position. One is what a person handles well, two the most; above ten is a flood (EEMUA 191).")
    {
        Queries = [new Query($"SELECT last(\"alarms_10min\") FROM {Influx.OperatorLoad} WHERE $timeFilter GROUP BY time($__interval), \"position\" fill(none)", "$tag_position")],
        Named = true,
        Graph = true,
        Display = new Display { Steps = [new(null, Colours.Calm), new(3, Colours.High), new(11, Colours.Critical)] },
    };

    private static SeriesPanel Readings() => new(new Title("Readings per second", "每秒读数"), "What the city sends, and what of it is stored late. A line that falls is a network, a gateway or this service.")
    {
        Queries =
        [
            new Query($"SELECT non_negative_derivative(last(\"received\"), 1s) FROM {Influx.Service} WHERE $timeFilter GROUP BY time($__interval), \"log\" fill(none)", "received · 接收"),
            new Query($"SELECT non_negative_derivative(last(\"late\"), 1s) FROM {Influx.Service} WHERE $timeFilter GROUP BY time($__interval), \"log\" fill(none)", "late · 迟到"),
        ],
        Display = new Display { Unit = "suffix: /s", Min = 0, ByStep = false },
    };

    private static StatPanel Behind() => new(new Title("Behind the log", "处理滞后"), "Entries that the rules have not processed and that the store does not hold. Alarms wait for the first.")
    {
        Queries =
        [
            new Query($"SELECT last(\"rules_lag\") FROM {Influx.Service} WHERE {Influx.LastMinutes} GROUP BY \"log\"", "rules · 规则"),
            new Query($"SELECT last(\"store_lag\") FROM {Influx.Service} WHERE {Influx.LastMinutes} GROUP BY \"log\"", "store · 存储"),
        ],
        Named = true,
        Display = new Display { Decimals = 0, Steps = [new(null, Colours.Calm), new(20_000, Colours.High)] }.Vital(),
    };

    private static StatPanel Gateways() => new(new Title("Gateways down", "网关离线"), "One outage is one alarm, whatever stands behind it; from here nothing is known of those devices.")
    {
        Queries = [new Query($"SELECT last(\"gateways_down\") FROM {Influx.Service} WHERE {Influx.LastMinutes} GROUP BY \"log\"", "down · 离线")],
        Display = Display.Count(Colours.High).Vital(),
    };

    private static StatPanel Ages() => new(new Title("Data age by family", "各类数据时效"), "Age of the newest reading of each kind of device in the city.")
    {
        Queries = [new Query($"SELECT min(\"age\") FROM (SELECT last(\"data_age_s\") AS \"age\" FROM {Influx.DistrictState} WHERE {Influx.LastMinutes} GROUP BY \"district\", \"family\") GROUP BY \"family\"", "$tag_family")],
        Named = true,
        Display = new Display { Unit = "s", Decimals = 0, Steps = [new(null, Colours.Calm), new(300, Colours.High), new(1800, Colours.Critical)] }.Vital(),
    };
}
