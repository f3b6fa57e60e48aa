using System.Text.Json;

namespace Telemetry.Ingest.Store.Influx;

/// <summary>The rows of all series of one statement's answer.</summary>
internal static class InfluxRows
{
    public static IEnumerable<InfluxRow> Of(JsonDocument answer, int statement = 0)
    {
        if (!answer.RootElement.GetProperty("results")[statement].TryGetProperty("series", out var series))
            yield break;
        foreach (var each in series.EnumerateArray())
        {
            // An empty list of databases has columns and no values.
            if (!each.TryGetProperty("values", out var values))
                continue;
            var columns = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var column in each.GetProperty("columns").EnumerateArray())
                columns.Add(column.GetString()!, columns.Count);
            foreach (var row in values.EnumerateArray())
                yield return new InfluxRow(columns, row);
        }
    }
}

internal readonly record struct InfluxRow(Dictionary<string, int> Columns, JsonElement Values)
{
    /// <summary>Unix ms: the time without what tells points of one millisecond apart.</summary>
    public long Time => (long)Math.Floor(Values[0].GetInt64() / (decimal)1_000_000);

    public JsonElement this[string column] => Values[Columns[column]];

    public bool Has(string column) => this[column].ValueKind != JsonValueKind.Null;
}
