using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>What late readings make of one alarm that is known already, or that should have been known. Its id stays.</summary>
/// <param name="Alarm">As it was made known; null for one that nobody knew.</param>
/// <param name="New">The change that would have raised it at its highest step, where nobody knew it.</param>
/// <param name="RaisedAt">Event time, Unix ms.</param>
/// <param name="ClearedAt">Null where its condition holds after all.</param>
/// <param name="Step">The step that stands, or stood last.</param>
/// <param name="Latches">Some step that was reached is latched.</param>
/// <param name="Stands">It is latched, and nobody has looked after it.</param>
/// <param name="Retracted">It should not have been.</param>
public sealed record Amendment(Alarm? Alarm, ConditionChange? New, long RaisedAt, long? ClearedAt, int Step, bool Latches = false, bool Stands = false, bool Retracted = false);

/// <summary>
/// Compares the occurrences of one rule at one device, as the log now shows them in the order of event time, with the alarms that were made known.
/// </summary>
/// <param name="known">Alarms of this rule and instance.</param>
/// <param name="looks">Of this rule and instance, and visits to the device.</param>
/// <param name="from">Event time from which the past may be another one, Unix ms.</param>
/// <param name="moment">Gets what nobody has to be told at once as amendments, and what has to be annunciated as changes.</param>
internal sealed class Amendments(IReadOnlyList<Alarm> known, IReadOnlyList<Look> looks, long from, Moment moment)
{
    /// <summary>A momentary life alarm up to this old still pages, ms.</summary>
    private const long StillPages = 24 * 3_600_000L;

    private readonly List<Alarm> _left = [.. known];
    private readonly List<Amendment> _amendments = [];

    public void Compare(IReadOnlyList<Occurrence> found)
    {
        var unmatched = found.ToList();
        // What was raised before is as it was.
        Match(unmatched, (occurrence, alarm) => occurrence.Raised < from && alarm.RaisedAt == occurrence.Raised && alarm.RetractedAt is null && CanStand(occurrence, alarm));
        // The same reading raises the same alarm.
        Match(unmatched, (occurrence, alarm) => alarm.Id == occurrence.Id && CanStand(occurrence, alarm));
        _left.RemoveAll(alarm => alarm.RetractedAt is not null);
        Match(unmatched, (occurrence, alarm) => alarm.RaisedAt == occurrence.Raised && CanStand(occurrence, alarm));
        Match(unmatched, (occurrence, alarm) => Overlap(occurrence, alarm) && CanStand(occurrence, alarm));
        Match(unmatched, Overlap);
        // What stands latched is one alarm, whichever time it is of.
        Match(unmatched, (occurrence, alarm) => PagesStill(occurrence) && alarm.State != AlarmState.Normal);
        foreach (var alarm in _left.Where(alarm => (alarm.ClearedAt ?? long.MaxValue) >= from))
            _amendments.Add(new Amendment(alarm, null, alarm.RaisedAt, alarm.RaisedAt, -1, Retracted: true));
        foreach (var occurrence in unmatched.Where(occurrence => occurrence.Raised >= from && occurrence.Id is not null))
            Enter(occurrence);
        // What is over makes room for what stands.
        moment.Amendments.AddRange(_amendments.OrderBy(amendment => amendment.ClearedAt is null));
    }

    private bool Overlap(Occurrence occurrence, Alarm alarm)
    {
        var now = moment.Entry.Time;
        return alarm.RaisedAt <= (occurrence.Cleared ?? now) && (alarm.ClearedAt ?? now) >= occurrence.Raised;
    }

    /// <summary>One that has ended is the last to stand again: another one may stand in its place.</summary>
    private bool CanStand(Occurrence occurrence, Alarm alarm) =>
        occurrence.Cleared is not null || alarm.State != AlarmState.Normal || known.All(other => other.ClearedAt is not null || other.RetractedAt is not null);

    private void Match(List<Occurrence> unmatched, Func<Occurrence, Alarm, bool> isOf)
    {
        for (var i = 0; i < unmatched.Count;)
        {
            var occurrence = unmatched[i];
            if (_left.Find(alarm => isOf(occurrence, alarm)) is not { } alarm)
            {
                i++;
                continue;
            }
            unmatched.RemoveAt(i);
            _left.Remove(alarm);
            if (alarm.RaisedAt != occurrence.Raised || alarm.ClearedAt != occurrence.Cleared || alarm.RetractedAt is not null)
                _amendments.Add(new Amendment(alarm, null, occurrence.Raised, occurrence.Cleared, occurrence.Step, occurrence.Latches, PagesStill(occurrence)));
            if (occurrence.Cleared is null && occurrence.Changes.Count > 0 && IsAtAnotherStep(alarm, occurrence.Changes[^1]))
                moment.Changes.Add(occurrence.Changes[^1]);
        }
    }

    /// <summary>Nobody knew of it: one that stands, or a life alarm that nobody has looked after, is annunciated; the rest is history.</summary>
    private void Enter(Occurrence occurrence)
    {
        var raising = AlarmIds.Unused(occurrence.Changes[0], moment.Entry, id => known.Any(alarm => alarm.Id == id));
        var changes = occurrence.Changes.Skip(1).Prepend(raising);
        if (occurrence.Holds || (PagesStill(occurrence) && known.All(HasEnded)))
            moment.Changes.AddRange(changes);
        else
            _amendments.Add(new Amendment(null, changes.MaxBy(change => change.Step) with { Key = raising.Key }, occurrence.Raised, occurrence.Cleared, occurrence.Step));
    }

    /// <summary>Latched, of the last day, and nobody has been there since its condition was over.</summary>
    private bool PagesStill(Occurrence occurrence) =>
        occurrence.Latches && occurrence.Raised >= moment.Entry.Time - StillPages && looks.All(look => look.At < occurrence.Cleared);

    private static bool HasEnded(Alarm alarm) => alarm.State == AlarmState.Normal || alarm.RetractedAt is not null;

    private static bool IsAtAnotherStep(Alarm alarm, ConditionChange last) =>
        last.Rule.Trigger == RuleTrigger.Condition && last.Step >= 0 && last.Step != alarm.Step;
}
