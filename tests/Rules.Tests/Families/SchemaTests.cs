using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Telemetry.Rules.Families;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Telemetry.Rules.Tests.Families;

/// <summary>The schema is for editors: it must take what the reader takes, and catch a typing error.</summary>
public class SchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(FamilySet.Schema());

    public static TheoryData<string> Files => [.. FamilySet.ShippedFiles().Select(file => file.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_shipped_file_is_valid(string file)
    {
        var result = Check(Text(file));

        Assert.True(result.IsValid, string.Join('\n', (result.Details ?? []).Where(detail => detail.Errors is not null).Select(detail => $"{detail.InstanceLocation}: {string.Join(", ", detail.Errors!.Values)}")));
    }

    [Theory]
    [InlineData("title: {en: Sump level high", "titel: {en: Sump level high")]
    [InlineData("severity: critical", "severity: urgent")]
    [InlineData("every: 10s", "every: often")]
    [InlineData("    consequence: road closed\n", "")]
    [InlineData("plausible: 0..12", "plausible: 12")]
    [InlineData("zh: 集水池水位高", "cn: 集水池水位高")]
    public void A_typing_error_is_not(string right, string wrong)
    {
        var text = Text("drainage_pump.yaml");
        Assert.Contains(right, text, StringComparison.Ordinal);

        Assert.False(Check(text.Replace(right, wrong, StringComparison.Ordinal)).IsValid);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_shipped_file_names_its_schema_in_the_first_line(string file) =>
        Assert.StartsWith("# yaml-language-server: $schema=family.schema.json\n", Text(file), StringComparison.Ordinal);

    private static string Text(string file) => FamilySet.ShippedFiles().Single(shipped => shipped.File == file).Text;

    private static EvaluationResults Check(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        using var json = JsonDocument.Parse(ToJson(yaml.Documents[0].RootNode)!.ToJsonString());
        return Schema.Evaluate(json.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value!, ToJson(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value!),
        _ => JsonValue.Create(((YamlScalarNode)node).Value!),
    };

    /// <summary>As YAML 1.2's core schema reads a scalar without quotes.</summary>
    private static JsonValue? Plain(string value) => value switch
    {
        "" or "null" or "~" => null,
        "true" or "false" => JsonValue.Create(value == "true"),
        _ when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(value),
    };
}
