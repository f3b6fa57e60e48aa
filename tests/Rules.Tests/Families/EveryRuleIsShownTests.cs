using System.Reflection;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

public class EveryRuleIsShownTests
{
    /// <summary>Rules whose functions over other devices, work orders and calendars are not evaluated yet.</summary>
    private static readonly string[] NotYet =
    [
        "manhole_cover/planned_opening", "manhole_cover/street_covers", "manhole_cover/street_flooding", "manhole_cover/entry_gas", "manhole_cover/entry_level", "manhole_cover/h2s_odour",
        "tunnel/maintenance_air", "tunnel/road_closed", "tunnel/lighting_lost", "gas_valve/regulator_lost", "public_toilet/water_leak",
    ];

    [Fact]
    public void Every_rule_of_the_shipped_families_of_devices_has_a_timeline() =>
        Assert.Equal(NotYet.Order(), FamilySet.Shipped().All.Where(family => !family.IsBuiltIn).SelectMany(family => family.Rules.Select(rule => $"{family.Name}/{rule.Name}")).Except(Shown()).Order());

    private static HashSet<string> Shown()
    {
        var shown = new HashSet<string>();
        foreach (var type in typeof(FamilyTimeline).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(FamilyTimeline))))
        {
            using var timelines = (FamilyTimeline)Activator.CreateInstance(type)!;
            var rungs = (IReadOnlyList<Rung>)type.GetProperty("Rungs", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
            shown.UnionWith(rungs.Select(rung => rung.Rule)
                .Concat(type.GetMethods().SelectMany(method => method.GetCustomAttribute<ShowsAttribute>()?.Rules ?? []))
                .Select(rule => $"{timelines.Family}/{rule}"));
        }
        return shown;
    }
}
