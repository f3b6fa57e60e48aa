using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using YamlDotNet.RepresentationModel;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>The schema is for editors: it must take what the reader takes, and catch a typing error.</summary>
public class NotifySchemaTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "samples");
    private static readonly JsonSchema Schema = JsonSchema.FromText(File.ReadAllText(Path.Combine(Folder, "notify.schema.json")));
    private static readonly string Sample = File.ReadAllText(Path.Combine(Folder, "notify.yaml"));

    [Fact]
    public void The_sample_and_the_small_file_are_valid()
    {
        Assert.True(IsValid(Sample));
        Assert.True(IsValid(Files.Small));
    }

    [Theory]
    [InlineData("    leader: chen", "    leeder: chen")]
    [InlineData("people: [wang, li]", "people: wang")]
    [InlineData("people: [wang, li]", "people: [wang, li]\n    always: li")]
    [InlineData("people: [wang, li]", "people: [wang, li]\n    handover: monday")]
    [InlineData("  - to: duty", "  - {family: gas_valve}")]
    [InlineData("  - to: duty", "  - {to: duty, hours: 8-20}")]
    [InlineData("  - to: duty", "  - {to: duty, steps: [{after: soon, to: on_call}]}")]
    [InlineData("people:\n  wang", "channels: {critical: [dingtalk]}\npeople:\n  wang")]
    [InlineData("\"+8613800000003\"", "\"138-0000\"")]
    [InlineData("people:\n  wang", "proof: {day: mon, at: \"10:00\", to: duty}\npeople:\n  wang")]
    public void A_typing_error_is_not(string right, string wrong)
    {
        Assert.Contains(right, Files.Small, StringComparison.Ordinal);

        Assert.False(IsValid(Files.Small.Replace(right, wrong, StringComparison.Ordinal)));
    }

    private static bool IsValid(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        using var json = JsonDocument.Parse(ToJson(yaml.Documents[0].RootNode)!.ToJsonString());
        return Schema.Evaluate(json.RootElement).IsValid;
    }

    // All of this file's scalars are texts.
    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value!, ToJson(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        _ => JsonValue.Create(((YamlScalarNode)node).Value!),
    };
}
