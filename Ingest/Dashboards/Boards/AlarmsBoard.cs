using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Boards;

/// <summary>Whether the alarms can be handled by those who get them: the figures of EEMUA 191 and ISA-18.2, for the shift leader and the monthly review.</summary>
internal static class AlarmsBoard
{
    private const string Zone = " tz('Asia/Shanghai')";

    public static Dashboard Create() => new("city-alarms", "city", new Title("Alarm management", "报警管理"), "Load and quality of the alarms by EEMUA 191: too many, too often, for too long, and which rules and devices they come from.")
    {
        From = "now-7d",
        Refresh = "1m",
        Rows =
        [
            new Row(5,
            [
                (4, Figure(new Title("In 24 h", "24 小时报警数"), "alarms_24h", "Alarms that sounded, for each position. Up to 150 a day can be handled, 300 is the most.", 151, 301)),
                (4, Figure(new Title("Standing", "持续中"), "standing", "Alarms open now. Below 10 is what a shift keeps in mind.", 10, 50)),
                (4, Figure(new Title("Stale", "超过 24 小时"), "stale", "Open for more than 24 h. Fewer than 5.", 5, 20)),
                (4, Figure(new Title("Chattering", "抖动"), "chattering", "Three or more occurrences in a minute. None.", 1, 5)),
                (4, Figure(new Title("Shelved", "已搁置"), "shelved", "Put aside for a time; each has an end.", 10, 30)),
                (4, Figure(new Title("Flood minutes in 24 h", "24 小时泛滥分钟"), "flood_minutes_24h", "Minutes in which more than ten came in 10 min. Below 1 % of the time: 14 min.", 15, 60)),
            ]),
            new Row(8, [(12, Rate()), (12, Days())], "How many · 数量"),
            new Row(5, [(12, Flood()), (12, Waiting())]),
            new Row(12, [(8, Priorities()), (8, Top("Top 10 rules", "报警最多的规则", "\"family\", \"rule\"", [new("rule", "Rule · 规则"), new("family", "Family · 类别")], [])), (8, Top("Top 10 devices", "报警最多的设备", "\"device\", \"family\", \"district\", \"street\"", [new("device", "Device · 设备"), new("district", "District · 区县")], ["family", "street"]))], "Which · 来源"),
            new Row(7, [(8, Share()), (16, AlarmPanels.Calls(new Title("Alarms per hour", "每小时报警数"), "How many began to sound in the whole city.", "1h", Choice.All))]),
            new Row(12, [(24, Standing())], "What stands · 持续中的报警"),
        ],
    };

    private static StatPanel Figure(Title title, string field, string description, double high, double critical) => new(title, description)
    {
        Queries = [new Query($"SELECT last(\"{field}\") FROM {Influx.OperatorLoad} WHERE {Influx.LastMinutes} GROUP BY \"position\"", "$tag_position")],
        Named = true,
        Display = new Display { Decimals = 0, Steps = [new(null, Colours.Calm), new(high, Colours.High), new(critical, Colours.Critical)] },
    };

    private static SeriesPanel Rate() => new(new Title("Alarms per 10 min", "每 10 分钟报警数"), "For each position. About one is good, two the most that a person handles over a shift, above ten is a flood.")
    {
        Queries = [new Query($"SELECT max(\"alarms_10min\") FROM {Influx.OperatorLoad} WHERE $timeFilter GROUP BY time($__interval), \"position\" fill(none)", "$tag_position")],
        Display = new Display { Min = 0, Decimals = 0, ByStep = false, Steps = [new(null, Colours.Clear), new(2, Colours.High), new(10, Colours.Critical)] },
        Bands = true,
        Steps = true,
        Span = "10m",
    };

    private static SeriesPanel Days() => new(new Title("Alarms per day and position", "各岗位每日报警数"), "Of the 24 h that end with the day, in China's time; the last bar is the day so far and what of the day before belongs to its 24 h. 150 are manageable, 300 the most.")
    {
        Queries = [new Query($"SELECT last(\"alarms_24h\") FROM {Influx.OperatorLoad} WHERE $timeFilter GROUP BY time(1d), \"position\" fill(none){Zone}", "$tag_position")],
        Display = new Display { Min = 0, Decimals = 0, ByStep = false, Steps = [new(null, Colours.Clear), new(150, Colours.High), new(300, Colours.Critical)] },
        Bars = true,
        Bands = true,
        Span = "1d",
    };

    private static StatesPanel Flood() => new(new Title("Floods", "报警泛滥"), "Begins above ten alarms in 10 min, ends below five.")
    {
        Queries = [new Query($"SELECT max(\"flood\") FROM {Influx.OperatorLoad} WHERE $timeFilter GROUP BY time($__interval), \"position\" fill(none)", "$tag_position")],
        Display = new Display { Values = [new("0", "no · 否", Colours.CalmArea), new("1", "flood · 泛滥", Colours.Critical)] },
    };

    private static SeriesPanel Waiting() => new(new Title("Unacknowledged", "未确认"), "Alarms that still sound, for each position.")
    {
        Queries = [new Query($"SELECT max(\"unacknowledged\") FROM {Influx.OperatorLoad} WHERE $timeFilter GROUP BY time($__interval), \"position\" fill(none)", "$tag_position")],
        Display = new Display { Min = 0, Decimals = 0, ByStep = false },
        Steps = true,
        Span = "1m",
    };

    private static StatPanel Priorities()
    {
        const string latest = $"(SELECT last(\"critical_24h\") AS \"c\", \"high_24h\" AS \"h\", \"medium_24h\" AS \"m\", \"low_24h\" AS \"l\" FROM {Influx.OperatorLoad} WHERE {Influx.LastMinutes} GROUP BY \"position\")";
        const string all = "(sum(\"c\") + sum(\"h\") + sum(\"m\") + sum(\"l\"))";
        return new(new Title("Distribution of priorities, 24 h", "24 小时级别分布"), "Of the alarms that sounded. About 80 % low and medium, 15 % high, 5 % critical: where everything is critical, nothing is.")
        {
            Queries =
            [
                new Query($"SELECT 100 * (sum(\"l\") + sum(\"m\")) / {all} FROM {latest}", "P3 + P4, of 80 %"),
                new Query($"SELECT 100 * sum(\"h\") / {all} FROM {latest}", "P2, of 15 %"),
                new Query($"SELECT 100 * sum(\"c\") / {all} FROM {latest}", "P1, of 5 %"),
            ],
            Named = true,
            Display = new Display { Unit = "percent", Decimals = 0 },
            Overrides =
            [
                Override.Series(1).With(new Display { Unit = "percent", Decimals = 0, Steps = [new(null, Colours.Calm), new(30, Colours.High)] }),
                Override.Series(2).With(new Display { Unit = "percent", Decimals = 0, Steps = [new(null, Colours.Calm), new(10, Colours.High)] }),
            ],
        };
    }

    private static TablePanel Top(string en, string zh, string tags, IReadOnlyList<Column> columns, IReadOnlyList<string> hidden) => new(new Title(en, zh), "By how often they sounded within the time range. Ten of them should not make more than 5 % of all; the first to look at when there are too many.")
    {
        Queries = [new Query($"SELECT top(\"n\", {tags}, 10) AS \"n\" FROM (SELECT sum(\"calls\") AS \"n\" FROM {Influx.Alarm} WHERE $timeFilter GROUP BY {tags})")],
        Columns = [new("n", "Alarms · 报警数"), .. columns],
        Hidden = hidden,
        SortedBy = ["-n"],
        Display = new Display { NoValue = "none · 无" },
        Overrides = [Override.Column("Device · 设备").Link("Device · 设备", Links.Device), Override.Column("Family · 类别").Link("Family · 类别", Links.Family), Override.Column("Alarms · 报警数").Width(120)],
    };

    private static StatPanel Share() => new(new Title("Share of the top 10", "前十占比"), "Of all alarms of 24 h, those of the ten most frequent rules at devices. Below 5 %.")
    {
        Queries = [new Query($"SELECT last(\"top10_share\") FROM {Influx.OperatorLoad} WHERE {Influx.LastMinutes} GROUP BY \"position\"", "$tag_position")],
        Named = true,
        Display = new Display { Unit = "percentunit", Decimals = 0, Steps = [new(null, Colours.Calm), new(0.5, Colours.High)] },
    };

    private static TablePanel Standing() => AlarmPanels.Open(Choice.All, details: true) with { Queries = [new Query(AlarmPanels.Latest(Choice.All, "\"open\" = 1 AND \"kind\" = 0"))], Title = new Title("Standing alarms", "持续中的报警"), Description = "Open now, tickets left out. The stale ones stand since more than 24 h." };
}
