using System.Text.Json;
using System.Text.RegularExpressions;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>
/// Asks everything that a dashboard asks when somebody opens it: its variables one after another, each from the answers before, then the
/// queries of annotations and panels.
/// </summary>
/// <param name="ask">A query's one result; throws <see cref="InvalidOperationException"/> where the database refuses it.</param>
/// <param name="now">Unix ms.</param>
internal sealed class DashboardRun(Dashboard dashboard, Func<string, Task<JsonElement>> ask, long now, IReadOnlyDictionary<string, string> chosen)
{
    // A wall's screen; Grafana gives a panel a point for each of its pixels.
    private const int ScreenWidth = 1920;
    private const int Columns = 24;
    // The data source's, of provisioning.
    private const string LeastInterval = "10s";

    private readonly Dictionary<string, GrafanaValue> _variables = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly List<(string What, string Query)> _empty = [];
    private readonly List<Answer> _answers = [];

    /// <summary>What a panel's query was answered with.</summary>
    public sealed record Answer(int Panel, string RefId, string Format, string Alias, JsonElement Result);

    /// <summary>Everything that is wrong but emptiness.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What found nothing: <c>panel 7 A</c>, <c>variable device</c>, <c>annotation Alarms</c>; and its query as it was asked.</summary>
    public IReadOnlyList<(string What, string Query)> Empty => _empty;

    /// <summary>Of panels, in order.</summary>
    public IReadOnlyList<Answer> Answers => _answers;

    public IReadOnlyDictionary<string, GrafanaValue> Variables => _variables;

    /// <summary>Unix ms: the begin of the dashboard's own time range.</summary>
    public long From => now - GrafanaQuery.Milliseconds(Text(dashboard.Root, "time", "from")!["now-".Length..]);

    public async Task RunAsync()
    {
        foreach (var variable in dashboard.Variables)
            await SetAsync(variable);
        foreach (var annotation in dashboard.Annotations.Where(each => Text(each, "builtIn") != "1"))
            await MarkAsync(annotation);
        foreach (var panel in dashboard.Panels.Where(panel => List(panel, "targets").Any()))
        {
            if (Text(panel, "repeat") is { } repeated && _variables.TryGetValue(repeated, out var values))
            {
                foreach (var value in values.Values)
                    await RunAsync(panel, new KeyValuePair<string, GrafanaValue>(repeated, new([value])));
            }
            else
            {
                await RunAsync(panel, null);
            }
        }
    }

    private async Task MarkAsync(JsonElement annotation)
    {
        var what = $"annotation {Text(annotation, "name")}";
        if (await AskAsync(what, Text(annotation, "target", "query")!, Query(null), ScreenWidth, null) is not { } result || _empty.Any(empty => empty.What == what))
            return;
        var fields = Frame.Of(result, "table", null).SelectMany(frame => frame.Fields).ToHashSet();
        string?[] named = [Text(annotation, "target", "textColumn"), Text(annotation, "target", "timeEndColumn"), .. (Text(annotation, "target", "tagsColumn") ?? "").Split(',', StringSplitOptions.TrimEntries)];
        _problems.AddRange(named.Where(name => !string.IsNullOrEmpty(name) && !fields.Contains(name)).Select(name => $"{dashboard.Uid} {what}: there is no field \"{name}\"; there are {string.Join(", ", fields)}"));
    }

    private async Task RunAsync(JsonElement panel, KeyValuePair<string, GrafanaValue>? repeated)
    {
        var frames = new List<Frame>();
        var isEmpty = false;
        foreach (var target in List(panel, "targets").Where(target => Text(target, "hide") != "True"))
        {
            var query = Query(panel, repeated);
            var what = $"panel {Text(panel, "id")} {Text(target, "refId")}";
            var points = int.TryParse(Text(panel, "maxDataPoints"), out var said) ? said : ScreenWidth * panel.GetProperty("gridPos").GetProperty("w").GetInt32() / Columns;
            // What is left of it is the server's, not the browser's.
            var alias = Query(panel, repeated).Variables(Text(target, "alias") ?? "");
            if (await AskAsync(what, Text(target, "query")!, query, points, Text(panel, "interval")) is not { } result)
            {
                isEmpty = true;
                continue;
            }
            var format = Text(target, "resultFormat") ?? "time_series";
            _answers.Add(new(panel.GetProperty("id").GetInt32(), Text(target, "refId")!, format, alias, result));
            var found = Frame.Of(result, format, alias).ToList();
            frames.AddRange(found);
            isEmpty |= !found.Any(frame => frame.HasValues);
            foreach (var field in found.SelectMany(frame => frame.Fields).Where(field => format != "table" && field.Contains("$tag_", StringComparison.Ordinal)).Distinct())
                _problems.Add($"{what}: alias {field}: the query does not group by that tag");
        }
        // An answer without rows has no columns either.
        if (!isEmpty)
            _problems.AddRange(PanelFields.Problems(panel, frames).Select(problem => $"{dashboard.Name(panel)}: {problem}"));
    }

    private async Task SetAsync(JsonElement variable)
    {
        var name = Text(variable, "name")!;
        var values = Text(variable, "type") switch
        {
            "query" => await ValuesAsync(variable, name),
            "custom" or "interval" => [.. Text(variable, "query")!.Split(',', StringSplitOptions.TrimEntries).Select(option => option.Split(" : ")[^1])],
            "constant" or "textbox" => [Text(variable, "query")!],
            var other => throw new NotSupportedException($"{dashboard.Uid}: a variable of type {other} is not known here"),
        };
        var multi = Text(variable, "multi") == "True";
        if (chosen.TryGetValue(name, out var wanted))
            _variables[name] = new([wanted], multi);
        else if (Text(variable, "includeAll") == "True")
            _variables[name] = new(values, multi) { AllText = Text(variable, "allValue") is { Length: > 0 } all ? all : null };
        else
            _variables[name] = new([values.FirstOrDefault("")], multi);
        if (chosen.TryGetValue(name, out var there) && !values.Contains(there) && values.Count > 0)
            _problems.Add($"variable {name}: it does not offer {there}");
    }

    private async Task<List<string>> ValuesAsync(JsonElement variable, string name)
    {
        var query = Query(null);
        var text = variable.GetProperty("query") is { ValueKind: JsonValueKind.Object } asked ? Text(asked, "query")! : Text(variable, "query")!;
        if (await AskAsync($"variable {name}", text, query, ScreenWidth, null) is not { } result)
            return [""];
        var values = List(result, "series").SelectMany(series => List(series, "values")).Select(row => row[row.GetArrayLength() - 1].ToString()).Distinct();
        if (Text(variable, "regex") is { Length: > 0 } regex)
        {
            var pattern = new Regex(regex.Trim('/'));
            values = values.Select(value => pattern.Match(value)).Where(match => match.Success).Select(match => match.Groups[match.Groups.Count > 1 ? 1 : 0].Value).Distinct();
        }
        List<string> found = [.. values.Order(StringComparer.Ordinal)];
        return found.Count > 0 ? found : [""];
    }

    private async Task<JsonElement?> AskAsync(string what, string text, GrafanaQuery query, int points, string? interval)
    {
        var influxql = query.Expand(text, points, interval is { Length: > 0 } ? interval : LeastInterval);
        if (query.Undefined.Count > 0)
        {
            _problems.Add($"{dashboard.Uid} {what}: nothing stands for {string.Join(", ", query.Undefined)}");
            return null;
        }
        JsonElement result;
        try
        {
            result = await ask(influxql);
        }
        catch (InvalidOperationException refused)
        {
            _problems.Add($"{dashboard.Uid} {what}: {refused.Message}");
            return null;
        }
        // Rows of nulls are what fill() leaves of nothing.
        if (!List(result, "series").SelectMany(series => List(series, "values")).Any(row => row.EnumerateArray().Skip(1).Any(cell => cell.ValueKind != JsonValueKind.Null)))
            _empty.Add((what, influxql));
        return result;
    }

    private GrafanaQuery Query(JsonElement? panel, KeyValuePair<string, GrafanaValue>? repeated = null)
    {
        var variables = repeated is { } one ? new Dictionary<string, GrafanaValue>(_variables) { [one.Key] = one.Value } : _variables;
        var from = panel is { } shown && Text(shown, "timeFrom") is { Length: > 0 } own ? now - GrafanaQuery.Milliseconds(own) : From;
        return new(from, now, variables);
    }
}
