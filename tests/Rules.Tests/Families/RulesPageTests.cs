using System.Text.RegularExpressions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

/// <summary>docs/rules.md explains one file from top to bottom: its examples together must load.</summary>
public class RulesPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "rules.md")).ReplaceLineEndings("\n");

    private static readonly string Example = string.Concat(Regex.Matches(Page, "```yaml\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value));

    [Fact]
    public void The_examples_of_the_page_are_one_family_without_an_error()
    {
        var result = FamilyReader.Read("rules.md", Example);

        Assert.Empty(result.Errors);
        Assert.Equal(["no_drawdown", "level_high", "stopped", "power_lost", "offline", "excess_starts", "street_flooding", "alone_in_the_flood", "left_in_manual"], result.Family!.Rules.Select(rule => rule.Name));
    }

    [Fact]
    public void The_page_names_every_key_that_a_rule_may_have()
    {
        using var schema = System.Text.Json.JsonDocument.Parse(FamilySet.Schema());
        var keys = schema.RootElement.GetProperty("$defs").GetProperty("rule").GetProperty("properties").EnumerateObject().Select(property => property.Name);

        Assert.All(keys, key => Assert.Matches($"\\b{key}\\b", Page));
    }

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Telemetry.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
