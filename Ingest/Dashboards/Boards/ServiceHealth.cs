using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Boards;

/// <summary>Whether Telemetry itself does its job. The alert rules of dashboards/grafana/provisioning name its panels by their place here: 1 to 6.</summary>
internal static class ServiceHealth
{
    public const string Uid = "service-health";

    public static Dashboard Create() => new(Uid, "service", new Title("Service health", "服务健康"), "Whether Telemetry itself does its job. Alarms of the city are not here.")
    {
        From = "now-3h",
        Refresh = "10s",
        Rows =
        [
            new Row(8, [(8, Up()), (16, Readings())]),
            new Row(8, [(12, Behind()), (12, Budget())]),
            new Row(8, [(12, GatewaysDown()), (12, Refused())]),
            new Row(5, [(12, Devices()), (12, Position())]),
        ],
    };

    private static StatPanel Up() => new(new Title("Up for", "运行时间"), "Since the last start. No value: it has written nothing for five minutes.")
    {
        Queries = [new Query($"SELECT last(\"uptime_s\") FROM {Influx.Service} WHERE {Influx.LastMinutes} GROUP BY \"log\"", "$tag_log")],
        Display = new Display { Unit = "s" }.Vital(),
    };

    private static SeriesPanel Readings() => new(new Title("Readings per second", "每秒读数"), "Received, and what became of them.")
    {
        Queries = [Growth("received", "received · 接收"), Growth("accepted", "accepted · 采纳"), Growth("duplicates", "duplicates · 重复"), Growth("late", "late · 迟到")],
        Display = new Display { Unit = "suffix: /s", Min = 0, ByStep = false },
    };

    private static SeriesPanel Behind() => new(new Title("Behind the log", "滞后"), "Entries of the log that the rules have not processed, and that a store does not hold.")
    {
        Queries = [new Query(Last("\"rules_lag\""), "rules · 规则"), new Query(Last("\"store_lag\""), "store · 存储")],
        Display = new Display { Min = 0, ByStep = false },
    };

    private static SeriesPanel Budget() => new(new Title("Disk budget used", "磁盘预算"), "Of what a store may leave unread before gateways are no longer acknowledged.")
    {
        Queries = [new Query($"SELECT last(\"unread_bytes\") / last(\"budget_bytes\") FROM {Influx.Service} WHERE $timeFilter GROUP BY time($__interval), \"log\" fill(none)", "used · 已用")],
        Display = new Display { Unit = "percentunit", Min = 0, ByStep = false, Steps = [new(null, Colours.Clear), new(0.5, Colours.Critical)] },
        Bands = true,
    };

    private static SeriesPanel GatewaysDown() => new(new Title("Gateways down", "网关离线"), "Share of all gateways.")
    {
        Queries = [new Query($"SELECT last(\"gateways_down\") / last(\"gateways\") FROM {Influx.Service} WHERE $timeFilter GROUP BY time($__interval), \"log\" fill(none)", "down · 离线")],
        Display = new Display { Unit = "percentunit", Min = 0, ByStep = false, Steps = [new(null, Colours.Clear), new(0.2, Colours.Critical)] },
        Bands = true,
    };

    private static SeriesPanel Refused() => new(new Title("New dead letters", "新死信"), "Messages and values that could not be read, in each step.")
    {
        Queries = [new Query(Difference("dead_letters"), "dead letters · 死信"), new Query(Difference("rejected"), "rejected · 拒绝")],
        Display = new Display { Min = 0, ByStep = false },
        Bars = true,
    };

    private static StatPanel Devices() => new(new Title("Devices", "设备"), "Silent ones of all that the register knows as live.")
    {
        Queries =
        [
            new Query($"SELECT last(\"devices_silent\") FROM {Influx.Service} WHERE {Influx.LastMinutes} GROUP BY \"log\"", "silent · 失联"),
            new Query($"SELECT last(\"devices\") FROM {Influx.Service} WHERE {Influx.LastMinutes} GROUP BY \"log\"", "all · 总数"),
        ],
        Named = true,
    };

    private static StatPanel Position() => new(new Title("Log position", "日志位置"), "The last entry that is committed. It grows each second even when nothing is received.")
    {
        Queries = [new Query($"SELECT last(\"log_position\") FROM {Influx.Service} WHERE {Influx.LastMinutes} GROUP BY \"log\"", "$tag_log")],
    };

    private static Query Growth(string field, string alias) =>
        new($"SELECT non_negative_derivative(last(\"{field}\"), 1s) FROM {Influx.Service} WHERE $timeFilter GROUP BY time($__interval), \"log\" fill(none)", alias);

    private static string Last(string field) => $"SELECT last({field}) FROM {Influx.Service} WHERE $timeFilter GROUP BY time($__interval), \"log\" fill(none)";

    private static string Difference(string field) => $"SELECT non_negative_difference(last(\"{field}\")) FROM {Influx.Service} WHERE $timeFilter GROUP BY time($__interval), \"log\" fill(none)";
}
