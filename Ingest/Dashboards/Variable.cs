using System.Text.Json.Nodes;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards;

/// <summary>A choice at the head of a dashboard: the values of a tag.</summary>
/// <param name="Name">Of the tag too.</param>
/// <param name="Measurement">Where the tag stands, with its policy.</param>
/// <param name="Within">A condition on other variables; empty for none.</param>
internal sealed record Variable(string Name, Title Label, string Measurement, string Within)
{
    /// <summary>Several or all may be chosen; all at first.</summary>
    public bool Many { get; init; }

    public JsonObject ToJson()
    {
        var query = $"SHOW TAG VALUES FROM {Measurement} WITH KEY = \"{Name}\"{(Within.Length > 0 ? $" WHERE {Within}" : "")}";
        var json = new JsonObject
        {
            ["name"] = Name,
            ["label"] = Label.Text(),
            ["type"] = "query",
            ["datasource"] = Query.DataSource(),
            ["query"] = query,
            ["definition"] = query,
            // At the dashboard's load; a new device appears with the next one.
            ["refresh"] = 1,
            ["sort"] = 1,
            ["hide"] = 0,
            ["multi"] = Many,
            ["includeAll"] = Many,
        };
        if (Many)
        {
            // Also what has no such tag: a device without a street.
            json["allValue"] = ".*";
            json["current"] = new JsonObject { ["text"] = "All", ["value"] = "$__all" };
        }
        return json;
    }
}
