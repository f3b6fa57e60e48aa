using System.Text.Json;
using System.Text.RegularExpressions;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>What a dashboard names beyond itself, and its variables: data sources, other dashboards.</summary>
internal static partial class DashboardReferences
{
    // Replaced in the browser, without a variable of the dashboard.
    private static readonly string[] BuiltIn =
        ["__all_variables", "__data", "__dashboard", "__field", "__from", "__interval", "__interval_ms", "__name", "__org", "__series", "__to", "__url_time_range", "__user", "__value", "interval", "timeFilter"];

    private static readonly string[] AliasWords = ["m", "measurement", "col"];

    public static IEnumerable<string> Problems(Dashboard dashboard, IReadOnlyList<Dashboard> all, IReadOnlyCollection<string> dataSources) =>
        Sources(dashboard, dataSources).Concat(Names(dashboard)).Concat(Links(dashboard, all));

    private static IEnumerable<string> Sources(Dashboard dashboard, IReadOnlyCollection<string> known)
    {
        var parts = dashboard.Panels.Where(panel => Text(panel, "type") is not ("row" or "text")).SelectMany(panel => List(panel, "targets").Append(panel).Select(part => (Name: dashboard.Name(panel), Part: part)))
            .Concat(dashboard.Variables.Where(variable => Text(variable, "type") == "query").Select(variable => (Name: $"variable {Text(variable, "name")}", Part: variable)))
            .Concat(dashboard.Annotations.Where(annotation => Text(annotation, "builtIn") != "1").Select(annotation => (Name: $"annotation {Text(annotation, "name")}", Part: annotation)));
        return parts.Where(part => !known.Contains(Text(part.Part, "datasource", "uid"))).Select(part => $"{part.Name}: there is no data source \"{Text(part.Part, "datasource", "uid")}\"").Distinct();
    }

    /// <summary>Every variable that is named is defined, before it is used by another, and escaped where it stands in a regular expression.</summary>
    private static IEnumerable<string> Names(Dashboard dashboard)
    {
        var defined = new HashSet<string>(BuiltIn, StringComparer.Ordinal);
        foreach (var variable in dashboard.Variables)
        {
            foreach (var name in NamesIn(Text(variable, "query") ?? "").Where(name => !defined.Contains(name)))
                yield return $"variable {Text(variable, "name")}: nothing before it is called {name}";
            defined.Add(Text(variable, "name")!);
        }
        foreach (var panel in dashboard.Panels)
        {
            var own = defined.Concat(List(panel, "targets").SelectMany(target => AliasNames(Text(target, "alias") ?? ""))).ToHashSet();
            foreach (var name in NamesIn(panel.GetRawText()).Where(name => !own.Contains(name)).Distinct())
                yield return $"{dashboard.Name(panel)}: nothing is called ${name}";
        }
        foreach (var name in dashboard.Annotations.SelectMany(annotation => NamesIn(annotation.GetRawText())).Where(name => !defined.Contains(name)).Distinct())
            yield return $"annotation: nothing is called ${name}";
        foreach (var bare in BareInRegex().Matches(JsonText(dashboard)).Select(match => match.Groups["name"].Value).Where(name => !BuiltIn.Contains(name)).Distinct())
            yield return $"${bare} in a regular expression: ${{{bare}:regex}} escapes what is in it";
    }

    private static IEnumerable<string> Links(Dashboard dashboard, IReadOnlyList<Dashboard> all)
    {
        foreach (var url in DashboardUrl().Matches(JsonText(dashboard)).DistinctBy(match => match.Value))
        {
            if (all.FirstOrDefault(other => other.Uid == url.Groups["uid"].Value) is not { } target)
            {
                // The uid itself may be put in from a variable or a field.
                if (!url.Groups["uid"].Value.Contains('$', StringComparison.Ordinal))
                    yield return $"{url.Value}: there is no dashboard {url.Groups["uid"].Value}";
                continue;
            }
            foreach (var name in UrlVariable().Matches(url.Value).Select(match => match.Groups["name"].Value).Where(name => !target.Variables.Any(variable => Text(variable, "name") == name)))
                yield return $"{url.Value}: {target.Uid} has no variable {name}";
        }
    }

    private static IEnumerable<string> NamesIn(string text) => VariableName().Matches(text).Select(match => match.Groups["name"].Value);

    private static IEnumerable<string> AliasNames(string alias) => NamesIn(alias).Where(name => name.StartsWith("tag_", StringComparison.Ordinal) || AliasWords.Contains(name));

    /// <summary>With its strings as they are read, not as they are escaped.</summary>
    private static string JsonText(Dashboard dashboard) => string.Join('\n', Strings(dashboard.Root));

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Strings(property.Value)),
        _ => [],
    };

    [GeneratedRegex(@"\$\{?(?<name>[A-Za-z_]\w*)")]
    private static partial Regex VariableName();

    [GeneratedRegex(@"/\^?\(?\$\{?(?<name>[A-Za-z_]\w*)(?!\w)(?!:regex)[^/]*/")]
    private static partial Regex BareInRegex();

    [GeneratedRegex(@"/d/(?<uid>[^/?\s]+)\S*")]
    private static partial Regex DashboardUrl();

    [GeneratedRegex(@"[?&]var-(?<name>\w+)=")]
    private static partial Regex UrlVariable();
}
