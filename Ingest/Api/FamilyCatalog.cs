using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Api;

/// <summary>The families in force, by name, built-in ones included.</summary>
/// <param name="families">By name.</param>
public sealed class FamilyCatalog(IReadOnlyDictionary<string, Family> families)
{
    public IEnumerable<Family> All => families.Values;

    public Family? Find(string name) => families.GetValueOrDefault(name);

    /// <summary>The rule as it stands now, or null.</summary>
    public Rule? RuleOf(Alarm alarm) => Find(alarm.Family)?.Rules.FirstOrDefault(rule => rule.Name == alarm.Rule);
}
