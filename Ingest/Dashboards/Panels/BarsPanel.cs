using System.Text.Json.Nodes;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Panels;

/// <summary>One bar for each row of the answer, in its order, coloured by the display's steps.</summary>
/// <param name="Label">The column that names the bars.</param>
internal sealed record BarsPanel(Title Title, string Description, string Label) : Panel(Title, Description)
{
    protected override string Type => "barchart";

    protected override bool AsTable => true;

    // "scheme" is what gives each bar the colour of its own value.
    protected override JsonObject Custom() => new() { ["fillOpacity"] = 80, ["lineWidth"] = 0, ["gradientMode"] = "scheme", ["thresholdsStyle"] = new JsonObject { ["mode"] = "dashed" }, ["axisSoftMin"] = 0 };

    protected override JsonObject Options() => new()
    {
        ["xField"] = Label,
        ["orientation"] = "vertical",
        ["barWidth"] = 0.8,
        ["groupWidth"] = 0.8,
        ["showValue"] = "auto",
        ["stacking"] = "none",
        ["fullHighlight"] = false,
        ["xTickLabelRotation"] = -45,
        ["legend"] = Legend(shown: false),
        ["tooltip"] = Tooltip(),
    };

    protected override JsonArray Transformations() =>
        [new JsonObject { ["id"] = "organize", ["options"] = new JsonObject { ["excludeByName"] = new JsonObject { ["Time"] = true }, ["indexByName"] = new JsonObject(), ["renameByName"] = new JsonObject() } }];
}
