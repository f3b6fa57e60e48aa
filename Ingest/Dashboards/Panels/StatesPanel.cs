using System.Text.Json.Nodes;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Panels;

/// <summary>States over time, a line each.</summary>
internal sealed record StatesPanel(Title Title, string Description) : Panel(Title, Description)
{
    protected override string Type => "state-timeline";

    protected override JsonObject Custom() => new() { ["fillOpacity"] = 85, ["lineWidth"] = 0, ["spanNulls"] = false, ["insertNulls"] = false };

    protected override JsonObject Options() => new()
    {
        ["showValue"] = "auto",
        ["rowHeight"] = 0.85,
        ["mergeValues"] = true,
        ["alignValue"] = "left",
        ["perPage"] = 20,
        ["legend"] = Legend(shown: false),
        ["tooltip"] = Tooltip(),
    };
}
