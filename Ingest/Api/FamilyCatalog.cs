using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Api;

/// <summary>The families in force, by name, built-in ones included. Any thread reads; a change is one whole new list.</summary>
public sealed class FamilyCatalog(IEnumerable<Family> families)
{
    private volatile SortedDictionary<string, Family> _families = new(families.ToDictionary(family => family.Name), StringComparer.Ordinal);

    public IEnumerable<Family> All => _families.Values;

    public Family? Find(string name) => _families.GetValueOrDefault(name);

    /// <summary>The family takes effect. Called at the start and by the rules' runner.</summary>
    public void Set(Family family) => _families = new(_families, StringComparer.Ordinal) { [family.Name] = family };

    /// <summary>The family whose file holds the rule of an alarm: that of a place stands in the file of the devices that it counts. Null for a rule that is gone.</summary>
    public Family? FileOf(string family, string rule) =>
        Find(family) is { } own && own.Rules.Any(known => known.Name == rule) ? own
        : family == Fleet.AreaFamily ? All.FirstOrDefault(other => other.Rules.Any(known => known.Name == rule && known.Place is not null))
        : null;

    /// <summary>The rule as it stands now, or null.</summary>
    public Rule? RuleOf(Alarm alarm) => FileOf(alarm.Family, alarm.Rule)?.Rules.FirstOrDefault(rule => rule.Name == alarm.Rule);
}
