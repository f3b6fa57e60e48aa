using System.Globalization;
using Telemetry.Rules.Alarms;

namespace Telemetry.Rules.Explain;

/// <summary>What the journal says of a moment.</summary>
/// <param name="Alarm">After the last transition known then; after the first one, where that came later.</param>
/// <param name="Transitions">Those known then; the first one alone, where that came later.</param>
/// <param name="WasKnown">The service had made it known by then.</param>
internal sealed record Standing(Alarm Alarm, IReadOnlyList<AlarmTransition> Transitions, bool WasKnown)
{
    public static int InstanceOf(Alarm alarm) => alarm.Instance is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    /// <summary>
    /// The occurrence of the rule that stood at the moment by what was known then; else the one that stood by what is known now. Null for neither.
    /// </summary>
    /// <param name="instance">0 for any.</param>
    public static Standing? At(IReadOnlyList<AlarmTransition> journal, string device, string rule, int instance, long at)
    {
        var occurrences = journal
            .Where(transition => transition.Alarm.Device == device && transition.Alarm.Rule == rule && (instance == 0 || InstanceOf(transition.Alarm) == instance))
            .GroupBy(transition => transition.Alarm.Id, StringComparer.Ordinal)
            .Select(occurrence => occurrence.ToList())
            .ToList();
        var known = occurrences.Select(occurrence => occurrence.FindAll(transition => transition.ReceivedAt <= at)).Where(transitions => transitions.Count > 0).ToList();
        // What waits beneath nothing is no alarm, but the last one of its rule may still carry what an operator has put over it.
        if (known.LastOrDefault(transitions => transitions[^1].To != AlarmState.Normal) is { } stood)
            return new Standing(stood[^1].Alarm, stood, true);
        var later = occurrences.LastOrDefault(occurrence => occurrence[0].ReceivedAt > at && occurrence[0].Alarm.RaisedAt <= at && (occurrence[^1].Alarm.ClearedAt ?? long.MaxValue) > at && occurrence[^1].Alarm.RetractedAt is null);
        return later is null ? null : new Standing(later[0].Alarm, [later[0]], false);
    }

    /// <summary>The last occurrence of a rule that only records, as known then.</summary>
    public static Alarm? LastEvent(IReadOnlyList<AlarmTransition> journal, string device, string rule, int instance, long at) =>
        journal.LastOrDefault(transition => transition.Alarm.Device == device && transition.Alarm.Rule == rule && (instance == 0 || InstanceOf(transition.Alarm) == instance) && transition.ReceivedAt <= at)?.Alarm;

    /// <summary>Alarms of the device that stood at a moment of event time, or are latched, by what was known at the question's.</summary>
    public static IEnumerable<Alarm> Before(Question question, long at) => question.Journal
        .Where(transition => transition.Alarm.Device == question.Device.Id && transition.At <= at && transition.ReceivedAt <= question.At)
        .GroupBy(transition => transition.Alarm.Id, StringComparer.Ordinal)
        .Select(occurrence => occurrence.Last().Alarm)
        .Where(alarm => alarm.Holds || alarm.Underlying is AlarmState.LatchedUnacknowledged or AlarmState.LatchedAcknowledged);
}
