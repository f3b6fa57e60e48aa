using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Scenarios;

internal static class RuleNames
{
    /// <summary>The alarms of places stand in the family area, and their rules, whose names are their own, in the families that count; null for a rule that is gone.</summary>
    public static Rule? RuleOf(this FamilySet families, Alarm alarm) =>
        families.Find(alarm.Family)?.Rules.FirstOrDefault(rule => rule.Name == alarm.Rule)
        ?? families.All.SelectMany(family => family.Rules).FirstOrDefault(rule => rule.Place is not null && rule.Name == alarm.Rule);
}
