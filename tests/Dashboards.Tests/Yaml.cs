using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Telemetry.Dashboards.Tests;

/// <summary>YAML as the JSON that it stands for, merge keys (<c>&lt;&lt;</c>) carried out.</summary>
internal static class Yaml
{
    /// <exception cref="YamlException">It is no YAML.</exception>
    public static JsonElement Parse(string text) => Assert.Single(ParseAll(text));

    /// <summary>Each document of a stream.</summary>
    /// <exception cref="YamlException">It is no YAML.</exception>
    public static IReadOnlyList<JsonElement> ParseAll(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return [.. yaml.Documents.Select(document => JsonSerializer.SerializeToElement(ToJson(document.RootNode)))];
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => Merged(map),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value!),
        _ => JsonValue.Create(((YamlScalarNode)node).Value!),
    };

    /// <summary>What a mapping says itself goes before what it merges.</summary>
    private static JsonObject Merged(YamlMappingNode map)
    {
        var merged = new JsonObject();
        foreach (var (key, value) in map.Children.OrderBy(entry => ((YamlScalarNode)entry.Key).Value != "<<"))
        {
            if (((YamlScalarNode)key).Value is not "<<" and var name)
                merged[name!] = ToJson(value);
            else
                merged = Merged((YamlMappingNode)value);
        }
        return merged;
    }

    /// <summary>As YAML 1.2's core schema reads a scalar without quotes.</summary>
    private static JsonValue? Plain(string value) => value switch
    {
        "" or "null" or "~" => null,
        "true" or "false" => JsonValue.Create(value == "true"),
        _ when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(value),
    };
}
