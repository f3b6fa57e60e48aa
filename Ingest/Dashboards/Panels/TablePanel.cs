using System.Text.Json.Nodes;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards.Panels;

/// <param name="Name">In the query's answer.</param>
/// <param name="Title">As shown.</param>
internal sealed record Column(string Name, string Title);

/// <summary>Rows. What the columns don't name, the time first of all, is left out.</summary>
internal sealed record TablePanel(Title Title, string Description) : Panel(Title, Description)
{
    /// <summary>From left to right.</summary>
    public required IReadOnlyList<Column> Columns { get; init; }

    /// <summary>Names in the query's answer that only links need.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>Names in the query's answer, the least important first; a minus sorts downwards.</summary>
    public IReadOnlyList<string> SortedBy { get; init; } = [];

    /// <summary>Rows that are read from afar.</summary>
    public bool Large { get; init; }

    protected override string Type => "table";

    protected override bool AsTable => true;

    protected override JsonObject Custom() => new() { ["align"] = "auto", ["filterable"] = false, ["cellOptions"] = new JsonObject { ["type"] = "auto" } };

    protected override JsonObject Options() => new()
    {
        ["showHeader"] = true,
        ["cellHeight"] = Large ? "lg" : "sm",
        ["sortBy"] = new JsonArray(),
    };

    protected override JsonArray Transformations()
    {
        // One after the other: each sort keeps the order of what is equal.
        var all = new JsonArray([.. SortedBy.Select(name => new JsonObject
        {
            ["id"] = "sortBy",
            ["options"] = new JsonObject { ["fields"] = new JsonObject(), ["sort"] = new JsonArray(new JsonObject { ["field"] = name.TrimStart('-'), ["desc"] = name.StartsWith('-') }) },
        })]);
        var (order, names) = (new JsonObject(), new JsonObject());
        foreach (var (column, index) in Columns.Select((column, index) => (column, index)))
        {
            order[column.Name] = index;
            names[column.Name] = column.Title;
        }
        all.Add(new JsonObject
        {
            ["id"] = "organize",
            ["options"] = new JsonObject { ["excludeByName"] = Columns.Any(column => column.Name == "Time") ? [] : new JsonObject { ["Time"] = true }, ["indexByName"] = order, ["renameByName"] = names },
        });
        return all;
    }

    /// <summary>Of the columns that there are: tables share them. A link reads a hidden column all the same. The first name is the present one, the second that of Grafana before 12.2.</summary>
    protected override IEnumerable<Override> AllOverrides => Overrides.Where(each => Columns.Any(column => column.Title == each.Of)).Concat(Hidden.Select(name => Override.Column(name).With("custom.hideFrom.viz", true).With("custom.hidden", true)));
}
