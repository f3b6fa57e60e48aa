using System.Text.Json.Nodes;

namespace Telemetry.Ingest.Dashboards;

/// <summary>One InfluxQL statement of a panel.</summary>
/// <param name="Alias">The name of its series: plain text with <c>$tag_device</c> and its like.</param>
internal sealed record Query(string Text, string Alias = "")
{
    /// <summary>By position: <c>A</c> to <c>Z</c>, then <c>A1</c> and on.</summary>
    public static string RefId(int index) => index < 26 ? $"{(char)('A' + index)}" : $"{(char)('A' + (index % 26))}{index / 26}";

    public JsonObject ToJson(int index, bool asTable)
    {
        var json = new JsonObject
        {
            ["refId"] = RefId(index),
            ["datasource"] = DataSource(),
            ["rawQuery"] = true,
            ["resultFormat"] = asTable ? "table" : "time_series",
            ["query"] = Text,
        };
        if (Alias.Length > 0 && !asTable)
            json["alias"] = Alias;
        return json;
    }

    public static JsonObject DataSource() => new() { ["type"] = "influxdb", ["uid"] = Influx.DataSource };
}
