using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Api;

/// <summary>The families in force, by name, built-in ones included.</summary>
public sealed class FamilyCatalog(IEnumerable<Family> families)
{
    private readonly Dictionary<string, Family> _families = families.ToDictionary(family => family.Name, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Family> ByName => _families;

    public IEnumerable<Family> All => _families.Values;

    public Family? Find(string name) => _families.GetValueOrDefault(name);

    /// <summary>The rule as it stands now, or null. Those of places stand in the family whose devices they count, their alarms in the family area.</summary>
    public Rule? RuleOf(Alarm alarm) =>
        Find(alarm.Family)?.Rules.FirstOrDefault(rule => rule.Name == alarm.Rule && rule.Place is null)
            ?? (alarm.Family == Fleet.AreaFamily ? All.SelectMany(family => family.Rules).FirstOrDefault(rule => rule.Name == alarm.Rule && rule.Place is not null) : null);
}
