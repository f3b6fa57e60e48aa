using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Backtest;

/// <summary>The differences that a person looks at first.</summary>
public static class Highlights
{
    /// <summary>Alarms before tickets and events; critical first; then what came or went whole, then the greatest shifts. No more than three of one rule and change, so that one noisy rule doesn't hide the others.</summary>
    public static IReadOnlyList<Difference> Of(OutcomeComparison comparison, int most) =>
    [
        .. comparison.Differences
            .OrderBy(difference => difference.Of.Alarm.Kind)
            .ThenByDescending(difference => difference.Severity)
            .ThenBy(difference => difference.Change is Change.Added or Change.Removed ? 0 : 1)
            .ThenByDescending(difference => Math.Abs(difference.Shift))
            .ThenBy(difference => difference.Of.RaisedAt)
            .GroupBy(difference => (difference.Change, difference.Of.Alarm.Family, difference.Of.Alarm.Rule))
            .SelectMany(group => group.Take(3).Select((difference, rank) => (difference, rank)))
            .OrderBy(each => each.difference.Of.Alarm.Kind).ThenByDescending(each => each.difference.Severity).ThenBy(each => each.rank)
            .Select(each => each.difference)
            .Take(most),
    ];
}
