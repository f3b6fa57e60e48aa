using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>What Grafana would accept, and show wrongly or not at all.</summary>
internal static partial class DashboardLint
{
    private const int LongestUid = 40;
    private const int Columns = 24;
    private static readonly TimeSpan ShortestRefresh = TimeSpan.FromSeconds(10);

    private static readonly HashSet<string> Units = [.. ReadUnits()];

    /// <param name="all">The whole set: uids and links are judged by it.</param>
    /// <param name="dataSources">The uids of provisioning.</param>
    public static IEnumerable<string> Problems(IReadOnlyList<Dashboard> all, IReadOnlyCollection<string> dataSources) =>
    [
        .. all.GroupBy(dashboard => dashboard.Uid).Where(same => same.Count() > 1).Select(same => $"uid {same.Key} stands in {string.Join(" and ", same.Select(dashboard => dashboard.File))}"),
        .. from dashboard in all
           from problem in Head(dashboard).Concat(Grid(dashboard)).Concat(Panels(dashboard)).Concat(DashboardReferences.Problems(dashboard, all, dataSources))
           select $"{dashboard.File}: {problem}",
    ];

    private static IEnumerable<string> Head(Dashboard dashboard)
    {
        var root = dashboard.Root;
        if (!Uid().IsMatch(dashboard.Uid))
            yield return $"uid \"{dashboard.Uid}\": 1 to {LongestUid} of A-Z a-z 0-9 - _";
        if (Text(root, "id") is { Length: > 0 })
            yield return "id: null or absent; the database gives it";
        if (Text(root, "editable") != bool.FalseString)
            yield return "editable: false; what is changed in the browser is lost with the next file";
        if (Text(root, "timezone") is null or "" or "browser" or "utc")
            yield return $"timezone \"{Text(root, "timezone")}\": the city's, so that every screen shows the same hour";
        if (!TryRefresh(Text(root, "refresh"), out var refresh) || refresh < ShortestRefresh)
            yield return $"refresh \"{Text(root, "refresh")}\": {ShortestRefresh.TotalSeconds} s or more; the figures come no faster";
        if (Text(root, "time", "from")?.StartsWith("now-", StringComparison.Ordinal) != true || Text(root, "time", "to") != "now")
            yield return "time: from now-… to now";
        if (!IsBilingual(Text(root, "title")))
            yield return $"title \"{Text(root, "title")}\": English · 中文";
        if (string.IsNullOrWhiteSpace(Text(root, "description")))
            yield return "description: for whom it is";
        foreach (var input in Input().Matches(root.GetRawText()).Select(match => match.Value).Distinct())
            yield return $"{input}: provisioning puts nothing in its place";
    }

    private static IEnumerable<string> Grid(Dashboard dashboard)
    {
        foreach (var id in dashboard.Panels.GroupBy(panel => Text(panel, "id")).Where(same => same.Count() > 1 || same.Key is null).Select(same => same.Key))
            yield return $"panel id {id} stands there twice or not at all";
        // What lies in a collapsed row is laid out when the row opens.
        var taken = new Dictionary<(int Column, int Row), string>();
        foreach (var panel in List(dashboard.Root, "panels"))
        {
            var (x, y, w, h) = (Cell(panel, "x"), Cell(panel, "y"), Cell(panel, "w"), Cell(panel, "h"));
            var name = dashboard.Name(panel);
            if (x < 0 || y < 0 || w < 1 || h < 1 || x + w > Columns)
            {
                yield return $"{name}: lies at {x},{y} and is {w} × {h}; the screen is {Columns} wide";
                continue;
            }
            foreach (var other in (from column in Enumerable.Range(x, w) from row in Enumerable.Range(y, h) where !taken.TryAdd((column, row), name) select taken[(column, row)]).Distinct())
                yield return $"{name}: lies over {other}";
        }
    }

    private static IEnumerable<string> Panels(Dashboard dashboard)
    {
        foreach (var panel in dashboard.Panels)
        {
            var name = dashboard.Name(panel);
            var isContent = Text(panel, "type") != "row";
            if (Text(panel, "type") != "text" && !IsBilingual(Text(panel, "title")))
                yield return $"{name}: its title is not English · 中文";
            if (isContent && string.IsNullOrWhiteSpace(Text(panel, "description")))
                yield return $"{name}: has no description";
            if (isContent && Text(panel, "type") != "text" && !List(panel, "targets").Any())
                yield return $"{name}: asks nothing";
            foreach (var refId in List(panel, "targets").GroupBy(target => Text(target, "refId")).Where(same => same.Count() > 1).Select(same => same.Key))
                yield return $"{name}: two queries {refId}";
            foreach (var unit in UnitsOf(panel).Where(unit => !IsUnit(unit)))
                yield return $"{name}: unit \"{unit}\" is none of Grafana's; suffix:{unit} would show it as it is";
            foreach (var steps in StepsOf(panel))
            {
                if (steps.Count == 0 || steps[0] is not null || steps.Skip(1).Any(step => step is null) || !steps.Skip(1).SequenceEqual(steps.Skip(1).Order()))
                    yield return $"{name}: thresholds [{string.Join(", ", steps.Select(step => step?.ToString(CultureInfo.InvariantCulture) ?? "null"))}]: the first has value null, the others ascend";
            }
        }
    }

    private static IEnumerable<string> UnitsOf(JsonElement panel)
    {
        if (!panel.TryGetProperty("fieldConfig", out var config))
            return [];
        return new[] { Text(config, "defaults", "unit") }.Concat(Properties(config, "unit").Select(value => value.ToString())).Where(unit => !string.IsNullOrEmpty(unit)).Select(unit => unit!);
    }

    private static IEnumerable<List<double?>> StepsOf(JsonElement panel)
    {
        if (!panel.TryGetProperty("fieldConfig", out var config))
            return [];
        var thresholds = config.GetProperty("defaults").TryGetProperty("thresholds", out var defaults) ? Properties(config, "thresholds").Append(defaults) : Properties(config, "thresholds");
        return thresholds.Select(each => List(each, "steps").Select(step => step.GetProperty("value") is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : (double?)null).ToList());
    }

    private static IEnumerable<JsonElement> Properties(JsonElement config, string id) =>
        List(config, "overrides").SelectMany(each => List(each, "properties")).Where(property => Text(property, "id") == id).Select(property => property.GetProperty("value"));

    private static bool IsUnit(string unit) => Units.Contains(unit) || unit.StartsWith("suffix:", StringComparison.Ordinal) || unit.StartsWith("prefix:", StringComparison.Ordinal) || unit.StartsWith("time:", StringComparison.Ordinal);

    private static bool IsBilingual(string? title) => title is not null && Bilingual().IsMatch(title);

    private static bool TryRefresh(string? text, out TimeSpan refresh)
    {
        refresh = default;
        if (text is null || !RefreshForm().IsMatch(text))
            return false;
        refresh = TimeSpan.FromMilliseconds(GrafanaQuery.Milliseconds(text));
        return true;
    }

    private static int Cell(JsonElement panel, string name) => int.TryParse(Text(panel, "gridPos", name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var cell) ? cell : -1;

    private static string[] ReadUnits()
    {
        using var reader = new StreamReader(typeof(DashboardLint).Assembly.GetManifestResourceStream("grafana/units.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,40}$")]
    private static partial Regex Uid();

    [GeneratedRegex(@"^\P{IsCJKUnifiedIdeographs}+ · .*\p{IsCJKUnifiedIdeographs}|^\$\w+$|^\$\{\w+\}$")]
    private static partial Regex Bilingual();

    [GeneratedRegex(@"\$\{DS_\w+\}|__inputs")]
    private static partial Regex Input();

    [GeneratedRegex(@"^\d+[smh]$")]
    private static partial Regex RefreshForm();
}
