using System.Text.Json;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Plain;

namespace Telemetry.Ingest.Commands;

/// <summary>The answer of <c>check-rules --explain</c>: rules in plain sentences, in English and Chinese.</summary>
internal static class ExplainedRules
{
    /// <summary>What <paramref name="wanted"/> names: a family, a rule of any family, or <c>family/rule</c>. Empty where nothing is called so.</summary>
    public static IReadOnlyList<(Family Family, Rule Rule)> Find(IEnumerable<Family> families, string wanted) =>
    [
        .. families.SelectMany(family => family.Rules.Select(rule => (Family: family, Rule: rule)))
            .Where(one => wanted == one.Family.Name || wanted == one.Rule.Name || wanted == $"{one.Family.Name}/{one.Rule.Name}"),
    ];

    public static void PrintText(IEnumerable<(Family Family, Rule Rule)> rules, TextWriter output)
    {
        foreach (var (family, rule) in rules)
        {
            output.WriteLine($"{family.Name}/{rule.Name}: {rule.Title.En} · {rule.Title.Zh}");
            foreach (var sentence in PlainRule.InEnglish(family, rule))
                output.WriteLine($"  {sentence}");
            output.WriteLine();
            foreach (var sentence in PlainRule.InChinese(family, rule))
                output.WriteLine($"  {sentence}");
            output.WriteLine();
        }
    }

    public static void PrintJson(IEnumerable<(Family Family, Rule Rule)> rules, JsonSerializerOptions options, TextWriter output)
    {
        foreach (var (family, rule) in rules)
        {
            output.WriteLine(JsonSerializer.Serialize(
                new { family = family.Name, rule = rule.Name, title = rule.Title, en = PlainRule.InEnglish(family, rule), zh = PlainRule.InChinese(family, rule) }, options));
        }
    }
}
