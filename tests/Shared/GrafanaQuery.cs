using System.Globalization;
using System.Text.RegularExpressions;

namespace Telemetry.Tests.Shared;

/// <summary>What a dashboard's variable stands at.</summary>
/// <param name="Values">Every value where it is All.</param>
/// <param name="IsMulti">It may hold several.</param>
internal sealed record GrafanaValue(IReadOnlyList<string> Values, bool IsMulti = false)
{
    /// <summary>The variable's own text for All, which Grafana takes as it is; null for the list of values.</summary>
    public string? AllText { get; init; }
}

/// <summary>
/// InfluxQL as it reaches InfluxDB: first the browser puts in the dashboard's variables, then the server four macros by plain replacement
/// (grafana/grafana pkg/tsdb/influxdb/models/query.go). Whatever is neither goes through as it stands, and is noted.
/// </summary>
/// <param name="from">Unix ms.</param>
/// <param name="to">Unix ms.</param>
internal sealed partial class GrafanaQuery(long from, long to, IReadOnlyDictionary<string, GrafanaValue> variables)
{
    private static readonly string[] Macros = ["timeFilter", "interval", "__interval", "__interval_ms"];

    // Longest span (exclusive, ms) that is still rounded to this interval: rangeutil.roundInterval.
    private static readonly (long Below, long Interval)[] Rounded =
    [
        (10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500), (1_500, 1_000), (3_500, 2_000), (7_500, 5_000), (12_500, 10_000), (17_500, 15_000), (25_000, 20_000),
        (45_000, 30_000), (90_000, 60_000), (210_000, 120_000), (450_000, 300_000), (750_000, 600_000), (1_050_000, 900_000), (1_500_000, 1_200_000), (2_700_000, 1_800_000),
        (5_400_000, 3_600_000), (9_000_000, 7_200_000), (16_200_000, 10_800_000), (32_400_000, 21_600_000), (86_400_000, 43_200_000), (604_800_000, 86_400_000),
        (1_814_400_000, 604_800_000), (3_628_800_000, 2_592_000_000), (long.MaxValue, 31_536_000_000),
    ];

    private static readonly (long Milliseconds, string Letter)[] Units =
        [(31_536_000_000, "y"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];

    private readonly SortedSet<string> _undefined = new(StringComparer.Ordinal);

    /// <summary>Names that nothing stood for, as they were written.</summary>
    public IReadOnlyCollection<string> Undefined => _undefined;

    /// <param name="points">The panel's width in points, or what it says itself.</param>
    /// <param name="least">The panel's own least interval, else the data source's, such as <c>10s</c>; null for none.</param>
    public string Expand(string query, int points, string? least)
    {
        var interval = Interval(points, least);
        return Variables(query)
            .Replace("$timeFilter", string.Create(CultureInfo.InvariantCulture, $"time >= {from}ms and time <= {to}ms"), StringComparison.Ordinal)
            .Replace("$interval", Text(interval), StringComparison.Ordinal)
            .Replace("$__interval_ms", interval.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("$__interval", Text(interval), StringComparison.Ordinal);
    }

    /// <summary>The browser's part alone: in titles, aliases and links.</summary>
    public string Variables(string text) => Reference().Replace(text, match =>
    {
        var name = match.Groups["name"].Value;
        if (Macros.Contains(name) && match.Value == "$" + name)
            return match.Value;
        if (name is "__from" or "__to")
            return (name == "__from" ? from : to).ToString(CultureInfo.InvariantCulture);
        if (variables.TryGetValue(name, out var value))
            return Formatted(value, match.Groups["format"].Value);
        _undefined.Add(match.Value);
        return match.Value;
    });

    /// <summary>Milliseconds of <c>10s</c>, <c>1m</c>, <c>&gt;1h</c>.</summary>
    public static long Milliseconds(string duration)
    {
        var match = Duration().Match(duration);
        if (!match.Success)
            throw new ArgumentException($"{duration}: expected a number and y, d, h, m, s or ms", nameof(duration));
        return long.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) * Units.Single(unit => unit.Letter == match.Groups["unit"].Value).Milliseconds;
    }

    private long Interval(int points, string? least)
    {
        var span = (double)(to - from) / points;
        var rounded = Rounded.First(step => span < step.Below).Interval;
        return Math.Max(rounded, least is null ? 1 : Milliseconds(least));
    }

    private static string Text(long milliseconds)
    {
        var (length, letter) = Units.First(unit => milliseconds >= unit.Milliseconds);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / length}{letter}");
    }

    private static string Formatted(GrafanaValue value, string format)
    {
        if (value.AllText is { } all)
            return all;
        return format switch
        {
            "regex" => AsRegex(value.Values),
            // What the InfluxQL editor does by itself: Datasource.interpolateQueryExpr.
            "" => value.IsMulti ? AsRegex(value.Values) : value.Values[0],
            "raw" or "text" => string.Join(',', value.Values),
            "csv" => string.Join(',', value.Values),
            "pipe" => string.Join('|', value.Values),
            _ => throw new NotSupportedException($"format {format} is not known here"),
        };
    }

    private static string AsRegex(IReadOnlyList<string> values) =>
        values.Count == 1 ? Escaped(values[0]) : $"({string.Join('|', values.Select(Escaped))})";

    private static string Escaped(string value) => Special().Replace(value, @"\$&");

    [GeneratedRegex(@"\$(?<name>\w+)|\[\[(?<name>\w+?)(?::(?<format>\w+))?\]\]|\$\{(?<name>\w+)(?:\.[^:}]+)?(?::(?<format>[^}]+))?\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"[\\^$*+?.()|[\]{}/]")]
    private static partial Regex Special();

    [GeneratedRegex(@"^>?(?<count>\d+)(?<unit>y|d|h|m|s|ms)$")]
    private static partial Regex Duration();
}
