using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Simulators.Scenarios;

public enum Verdict : byte
{
    Detected,
    Late,
    Missed,
}

/// <param name="DetectedAt">Event time of the alarm, Unix ms; null where it was missed.</param>
/// <param name="ToldAt">Log time at which it was told, Unix ms: what waits in a gateway is told when it arrives. The verdict is by this one.</param>
public sealed record Finding(GroundTruth Truth, Verdict Verdict, long? DetectedAt, long? ToldAt);

/// <summary>An alarm that called and that nothing in the story explains.</summary>
/// <param name="RaisedAt">Event time of the first occurrence, Unix ms.</param>
public sealed record FalseAlarm(string Device, string Rule, string? Instance, Severity Severity, long RaisedAt, int Occurrences);

/// <summary>How the rules did in one run of a scenario.</summary>
/// <param name="Load">Of one operator position that hears this city's alarms and no others.</param>
public sealed record Score(Scenario Scenario, ScenarioRun Run, IReadOnlyList<Finding> Findings, IReadOnlyList<FalseAlarm> FalseAlarms, LoadFigures Load)
{
    public static Score Of(Scenario scenario, ScenarioRun run, FamilySet families) => new(
        scenario, run,
        [.. scenario.Truths.Select(truth => Find(truth, run))],
        [.. False(scenario, run)],
        LoadOf(run, families));

    public int Count(Verdict verdict) => Findings.Count(finding => finding.Verdict == verdict);

    /// <summary>From what happened until it was told, ms; null where nothing was.</summary>
    public long? Longest => Findings.Max(finding => Delay(finding));

    public long? Delay(Finding finding) => finding.ToldAt - (Run.Start + finding.Truth.At).ToUnixTimeMilliseconds();

    /// <summary>What the scenario asks of the rules and they do not give, in words; empty for a pass. False alarms are named and fail nothing: what they are worth is a person's decision.</summary>
    public IReadOnlyList<string> Failures => [.. Failed()];

    private IEnumerable<string> Failed()
    {
        if (Count(Verdict.Missed) is var missed and > 0)
            yield return $"{missed} missed";
        if (Count(Verdict.Late) is var late and > 0)
            yield return $"{late} late";
        if (Scenario.AtMost is not { } limit)
            yield break;
        if (AlarmsADay > limit.AlarmsADay)
            yield return FormattableString.Invariant($"{AlarmsADay:0} alarms a day, at most {limit.AlarmsADay}");
        if (CriticalShare > limit.CriticalShare)
            yield return FormattableString.Invariant($"{100 * CriticalShare:0.#} % of the alarms critical, at most {100 * limit.CriticalShare:0.#} %");
    }

    public double AlarmsADay => Load.Alarms / (Run.End - Run.Start).TotalDays;

    /// <summary>0 to 1.</summary>
    public double CriticalShare => Load.Alarms == 0 ? 0 : (double)Load.Critical / Load.Alarms;

    private static Finding Find(GroundTruth truth, ScenarioRun run)
    {
        var happened = (run.Start + truth.At).ToUnixTimeMilliseconds();
        var told = run.Transitions.FirstOrDefault(transition => IsOf(truth, transition.Alarm) && IsTold(transition)) ?? Above();
        var verdict = told is null ? Verdict.Missed : told.ReceivedAt - happened <= truth.Within.TotalMilliseconds ? Verdict.Detected : Verdict.Late;
        return new Finding(truth, verdict, told?.At, told?.ReceivedAt);

        bool IsTold(AlarmTransition transition) => transition.To is AlarmState.ActiveUnacknowledged or AlarmState.LatchedUnacknowledged && transition.Alarm.Severity >= truth.AtLeast && transition.ReceivedAt >= happened;

        // What stands beneath an area's alarm is told by that.
        AlarmTransition? Above() => run.Transitions.FirstOrDefault(transition => IsOf(truth, transition.Alarm) && transition is { To: AlarmState.Suppressed, Alarm.SuppressedBy: not null } && transition.ReceivedAt >= happened) is { } beneath
            ? run.Transitions.FirstOrDefault(transition => transition.Alarm.Id == beneath.Alarm.SuppressedBy && IsTold(transition))
            : null;
    }

    private static bool IsOf(GroundTruth truth, Alarm alarm) => alarm.Device == truth.Device && alarm.Rule == truth.Rule && (truth.Instance is null || alarm.Instance == truth.Instance);

    private static IEnumerable<FalseAlarm> False(Scenario scenario, ScenarioRun run)
    {
        // An alarm above what had to be told is none.
        var above = run.Transitions.Select(transition => transition.Alarm).Where(alarm => alarm.SuppressedBy is not null && scenario.Truths.Any(truth => IsOf(truth, alarm))).Select(alarm => alarm.SuppressedBy!).ToHashSet(StringComparer.Ordinal);
        return FalseBeside(scenario, run, above);
    }

    private static IEnumerable<FalseAlarm> FalseBeside(Scenario scenario, ScenarioRun run, HashSet<string> above) => run.Transitions
        .Where(LoadCall.Is)
        .DistinctBy(transition => transition.Alarm.Id)
        .Select(transition => transition.Alarm)
        .Where(alarm => !above.Contains(alarm.Id) && !scenario.Truths.Any(truth => truth.Device == alarm.Device && truth.Rule == alarm.Rule)
            && !scenario.Allowed.Any(allowed => allowed.Rule == alarm.Rule && Pattern.Fits(allowed.Device, alarm.Device)))
        .GroupBy(alarm => (alarm.Device, alarm.Rule, alarm.Instance))
        .Select(of => new FalseAlarm(of.Key.Device, of.Key.Rule, of.Key.Instance, of.Max(alarm => alarm.Severity), of.Min(alarm => alarm.RaisedAt), of.Count()));

    private static LoadFigures LoadOf(ScenarioRun run, FamilySet families)
    {
        var load = new LoadLedger();
        load.Advance(run.Start.ToUnixTimeMilliseconds());
        foreach (var transition in run.Transitions)
        {
            load.Advance(transition.ReceivedAt);
            load.Apply(transition, families.RuleOf(transition.Alarm));
        }
        load.Advance(run.End.ToUnixTimeMilliseconds());
        // A run of a day lies in two days of UTC.
        return load.Figures(2, [])[0];
    }
}
