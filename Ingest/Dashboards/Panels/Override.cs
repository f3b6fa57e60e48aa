using System.Text.Json.Nodes;

namespace Telemetry.Ingest.Dashboards.Panels;

/// <summary>What one column, or the series of one query, shows otherwise than the panel's rest.</summary>
internal sealed record Override(string Matcher, string Of)
{
    private readonly JsonArray _properties = [];

    /// <param name="name">As shown, after renaming.</param>
    public static Override Column(string name) => new("byName", name);

    /// <param name="index">Position of the query in the panel.</param>
    public static Override Series(int index) => new("byFrameRefID", Query.RefId(index));

    public Override With(string id, JsonNode value)
    {
        _properties.Add(new JsonObject { ["id"] = id, ["value"] = value });
        return this;
    }

    public Override With(Display display)
    {
        With("unit", display.Unit);
        if (display.Decimals is { } decimals)
            With("decimals", decimals);
        With("thresholds", display.Thresholds());
        if (display.Values.Count > 0)
            With("mappings", display.Mappings());
        return this;
    }

    public Override Width(int pixels) => With("custom.width", pixels);

    /// <summary>The cell in the colour of its value.</summary>
    public Override Coloured() => With("custom.cellOptions", new JsonObject { ["type"] = "color-background", ["mode"] = "basic" });

    /// <summary>The text in the colour of its value.</summary>
    public Override ColouredText() => With("custom.cellOptions", new JsonObject { ["type"] = "color-text" });

    public Override Link(string title, string url) => With("links", new JsonArray(new JsonObject { ["title"] = title, ["url"] = url }));

    public JsonObject ToJson() => new()
    {
        ["matcher"] = new JsonObject { ["id"] = Matcher, ["options"] = Of },
        ["properties"] = _properties.DeepClone(),
    };
}
