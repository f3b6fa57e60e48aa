using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Telemetry.Dashboards.Tests.Compose;

/// <summary>compose.yaml, or a broken copy of it, with its variables as the example file leaves them.</summary>
internal sealed partial class ComposeFile
{
    public static readonly string Shipped = File.ReadAllText(Path.Combine(Repository.Root, "compose.yaml"));
    public static readonly string ShippedExample = File.ReadAllText(Path.Combine(Repository.Root, "docs/deploy/.env.example"));

    public ComposeFile(string text, string example)
    {
        Example = ExampleLine().Matches(example).ToDictionary(line => line.Groups["name"].Value, line => (IsSet: line.Groups["off"].Length == 0, Value: line.Groups["value"].Value));
        Variables = [.. Variable().Matches(WithoutComments(text)).Select(match => (match.Groups["name"].Value, match.Groups["how"].Success ? match.Groups["how"].Value + match.Groups["rest"].Value : null))];
        Root = Yaml.Parse(Variable().Replace(text, match => Resolve(match.Groups["name"].Value, match.Groups["how"].Value.EndsWith('-') ? match.Groups["rest"].Value : "")));
    }

    public JsonElement Root { get; }

    /// <summary>Of the example file; what is commented out is not set.</summary>
    public IReadOnlyDictionary<string, (bool IsSet, string Value)> Example { get; }

    /// <summary>With what follows the name: <c>:-default</c>, <c>:?what is missing</c>, or null.</summary>
    public IReadOnlyList<(string Name, string? Otherwise)> Variables { get; }

    public IReadOnlyList<(string Name, JsonElement Service)> Services => [.. Entries(Root, "services")];

    public JsonElement Service(string name) => Services.Single(service => service.Name == name).Service;

    public static IEnumerable<(string Name, JsonElement Value)> Entries(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object ? map.EnumerateObject().Select(entry => (entry.Name, entry.Value)) : [];

    public static IEnumerable<JsonElement> List(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    public static IEnumerable<string> Texts(JsonElement parent, string name) => List(parent, name).Select(each => each.ToString());

    public static string? Text(JsonElement parent, params string[] path)
    {
        foreach (var name in path)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out parent))
                return null;
        }
        return parent.ToString();
    }

    /// <summary>The service's environment as its container has it.</summary>
    public IReadOnlyDictionary<string, string> Environment(string service) => Entries(Service(service), "environment").ToDictionary(entry => entry.Name, entry => entry.Value.ToString());

    private string Resolve(string name, string fallback) => Example.TryGetValue(name, out var example) && example.IsSet ? example.Value : fallback;

    private static string WithoutComments(string text) => Comment().Replace(text, "");

    [GeneratedRegex(@"\$\{(?<name>\w+)(?:(?<how>:?[-?])(?<rest>[^}]*))?\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(?<off>#?)(?<name>[A-Z][A-Z0-9_]*)=(?<value>.*)$", RegexOptions.Multiline)]
    private static partial Regex ExampleLine();

    [GeneratedRegex(@"^\s*#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
