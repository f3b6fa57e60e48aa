using System.Text.Json.Nodes;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Panels;

/// <summary>
/// Points by <c>latitude</c> and <c>longitude</c>: the first query's in grey, the second's above them in the colour of <c>worst</c>.
/// Its ground is a file of Grafana's own, so that it needs no internet.
/// </summary>
internal sealed record MapPanel(Title Title, string Description) : Panel(Title, Description)
{
    private const string Calm = "Calm · 正常";

    protected override string Type => "geomap";

    protected override bool AsTable => true;

    protected override JsonObject Options() => new()
    {
        // To the grey points alone: among all layers Grafana counts the ground, which is the world.
        ["view"] = new JsonObject { ["id"] = "fit", ["allLayers"] = false, ["layer"] = Calm, ["lat"] = 0, ["lon"] = 0, ["zoom"] = 15, ["padding"] = 10 },
        ["controls"] = new JsonObject { ["showZoom"] = true, ["mouseWheelZoom"] = true, ["showAttribution"] = false, ["showScale"] = true, ["showMeasure"] = false, ["showDebug"] = false },
        ["basemap"] = new JsonObject
        {
            ["type"] = "geojson",
            ["name"] = "Ground",
            ["config"] = new JsonObject
            {
                ["src"] = "public/maps/countries.geojson",
                ["rules"] = new JsonArray(),
                ["style"] = new JsonObject { ["color"] = new JsonObject { ["fixed"] = "#1d2126" }, ["opacity"] = 1, ["lineWidth"] = 1 },
            },
        },
        ["tooltip"] = new JsonObject { ["mode"] = "details" },
        ["layers"] = new JsonArray(Markers(Calm, 0, new JsonObject { ["fixed"] = 4, ["min"] = 2, ["max"] = 4 }, new JsonObject { ["fixed"] = "#57606a" }), Markers("Abnormal · 异常", 1, new JsonObject { ["fixed"] = 9, ["min"] = 2, ["max"] = 15 }, new JsonObject { ["field"] = "worst", ["fixed"] = Colours.Calm })),
    };

    private static JsonObject Markers(string name, int query, JsonObject size, JsonObject colour) => new()
    {
        ["type"] = "markers",
        ["name"] = name,
        ["filterData"] = new JsonObject { ["id"] = "byRefId", ["options"] = Query.RefId(query) },
        ["location"] = new JsonObject { ["mode"] = "coords", ["latitude"] = "latitude", ["longitude"] = "longitude" },
        ["tooltip"] = true,
        ["config"] = new JsonObject
        {
            ["showLegend"] = false,
            ["style"] = new JsonObject
            {
                ["size"] = size,
                ["color"] = colour,
                ["opacity"] = 0.9,
                ["symbol"] = new JsonObject { ["mode"] = "fixed", ["fixed"] = "img/icons/marker/circle.svg" },
            },
        },
    };
}
