using System.Text.Json;
using System.Text.RegularExpressions;
using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Api;

/// <summary>What is wrong with a body, in the words of whoever sent it: the runtime's own message speaks of types of this program.</summary>
internal static partial class BodyFault
{
    public static string Of(JsonException error, Type body)
    {
        if (Unmapped().Match(error.Message) is { Success: true } unmapped)
        {
            var (name, members) = (unmapped.Groups[1].Value, Members(body));
            return $"'{name}' is no member here{NearestName.Hint(name, members)}; there are {string.Join(", ", members)}";
        }
        if (Converted().Match(error.Message) is { Success: true } converted)
            return $"{error.Path}: expected {Kind(TypeAt(error.Path, body) ?? converted.Groups[1].Value)}";
        // Its position stands beside it.
        return error.Message.IndexOf(" Path: ", StringComparison.Ordinal) is > 0 and var end ? error.Message[..end] : error.Message;
    }

    // Of a wrong member the runtime names the type of what it is a member of.
    private static string? TypeAt(string? path, Type body) =>
        body.GetProperties().FirstOrDefault(property => path == "$." + JsonNamingPolicy.CamelCase.ConvertName(property.Name))?.PropertyType.ToString();

    private static string[] Members(Type body) => [.. body.GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Where(name => name != "equalityContract")];

    private static string Kind(string type) =>
        type.Contains("Dictionary", StringComparison.Ordinal) ? "an object of names and texts, such as {\"name\": \"text\"}"
        : type.Contains("System.String", StringComparison.Ordinal) ? "a text"
        : type.Contains("System.Boolean", StringComparison.Ordinal) ? "true or false"
        : type.Contains("Double", StringComparison.Ordinal) || type.Contains("Int", StringComparison.Ordinal) ? "a number"
        : "something else";

    [GeneratedRegex("^The JSON property '(.*)' could not be mapped")]
    private static partial Regex Unmapped();

    [GeneratedRegex(@"could not be converted to (.+?)\. Path")]
    private static partial Regex Converted();
}
