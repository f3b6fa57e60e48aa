using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards;

/// <summary>Panels of the measurement <c>alarm</c>, for any choice of devices.</summary>
internal static class AlarmPanels
{
    /// <summary>Of an alarm's series, what never changes.</summary>
    private const string Tags = "\"device\", \"family\", \"rule\", \"instance\"";

    /// <summary>By place in <c>state</c> and <c>underlying</c>; docs/influx.md.</summary>
    public static readonly IReadOnlyList<ValueText> States =
    [
        new("0", "normal · 正常", Colours.Calm),
        new("1", "unacknowledged · 未确认", Colours.Critical),
        new("2", "acknowledged · 已确认", Colours.Calm),
        new("3", "cleared, unacknowledged · 已恢复未确认", Colours.Notice),
        new("4", "latched, unacknowledged · 锁定未确认", Colours.Critical),
        new("5", "latched · 已锁定", Colours.Calm),
        new("6", "shelved · 已搁置", Colours.Notice),
        new("7", "suppressed · 已抑制", Colours.Notice),
        new("8", "out of service · 停用", Colours.Notice),
    ];

    /// <summary>1 to 4, as stored.</summary>
    public static readonly IReadOnlyList<ValueText> Severities =
    [
        new("1", "P1 · 紧急", Colours.Critical),
        new("2", "P2 · 高", Colours.High),
        new("3", "P3 · 中", Colours.Of(Severity.Medium)),
        new("4", "P4 · 低", Colours.Of(Severity.Low)),
    ];

    /// <summary>What is open now: what nobody has acknowledged first, then the worst, then the newest.</summary>
    /// <param name="details">Values, limits and rules too: for a table over the whole width.</param>
    public static TablePanel Open(Choice chosen, bool details = false) => new(new Title("Open alarms", "当前报警"), "Alarms and tickets whose state is not normal now, whatever the time range. What nobody has acknowledged first, then the worst, then the newest.")
    {
        Queries = [new Query(Latest(chosen, "\"open\" = 1"))],
        Columns = [.. Columns.Where(column => details || !Details.Contains(column.Name))],
        Hidden = ["open", "kind", "family", "waiting", .. details ? Array.Empty<string>() : Details],
        SortedBy = ["-raised", "severity", "waiting"],
        Display = new Display { NoValue = "none · 无" },
        Overrides = Shown(),
    };

    /// <summary>What asks for somebody: tickets, and what is shelved, suppressed or out of service, left out. In large rows.</summary>
    public static TablePanel Urgent() => Open(Choice.All) with
    {
        Title = new Title("Alarms", "报警"),
        Description = "Open alarms now, whatever the time range; tickets, and what is shelved, suppressed or out of service, left out. What nobody has acknowledged first, then the worst, then the newest.",
        Queries = [new Query(Latest(Choice.All, $"\"open\" = 1 AND \"kind\" = 0 AND \"state\" < {FirstOverlay}"))],
        Large = true,
    };

    /// <summary>Every transition within the range, the newest first.</summary>
    public static TablePanel Transitions(Choice chosen) => new(new Title("Alarm transitions", "报警变化"), "Each change of state within the time range, newest first.")
    {
        Queries = [new Query($"SELECT \"severity\", \"state\", \"title\", \"value\", \"limit\", \"rule\", \"instance\" FROM {Influx.Alarm} WHERE $timeFilter AND \"again\" = 0{chosen.Anywhere} ORDER BY time DESC LIMIT 200")],
        Columns = [new("Time", "Time · 时间"), .. Columns.Where(column => column.Name is "severity" or "state" or "title" or "rule" or "instance" or "value" or "limit")],
        Display = new Display { NoValue = "none · 无" },
        Overrides = Shown(),
    };

    /// <summary>How many began, in bars of a span.</summary>
    public static SeriesPanel Calls(Title title, string description, string span, Choice chosen) => new(title, description)
    {
        Queries = [new Query($"SELECT sum(\"calls\") FROM {Influx.Alarm} WHERE $timeFilter{chosen.Anywhere} GROUP BY time({span}) fill(0)", "alarms")],
        Display = new Display { Min = 0, Decimals = 0 },
        Bars = true,
        Span = span,
    };

    /// <summary>Shelved; from here on nobody has to act.</summary>
    private const int FirstOverlay = 6;

    private static readonly string[] Details = ["rule", "instance", "value", "limit", "street"];

    private static readonly IReadOnlyList<Column> Columns =
    [
        new("severity", "Severity · 级别"),
        new("raised", "Raised · 发生"),
        new("title", "Alarm · 报警"),
        new("device", "Device · 设备"),
        new("instance", "No. · 序号"),
        new("district", "District · 区县"),
        new("street", "Street · 街道"),
        new("state", "State · 状态"),
        new("value", "Value · 数值"),
        new("limit", "Limit · 限值"),
        new("rule", "Rule · 规则"),
    ];

    /// <summary>The newest point of each alarm, if it fits; what is open has one each hour. A subquery: a condition on a field beside <c>last</c> would find the last transition that fits, and miss the end.</summary>
    public static string Latest(Choice chosen, string fits)
    {
        const string fields = "\"severity\", \"kind\", \"state\", \"title\", \"raised\", \"value\", \"limit\", \"district\", \"street\"";
        // 0 for unacknowledged and latched_unacknowledged, positive for all others.
        const string waiting = "(\"state\" - 1) * (\"state\" - 1) * (\"state\" - 4) * (\"state\" - 4) AS \"waiting\"";
        return $"SELECT \"open\", {waiting}, {fields} FROM (SELECT last(\"open\") AS \"open\", {fields} FROM {Influx.Alarm} WHERE {Influx.LastHours}{Choice.And(chosen.Device)} GROUP BY {Tags}) WHERE {fits}{Choice.And(chosen.Place)} GROUP BY {Tags}";
    }

    private static IReadOnlyList<Override> Shown() =>
    [
        Override.Column("Severity · 级别").With(new Display { Values = Severities }).Coloured().Width(110),
        Override.Column("Raised · 发生").With("unit", "dateTimeFromNow").Width(130),
        Override.Column("State · 状态").With(new Display { Values = States }).ColouredText().Width(230),
        Override.Column("Device · 设备").Link("Device · 设备", Links.Device).Width(140),
        Override.Column("District · 区县").Link("District · 区县", Links.District).With("noValue", "–").Width(120),
        Override.Column("Value · 数值").With("decimals", 2).With("noValue", "–").Width(90),
        Override.Column("Limit · 限值").With("decimals", 2).With("noValue", "–").Width(90),
        Override.Column("No. · 序号").With("noValue", "–").Width(70),
        Override.Column("Street · 街道").With("noValue", "–"),
        Override.Column("Time · 时间").Width(180),
    ];
}
