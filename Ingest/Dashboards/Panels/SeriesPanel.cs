using System.Text.Json.Nodes;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Panels;

/// <summary>Figures over time.</summary>
internal sealed record SeriesPanel(Title Title, string Description) : Panel(Title, Description)
{
    /// <summary>The display's steps as bands behind the lines.</summary>
    public bool Bands { get; init; }

    /// <summary>Dozens of lines have no legend that anybody reads.</summary>
    public bool HasLegend { get; init; } = true;

    /// <summary>Bars in place of lines: counts of a span.</summary>
    public bool Bars { get; init; }

    public bool Stacked { get; init; }

    /// <summary>A value stands until the next one.</summary>
    public bool Steps { get; init; }

    /// <summary>
    /// A longer silence, in ms, breaks the line where a query fills empty steps with null: so it does at every zoom. Null joins whatever
    /// there is.
    /// </summary>
    public long? Gap { get; init; }

    /// <summary>Spans of so long: <c>10m</c>.</summary>
    public string? Span { get; init; }

    protected override string Type => "timeseries";

    protected override string? Interval => Span;

    protected override JsonObject Custom() => new()
    {
        ["drawStyle"] = Bars ? "bars" : "line",
        ["lineInterpolation"] = Steps ? "stepAfter" : "linear",
        ["lineWidth"] = Bars ? 0 : 1,
        ["fillOpacity"] = Bars ? 70 : Stacked ? 25 : 0,
        ["showPoints"] = Bars ? "never" : "auto",
        ["pointSize"] = 4,
        ["spanNulls"] = Gap is { } gap ? gap : true,
        ["insertNulls"] = false,
        ["stacking"] = new JsonObject { ["mode"] = Stacked ? "normal" : "none", ["group"] = "A" },
        ["thresholdsStyle"] = new JsonObject { ["mode"] = Bands ? "dashed+area" : "off" },
    };

    protected override JsonObject Options() => new() { ["legend"] = Legend(HasLegend && (Queries.Count > 1 || Queries.Any(query => query.Alias.Contains('$', StringComparison.Ordinal)))), ["tooltip"] = Tooltip() };
}
