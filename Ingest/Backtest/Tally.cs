using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Backtest;

/// <summary>How the two outcomes differ in one group of occurrences: a rule, a district, a severity.</summary>
/// <param name="Was">Occurrences under the old rules.</param>
/// <param name="CallsWas">Of these, calls of an operator.</param>
/// <param name="MedianShift">Of earlier and later ones, milliseconds; null without one.</param>
public sealed record Tally(string Name, int Was, int Is, int CallsWas, int CallsIs, int Added, int Removed, int Earlier, int Later, int Severity, long? MedianShift)
{
    public bool Differs => Added + Removed + Earlier + Later + Severity > 0;

    public static IReadOnlyList<Tally> ByRule(OutcomeComparison comparison) => By(comparison, occurred => $"{occurred.Alarm.Family}/{occurred.Alarm.Rule}");

    public static IReadOnlyList<Tally> ByDistrict(OutcomeComparison comparison) => By(comparison, occurred => occurred.Alarm.District ?? LoadPosition.NoDistrict);

    /// <summary>By kind and severity, critical alarms first.</summary>
    public static IReadOnlyList<Tally> BySeverity(OutcomeComparison comparison) =>
        [.. By(comparison, Priority).OrderBy(tally => Enum.GetValues<AlarmKind>().SelectMany(kind => Enum.GetValues<Severity>().Reverse().Select(severity => Priority(kind, severity))).ToList().IndexOf(tally.Name))];

    public static Tally Whole(OutcomeComparison comparison) => By(comparison, _ => "all").FirstOrDefault() ?? new Tally("all", 0, 0, 0, 0, 0, 0, 0, 0, 0, null);

    private static string Priority(Occurred occurred) => Priority(occurred.Alarm.Kind, occurred.Severity);

    private static string Priority(AlarmKind kind, Severity severity) => $"{kind.ToString().ToLowerInvariant()} {severity.ToString().ToLowerInvariant()}";

    private static List<Tally> By(OutcomeComparison comparison, Func<Occurred, string> nameOf)
    {
        var (was, now) = (comparison.Was.Occurrences.ToLookup(nameOf), comparison.Is.Occurrences.ToLookup(nameOf));
        var differences = comparison.Differences.ToLookup(difference => nameOf(difference.Of));
        return [.. was.Select(group => group.Key).Union(now.Select(group => group.Key)).Order(StringComparer.Ordinal).Select(name => Of(name, [.. was[name]], [.. now[name]], [.. differences[name]]))];
    }

    private static Tally Of(string name, Occurred[] was, Occurred[] now, Difference[] differences)
    {
        var shifts = differences.Where(difference => difference.Change is Change.Earlier or Change.Later).Select(difference => difference.Shift).Order().ToArray();
        int Count(Change change) => differences.Count(difference => difference.Change == change);
        return new Tally(
            name, was.Length, now.Length, was.Sum(occurred => occurred.Calls), now.Sum(occurred => occurred.Calls),
            Count(Change.Added), Count(Change.Removed), Count(Change.Earlier), Count(Change.Later), Count(Change.Severity), shifts.Length == 0 ? null : shifts[shifts.Length / 2]);
    }
}
