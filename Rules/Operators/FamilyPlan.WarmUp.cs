using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

public sealed partial class FamilyPlan
{
    private long? _warmUp;
    private bool? _asksBeside;

    /// <summary>Some rule looks at the devices of the same parent.</summary>
    public bool AsksBeside => _asksBeside ??= JudgesNeighbour.Contains(true) || Family.Counts.Any(count => count.Place == "parent" && JudgesCount[count.Index]);

    /// <summary>
    /// Milliseconds after which a run of the rules from nothing but the last values, and the alarms that stood, has come to where a run from the
    /// beginning is: the longest look back, hold and delay together.
    /// </summary>
    public long WarmUp => _warmUp ??= Longest(Family.Sources.Select(Reach)) + Longest(Family.Channels.Concat(Family.LinkChannels).Select(channel => channel.Hold ?? 0))
        + Longest(Family.Rules.SelectMany(rule => rule.Steps).Select(step => Math.Max(step.OnDelay, step.OffDelay)));

    /// <summary>The same, for what one rule asks for.</summary>
    public static long WarmUpOf(Rule rule)
    {
        var conditions = rule.Steps.Select(step => step.Condition).OfType<Condition>().ToList();
        return Longest(conditions.SelectMany(condition => condition.Sources.Concat(condition.Neighbours)).Select(Reach)) + Longest(conditions.SelectMany(condition => condition.Channels).Select(channel => channel.Hold ?? 0))
            + Longest(rule.Steps.Select(step => Math.Max(step.OnDelay, step.OffDelay)));
    }

    private static long Reach(Source source) => Math.Max(source.Keep, Longest(source.Spans.ToArray())) + Longest(source.Parts.Select(Reach));

    private static long Longest(IEnumerable<long> durations) => durations.DefaultIfEmpty(0).Max();
}
