using System.Text.Json;
using System.Text.RegularExpressions;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>
/// Which fields a panel has after its transformations, and what it names that is not among them: a field that is not there changes nothing,
/// and Grafana does not say so.
/// </summary>
internal sealed partial class PanelFields
{
    private readonly JsonElement _panel;
    private readonly HashSet<string> _labels;
    private readonly List<string> _problems = [];
    private List<Field> _fields;

    /// <param name="Shown">A renamed field is found by its own name too, but not where a table or a sorting asks.</param>
    private sealed record Field(string Name, string Shown);

    private PanelFields(JsonElement panel, IReadOnlyList<Frame> frames)
    {
        _panel = panel;
        _fields = [.. frames.SelectMany(frame => frame.Fields).Distinct().Select(name => new Field(name, name))];
        _labels = [.. frames.SelectMany(frame => frame.Labels)];
        foreach (var transformation in List(panel, "transformations").Where(each => Text(each, "disabled") != "True"))
            Transform(Text(transformation, "id")!, transformation.GetProperty("options"));
    }

    /// <param name="frames">Of all its queries.</param>
    public static IEnumerable<string> Problems(JsonElement panel, IReadOnlyList<Frame> frames)
    {
        var fields = new PanelFields(panel, frames);
        fields.CheckOverrides();
        fields.CheckOptions();
        fields.CheckLinks();
        return fields._problems.Select(problem => $"{problem}; there are {string.Join(", ", fields._fields.Select(field => field.Shown).Order(StringComparer.Ordinal))}");
    }

    private void Transform(string id, JsonElement options)
    {
        switch (id)
        {
            case "organize":
                foreach (var part in new[] { "excludeByName", "indexByName", "renameByName" })
                    Need($"{id} {part}", Entries(options, part).Select(entry => entry.Name), isShown: true);
                var renamed = Entries(options, "renameByName").Where(entry => entry.Value.GetString() is { Length: > 0 }).ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
                var excluded = Entries(options, "excludeByName").Where(entry => entry.Value.ValueKind == JsonValueKind.True).Select(entry => entry.Name).ToHashSet();
                _fields = [.. _fields.Where(field => !excluded.Contains(field.Shown)).Select(field => field with { Shown = renamed.GetValueOrDefault(field.Shown, field.Shown) })];
                break;
            case "filterFieldsByName" when options.TryGetProperty("include", out var include):
                Need(id, Texts(include, "names"), isShown: true);
                var pattern = Text(include, "pattern");
                _fields = [.. _fields.Where(field => Texts(include, "names").Contains(field.Shown) || (pattern is not null && Regex.IsMatch(field.Shown, Bare(pattern))))];
                break;
            case "sortBy":
                Need(id, List(options, "sort").Select(sort => Text(sort, "field")!), isShown: true);
                break;
            case "groupBy":
                Need(id, Entries(options, "fields").Select(entry => entry.Name), isShown: true);
                _fields = [.. Entries(options, "fields").SelectMany(entry => Text(entry.Value, "operation") == "groupby" ? [entry.Name] : Texts(entry.Value, "aggregations").Select(calc => $"{entry.Name} ({calc})")).Select(name => new Field(name, name))];
                break;
            case "calculateField":
                if (options.TryGetProperty("binary", out var binary))
                    Need(id, new[] { "left", "right" }.Select(side => Operand(binary.GetProperty(side))).OfType<string>());
                _fields.Add(new Field(Text(options, "alias") ?? "", Text(options, "alias") ?? ""));
                break;
            case "joinByField":
                Need(id, [Text(options, "byField") ?? "Time"]);
                break;
            case "filterByValue":
                Need(id, List(options, "filters").Select(filter => Text(filter, "fieldName")!));
                break;
            case "convertFieldType":
                Need(id, List(options, "conversions").Select(conversion => Text(conversion, "targetField")!));
                break;
            case "labelsToFields":
                _fields.AddRange(_labels.Select(label => new Field(label, label)));
                break;
            case "renameByRegex":
                var (from, to) = (new Regex(Bare(Text(options, "regex")!)), Text(options, "renamePattern")!);
                _fields = [.. _fields.Select(field => field with { Shown = from.Replace(field.Shown, to) })];
                break;
            case "merge" or "limit":
                break;
            default:
                _problems.Add($"transformation {id} is not known to this check: teach it what fields it leaves");
                break;
        }
    }

    private void CheckOverrides()
    {
        foreach (var matcher in Overrides().Select(each => each.GetProperty("matcher")))
        {
            var option = matcher.TryGetProperty("options", out var value) ? value : default;
            switch (Text(matcher, "id"))
            {
                case "byName":
                    Need("override", [option.GetString()!]);
                    break;
                case "byNames":
                    Need("override", Texts(option, "names"));
                    break;
                case "byRegexp" when !_fields.Any(field => Regex.IsMatch(field.Shown, Bare(option.GetString()!))):
                    _problems.Add($"override of fields like {option}: none is");
                    break;
                case "byFrameRefID" when !List(_panel, "targets").Any(target => Text(target, "refId") == option.GetString()):
                    _problems.Add($"override of query {option}: there is none");
                    break;
                case "byName" or "byNames" or "byRegexp" or "byFrameRefID" or "byType":
                    break;
                case var other:
                    _problems.Add($"override by {other} is not known to this check");
                    break;
            }
        }
    }

    private void CheckOptions()
    {
        if (!_panel.TryGetProperty("options", out var options))
            return;
        var shown = Properties("displayName").Select(property => property.GetProperty("value").GetString()!).ToHashSet();
        Need("sorted by", List(options, "sortBy").Select(sort => Text(sort, "displayName")!).Where(name => !shown.Contains(name)), isShown: true);
        if (Text(options, "reduceOptions", "fields") is { Length: > 0 } fields && !_fields.Any(field => Regex.IsMatch(field.Shown, Bare(fields))))
            _problems.Add($"reduced to {fields}: there is no such field");
        foreach (var layer in List(options, "layers"))
        {
            string?[] named =
            [
                Text(layer, "location", "latitude"), Text(layer, "location", "longitude"), Text(layer, "config", "style", "color", "field"), Text(layer, "config", "style", "size", "field"),
                Text(layer, "config", "style", "text", "field"), Text(layer, "config", "style", "rotation", "field"),
            ];
            Need($"layer {Text(layer, "name")}", named.Where(field => !string.IsNullOrEmpty(field)).Select(field => field!));
        }
    }

    private void CheckLinks()
    {
        var links = Properties("links").Select(property => property.GetProperty("value"));
        if (_panel.TryGetProperty("fieldConfig", out var config) && config.GetProperty("defaults").TryGetProperty("links", out var defaults))
            links = links.Append(defaults);
        foreach (var text in links.SelectMany(list => list.EnumerateArray()).SelectMany(link => new[] { Text(link, "url"), Text(link, "title") }).OfType<string>())
        {
            Need("link", FieldReference().Matches(text).Select(match => match.Groups["name"].Value));
            foreach (var label in LabelReference().Matches(text).Select(match => match.Groups["name"].Value).Where(label => !_labels.Contains(label)))
                _problems.Add($"link by label {label}: no series has it");
        }
    }

    private void Need(string who, IEnumerable<string> names, bool isShown = false)
    {
        foreach (var name in names.Where(name => !_fields.Any(field => field.Shown == name || (!isShown && field.Name == name))))
            _problems.Add($"{who}: there is no field \"{name}\"");
    }

    private IEnumerable<JsonElement> Overrides() => _panel.TryGetProperty("fieldConfig", out var config) ? List(config, "overrides") : [];

    private IEnumerable<JsonElement> Properties(string id) => Overrides().SelectMany(each => List(each, "properties")).Where(property => Text(property, "id") == id);

    /// <summary>A field; null for a number. Since Grafana 11 an object, before that a name.</summary>
    private static string? Operand(JsonElement side) => side.ValueKind == JsonValueKind.String ? side.GetString() : Text(side, "matcher", "options");

    /// <summary>Without the slashes around it.</summary>
    private static string Bare(string regex) => regex.Length > 1 && regex[0] == '/' && regex.LastIndexOf('/') is > 0 and var end ? regex[1..end] : regex;

    [GeneratedRegex(@"\$\{__data\.fields(?:\.(?<name>\w+)|\[""?(?<name>[^""\]]+)""?\])(?:\.\w+)?(?::\w+)?\}")]
    private static partial Regex FieldReference();

    [GeneratedRegex(@"\$\{__field\.labels\.(?<name>\w+)(?::\w+)?\}")]
    private static partial Regex LabelReference();
}
