using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>Grafana's own schemas, of Grafana's foundation SDK: the dashboard, and each panel's options and field configuration.</summary>
internal static class DashboardSchema
{
    // May be anything, or one of several; the SDK's generator has made an object or nothing at all of it.
    private static readonly (string Definition, string Property)[] Misread = [("MatcherConfig", "options"), ("DynamicConfigValue", "value"), ("TableFieldOptions", "cellOptions")];

    private static readonly JsonSchema Whole = Build(Parsed("dashboard"));

    // A panel's schema has no root: what it describes are its definitions.
    private static readonly Dictionary<string, (JsonSchema Options, JsonSchema? Custom)> Kinds =
        new[] { "barchart", "bargauge", "gauge", "geomap", "piechart", "stat", "statetimeline", "statushistory", "table", "text", "timeseries", "xychart" }.ToDictionary(kind => kind, Kind);

    public static IEnumerable<string> Problems(Dashboard dashboard)
    {
        foreach (var problem in Problems(Whole, WithoutQueries(dashboard), dashboard.Uid))
            yield return problem;
        foreach (var panel in dashboard.Panels.Where(panel => Text(panel, "type") != "row"))
        {
            var name = dashboard.Name(panel);
            if (!Kinds.TryGetValue(Text(panel, "type")!.Replace("-", "", StringComparison.Ordinal), out var kind))
            {
                yield return $"{name}: a panel of kind {Text(panel, "type")} is not known here: add its schema";
                continue;
            }
            foreach (var problem in Problems(kind.Options, panel.TryGetProperty("options", out var options) ? options : JsonSerializer.SerializeToElement(new { }), $"{name} options"))
                yield return problem;
            if (!panel.TryGetProperty("fieldConfig", out var fields) || !fields.GetProperty("defaults").TryGetProperty("custom", out var custom))
                continue;
            if (kind.Custom is null)
                yield return $"{name}: a panel of its kind has no custom field configuration";
            else
            {
                foreach (var problem in Problems(kind.Custom, custom, $"{name} custom"))
                    yield return problem;
            }
        }
    }

    /// <summary>Annotations' queries are the data source's business: the schema knows the dashboard's own alone.</summary>
    private static JsonElement WithoutQueries(Dashboard dashboard) => dashboard.With(copy =>
    {
        foreach (var annotation in copy["annotations"]?["list"]?.AsArray() ?? [])
            annotation!.AsObject().Remove("target");
    }).Root;

    private static IEnumerable<string> Problems(JsonSchema schema, JsonElement what, string name) =>
        Errors(schema.Evaluate(what, new EvaluationOptions { OutputFormat = OutputFormat.Hierarchical })).Select(error => $"{name} {error}").Distinct();

    /// <summary>Not those of alternatives that something right did not take.</summary>
    private static IEnumerable<string> Errors(EvaluationResults result) => result.IsValid
        ? []
        : (result.Errors ?? new Dictionary<string, string>()).Select(error => $"{result.InstanceLocation}: {error.Value}").Concat((result.Details ?? []).SelectMany(Errors));

    private static (JsonSchema Options, JsonSchema? Custom) Kind(string kind)
    {
        var definitions = Parsed(kind)["definitions"]!.AsObject();
        return (Definition(kind, "Options"), definitions.ContainsKey("FieldConfig") ? Definition(kind, "FieldConfig") : null);
    }

    private static JsonSchema Definition(string kind, string name)
    {
        var schema = Parsed(kind);
        // What a panel leaves out stands at its default.
        foreach (var definition in schema["definitions"]!.AsObject())
            definition.Value!.AsObject().Remove("required");
        schema["$ref"] = $"#/definitions/{name}";
        return Build(schema);
    }

    // Each in a registry of its own: without an id they would all have the same.
    private static JsonSchema Build(JsonNode schema) => JsonSchema.FromText(schema.ToJsonString(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });

    private static JsonObject Parsed(string name)
    {
        using var stream = typeof(DashboardSchema).Assembly.GetManifestResourceStream($"grafana/{name}.jsonschema.json") ?? throw new InvalidOperationException($"no schema {name}");
        var schema = JsonNode.Parse(stream)!.AsObject();
        foreach (var (definition, property) in Misread)
        {
            if (schema["definitions"]![definition]?["properties"] is JsonObject properties && properties.ContainsKey(property))
                properties[property] = new JsonObject();
        }
        return schema;
    }
}
