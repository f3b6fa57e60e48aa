using System.Text.Json.Nodes;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Panels;

/// <summary>One panel of a dashboard; a kind of panel adds its options.</summary>
/// <param name="Description">For whoever hovers over the title: what it shows, and what to make of it.</param>
internal abstract record Panel(Title Title, string Description)
{
    public IReadOnlyList<Query> Queries { get; init; } = [];

    public Display Display { get; init; } = new();

    public IReadOnlyList<Override> Overrides { get; init; } = [];

    protected virtual IEnumerable<Override> AllOverrides => Overrides;

    protected abstract string Type { get; }

    /// <summary>Its queries answer in rows, not in series over time.</summary>
    protected virtual bool AsTable => false;

    protected abstract JsonObject Options();

    protected virtual JsonObject Custom() => [];

    protected virtual JsonArray Transformations() => [];

    /// <summary>No shorter steps than this; null for the data source's.</summary>
    protected virtual string? Interval => null;

    public JsonObject ToJson(int id, int x, int y, int width, int height)
    {
        var json = new JsonObject
        {
            ["id"] = id,
            ["type"] = Type,
            ["title"] = Title.Text(),
            ["description"] = Description,
            ["datasource"] = Query.DataSource(),
            ["gridPos"] = new JsonObject { ["x"] = x, ["y"] = y, ["w"] = width, ["h"] = height },
            ["targets"] = new JsonArray([.. Queries.Select((query, index) => query.ToJson(index, AsTable))]),
            ["fieldConfig"] = new JsonObject
            {
                ["defaults"] = Display.ToJson(Custom()),
                ["overrides"] = new JsonArray([.. AllOverrides.Select(each => each.ToJson())]),
            },
            ["options"] = Options(),
        };
        if (Transformations() is { Count: > 0 } transformations)
            json["transformations"] = transformations;
        if (Interval is { } interval)
            json["interval"] = interval;
        return json;
    }

    protected static JsonObject Legend(bool shown, params string[] calcs) => new()
    {
        ["showLegend"] = shown,
        ["displayMode"] = "list",
        ["placement"] = "bottom",
        ["calcs"] = new JsonArray([.. calcs.Select(calc => JsonValue.Create(calc))]),
    };

    protected static JsonObject Tooltip() => new() { ["mode"] = "multi", ["sort"] = "desc" };
}
