using System.Text.Json;
using System.Text.RegularExpressions;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>
/// What one query's answer looks like to a panel (grafana/grafana pkg/tsdb/influxdb/influxql/buffered/response_parser.go): as a table one frame of
/// time, tags and columns; as a time series one frame a series and column, named by its alias.
/// </summary>
/// <param name="Fields">Names as a panel shows them.</param>
/// <param name="Labels">Tags of a time series' value.</param>
/// <param name="HasValues">Some cell holds something.</param>
internal sealed partial record Frame(IReadOnlyList<string> Fields, IReadOnlyCollection<string> Labels, bool HasValues)
{
    public static IEnumerable<Frame> Of(JsonElement result, string format, string? alias)
    {
        var series = result.TryGetProperty("series", out var list) ? list.EnumerateArray().Select(Series.Of).ToList() : [];
        if (format == "table")
            return series.Count == 0 ? [] : [new(["Time", .. series[0].Tags.Keys, .. series[0].Columns], [], series.Any(each => each.HasValues(null)))];
        return series.SelectMany(each => each.Columns.Select((column, index) => new Frame(["Time", each.NameOf(column, alias)], each.Tags.Keys, each.HasValues(index))));
    }

    private sealed record Series(string Measurement, SortedDictionary<string, string> Tags, IReadOnlyList<string> Columns, JsonElement Rows)
    {
        public static Series Of(JsonElement series)
        {
            var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
            if (series.TryGetProperty("tags", out var map))
            {
                foreach (var tag in map.EnumerateObject())
                    tags[tag.Name] = tag.Value.GetString()!;
            }
            return new(
                series.TryGetProperty("name", out var name) ? name.GetString()! : "",
                tags,
                [.. series.GetProperty("columns").EnumerateArray().Skip(1).Select(column => column.GetString()!)],
                series.GetProperty("values"));
        }

        /// <param name="column">From 0, beside the time; null for any.</param>
        public bool HasValues(int? column) => Rows.EnumerateArray().Any(row => row.EnumerateArray().Skip(1).Where((_, index) => column is null || index == column).Any(cell => cell.ValueKind != JsonValueKind.Null));

        public string NameOf(string column, string? alias)
        {
            if (string.IsNullOrEmpty(alias))
                return Tags.Count == 0 ? $"{Measurement}.{column}" : $"{Measurement}.{column} {{ {string.Join(", ", Tags.Select(tag => $"{tag.Key}: {tag.Value}"))} }}";
            return AliasPart().Replace(alias, match => match.Groups["name"].Value switch
            {
                "m" or "measurement" => Measurement,
                "col" => column,
                var name when name.StartsWith("tag_", StringComparison.Ordinal) && Tags.TryGetValue(name[4..], out var tag) => tag,
                // Grafana leaves it as it is.
                _ => match.Value,
            });
        }
    }

    [GeneratedRegex(@"\$\s*(?<name>[@/\w-]+)|\[\[(?<name>[^\]]+)\]\]")]
    private static partial Regex AliasPart();
}
