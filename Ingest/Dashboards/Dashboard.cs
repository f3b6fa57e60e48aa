using System.Text.Json.Nodes;
using Telemetry.Ingest.Dashboards.Panels;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards;

/// <param name="Height">In Grafana's rows of some 38 pixels.</param>
/// <param name="Cells">Side by side, their widths in 24ths; at most 24 together.</param>
/// <param name="Heading">A line above it that begins a section.</param>
internal sealed record Row(int Height, IReadOnlyList<(int Width, Panel Panel)> Cells, string? Heading = null);

/// <summary>One file of Grafana's: classic JSON, as 12.4 reads it.</summary>
/// <param name="Uid">At most 40 characters; links name it.</param>
/// <param name="Folder">Beneath the folder of dashboards; Grafana shows it under this name.</param>
internal sealed record Dashboard(string Uid, string Folder, Title Title, string Description)
{
    /// <summary>Grafana refuses longer ones.</summary>
    public const int LongestUid = 40;

    private const int SchemaVersion = 42;

    public IReadOnlyList<Variable> Variables { get; init; } = [];

    public IReadOnlyList<Row> Rows { get; init; } = [];

    /// <summary>The alarms whose beginning is marked over time, as a condition; null for none.</summary>
    public string? Marks { get; init; }

    public string From { get; init; } = "now-6h";

    public string Refresh { get; init; } = "30s";

    public string File => $"{Folder}/{Uid}.json";

    public JsonObject ToJson() => new()
    {
        ["uid"] = Uid,
        ["title"] = Title.Text(),
        ["description"] = Description,
        ["tags"] = new JsonArray("city"),
        ["schemaVersion"] = SchemaVersion,
        ["version"] = 1,
        ["editable"] = false,
        ["graphTooltip"] = 1,
        ["timezone"] = "Asia/Shanghai",
        ["weekStart"] = "monday",
        ["refresh"] = Refresh,
        ["time"] = new JsonObject { ["from"] = From, ["to"] = "now" },
        ["timepicker"] = new JsonObject(),
        ["templating"] = new JsonObject { ["list"] = new JsonArray([.. Variables.Select(variable => variable.ToJson())]) },
        ["annotations"] = new JsonObject { ["list"] = Marks is null ? [] : new JsonArray(Annotation(Marks)) },
        ["links"] = new JsonArray(Link()),
        ["panels"] = Panels(),
    };

    private JsonArray Panels()
    {
        var panels = new JsonArray();
        var y = 0;
        foreach (var row in Rows)
        {
            if (row.Heading is { } heading)
                panels.Add(Headline(panels.Count + 1, heading, y++));
            var x = 0;
            foreach (var (width, panel) in row.Cells)
            {
                panels.Add(panel.ToJson(panels.Count + 1, x, y, width, row.Height));
                x += width;
            }
            y += row.Height;
        }
        return panels;
    }

    private static JsonObject Headline(int id, string heading, int y) => new()
    {
        ["id"] = id,
        ["type"] = "row",
        ["title"] = heading,
        ["collapsed"] = false,
        ["gridPos"] = new JsonObject { ["x"] = 0, ["y"] = y, ["w"] = 24, ["h"] = 1 },
        ["panels"] = new JsonArray(),
    };

    private static JsonObject Annotation(string condition) => new()
    {
        ["name"] = "Alarms · 报警",
        ["datasource"] = Query.DataSource(),
        ["enable"] = true,
        ["hide"] = false,
        ["iconColor"] = Colours.High,
        ["target"] = new JsonObject
        {
            ["refId"] = "Anno",
            ["datasource"] = Query.DataSource(),
            ["rawQuery"] = true,
            ["resultFormat"] = "table",
            ["query"] = $"SELECT \"title\", \"device\", \"rule\" FROM {Influx.Alarm} WHERE $timeFilter AND \"calls\" = 1 AND {condition}",
            ["textColumn"] = "title",
            ["tagsColumn"] = "device,rule",
            ["fromAnnotations"] = true,
        },
    };

    private static JsonObject Link() => new()
    {
        ["type"] = "dashboards",
        ["tags"] = new JsonArray("city"),
        ["title"] = "City · 城市",
        ["asDropdown"] = true,
        ["keepTime"] = true,
        ["includeVars"] = true,
        ["targetBlank"] = false,
        ["icon"] = "external link",
        ["tooltip"] = "",
        ["url"] = "",
    };
}
