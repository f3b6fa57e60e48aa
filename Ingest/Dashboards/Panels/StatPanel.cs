using System.Text.Json.Nodes;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Panels;

/// <summary>Figures in large type.</summary>
internal sealed record StatPanel(Title Title, string Description) : Panel(Title, Description)
{
    /// <summary>The name of each series beside its figure.</summary>
    public bool Named { get; init; }

    /// <summary>The whole tile takes the colour: seen across a room.</summary>
    public bool Filled { get; init; }

    /// <summary>The figure's course beneath it.</summary>
    public bool Graph { get; init; }

    /// <summary>A regular expression for names of series, and what stands in their place.</summary>
    public (string From, string To)? Renamed { get; init; }

    protected override string Type => "stat";

    protected override JsonArray Transformations() => Renamed is not { } names ? [] :
        [new JsonObject { ["id"] = "renameByRegex", ["options"] = new JsonObject { ["regex"] = names.From, ["renamePattern"] = names.To } }];

    protected override JsonObject Options() => new()
    {
        ["reduceOptions"] = new JsonObject { ["calcs"] = new JsonArray("lastNotNull"), ["values"] = false, ["fields"] = "" },
        ["colorMode"] = Filled ? "background_solid" : "value",
        ["graphMode"] = Graph ? "area" : "none",
        ["textMode"] = Named ? "value_and_name" : "value",
        ["justifyMode"] = "center",
        ["orientation"] = "auto",
        ["wideLayout"] = false,
        ["showPercentChange"] = false,
    };
}
