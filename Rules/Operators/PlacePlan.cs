using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

/// <summary>What one family counts in one kind of place, and the rules that it raises there.</summary>
public sealed class PlacePlan
{
    public PlacePlan(string kind, Family family)
    {
        Kind = kind;
        Counts = [.. family.Counts.Where(count => count.Place == kind)];
        PositionOf = [.. family.Counts.Select(count => Array.IndexOf(Counts, count))];
        var rules = family.Rules.Where(rule => rule.Place == kind).ToArray();
        Rules = new RulePlan[rules.Length];
        for (var i = 0; i < rules.Length; i++)
        {
            Rules[i] = new RulePlan(rules[i], Steps);
            Steps += rules[i].Steps.Count;
        }
    }

    /// <summary><c>street</c>, or a link's role.</summary>
    public string Kind { get; }

    public PlaceCount[] Counts { get; }

    /// <summary>By count index of the family: its place in <see cref="Counts"/>.</summary>
    public int[] PositionOf { get; }

    /// <summary>One alarm a place.</summary>
    public RulePlan[] Rules { get; }

    /// <summary>Number of step states.</summary>
    public int Steps { get; }
}
