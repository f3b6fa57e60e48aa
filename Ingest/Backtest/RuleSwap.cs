using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backtest;

/// <summary>The log's entries as they would be had these families been in force from the beginning; a family that the set has not stays as recorded.</summary>
/// <param name="rules">Null changes nothing: the rules as they were recorded, changes included.</param>
internal sealed class RuleSwap(FamilySet? rules)
{
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    public IEnumerable<LogEntry> Apply(LogEntry entry)
    {
        if (rules is null || entry is not FamilyEntry recorded)
            return [entry];
        // What was never in the log comes with its first family.
        var given = _given.Count == 0 ? rules.All.ToList() : rules.Find(recorded.Family) is { } family && !_given.Contains(family.Name) ? [family] : [];
        foreach (var each in given)
            _given.Add(each.Name);
        var entries = given.Select(each => new FamilyEntry(each.Name, each.Text, each.Hash) { Position = entry.Position, Time = entry.Time });
        return rules.Find(recorded.Family) is null ? entries.Append(entry) : entries;
    }
}
