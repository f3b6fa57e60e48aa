using System.Reflection;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

public class EveryRuleIsShownTests
{
    [Fact]
    public void Every_rule_of_the_shipped_families_of_devices_has_a_timeline()
    {
        var rules = FamilySet.Shipped().All.Where(family => !family.IsBuiltIn).SelectMany(family => family.Rules.Select(rule => $"{family.Name}/{rule.Name}")).ToHashSet();
        var shown = Shown();
        Assert.Empty(rules.Except(shown));
        Assert.Empty(shown.Except(rules));
    }

    private static HashSet<string> Shown()
    {
        var shown = typeof(PlaceTimelineTests).GetMethods().SelectMany(method => method.GetCustomAttribute<ShowsAttribute>()?.Rules ?? []).ToHashSet();
        foreach (var type in typeof(FamilyTimeline).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(FamilyTimeline))))
        {
            using var timelines = (FamilyTimeline)Activator.CreateInstance(type)!;
            var rungs = (IReadOnlyList<Rung>?)type.GetProperty("Rungs", BindingFlags.Static | BindingFlags.NonPublic)?.GetValue(null);
            shown.UnionWith((rungs ?? []).Select(rung => rung.Rule)
                .Concat(type.GetMethods().SelectMany(method => method.GetCustomAttribute<ShowsAttribute>()?.Rules ?? []))
                .Select(rule => $"{timelines.Family}/{rule}"));
        }
        shown.UnionWith(WrittenTimelines.Shown);
        return shown;
    }
}
