using System.Globalization;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>Condition changes become occurrences: raised, climbing and descending, over, back again, lifted by another rule.</summary>
internal sealed class Occurrences(OpenAlarms open, Suppression suppression, Chattering chattering, Fleet fleet)
{
    public void Apply(LogEntry entry, ConditionChange change)
    {
        if (change is { Step: >= 0, Rule.Escalates: { } target } && Escalate(entry, change, target))
            return;
        var slot = new AlarmSlot(change.Subject.Id, change.Rule.Name, change.Instance);
        var alarm = open.Find(slot);
        if (change.Step < 0)
        {
            End(slot);
            if (alarm is { Holds: true })
                Clear(entry, change, alarm);
        }
        else if (alarm is null)
            Raise(entry, change, slot, null);
        else if (alarm.Holds)
            Move(entry, change, alarm);
        else if (AlarmMachine.On(alarm.Underlying, AlarmEvent.Activate).To == AlarmState.Normal || alarm.Underlying == AlarmState.Normal)
        {
            // A recurrence is a new occurrence; the old one ends in the same step and keeps its clearedAt. What lies over it stays.
            open.Change(alarm, (alarm with { Overlay = null, SuppressedBy = null }).Settled(AlarmState.Normal), change.At, "recurred");
            Raise(entry, change, slot, alarm);
        }
        else
            Return(entry, change, alarm);
    }

    /// <summary>An event's condition is over.</summary>
    private void End(AlarmSlot slot)
    {
        if (open.Events.Find(slot) is null)
            return;
        open.Events.Remove(slot);
        open.Touch(slot.Device);
    }

    /// <param name="before">The occurrence that it follows; what lies over that one stays, but for what has become graver meanwhile.</param>
    private void Raise(LogEntry entry, ConditionChange change, AlarmSlot slot, Alarm? before)
    {
        var isEvent = change.Rule.Steps[change.Step].Kind == AlarmKind.Event;
        var none = Of(entry, change) with { ClearedAt = isEvent ? change.At : null };
        var alarm = none with { Overlay = before is { Overlay: { } over } && over.Covers(change.Step) && !IsGraver(change, before) ? over : null };
        if (isEvent)
        {
            open.Events.Set(slot, alarm.Id);
            open.Change(none, alarm with { Overlay = null }, change.At, "raised");
            return;
        }
        alarm = chattering.Note(entry, slot, change.At, alarm);
        Change(entry, change, none, alarm with { SuppressedBy = suppression.Explains(alarm) }, AlarmState.ActiveUnacknowledged, "raised");
    }

    /// <summary>Of an outage: how grave it is does not stand in its step. Whoever shelved a lesser one has not agreed to this.</summary>
    private static bool IsGraver(ConditionChange change, Alarm before) => before.Overlay is not { State: AlarmState.OutOfService } && change.Evidence.Severity > before.Severity;

    /// <summary>The alarm that a change raises, before it has a state.</summary>
    public Alarm Of(LogEntry entry, ConditionChange change)
    {
        var step = change.Rule.Steps[change.Step];
        return With(new Alarm
        {
            Id = AlarmIds.Alarm(change.Subject.Id, change.Rule.Name, change.Instance, change.Key),
            Device = change.Subject.Id,
            Family = change.Subject.Family,
            District = change.Subject.District,
            Street = change.Subject.Street,
            Rule = change.Rule.Name,
            Instance = change.Instance == 0 ? null : change.Instance.ToString(CultureInfo.InvariantCulture),
            Kind = step.Kind,
            Severity = change.Evidence.Severity ?? step.Severity,
            State = AlarmState.Normal,
            RaisedAt = change.At,
            RaisedReceivedAt = entry.Time,
            Mode = fleet.ModeOf(change.Subject),
            RuleVersion = change.Subject.RuleVersion,
        }, change);
    }

    /// <summary>Climbing annunciates again; descending never changes the acknowledgement.</summary>
    private void Move(LogEntry entry, ConditionChange change, Alarm alarm)
    {
        if (change.Step <= alarm.Step)
        {
            var step = change.Rule.Steps[change.Step];
            open.Change(alarm, alarm with { Step = change.Step, Kind = step.Kind, Severity = change.Evidence.Severity ?? step.Severity }, change.At, "descended");
            return;
        }
        var after = Uncovered(With(alarm, change));
        Change(entry, change, alarm, after, AlarmMachine.On(alarm.Underlying, AlarmEvent.Climb).To!.Value, "climbed");
    }

    private void Clear(LogEntry entry, ConditionChange change, Alarm alarm)
    {
        chattering.Over(AlarmSlot.Of(alarm), change.At, change.Rule.Steps[Math.Min(alarm.Step, change.Rule.Steps.Count - 1)]);
        var what = alarm.Latches ? AlarmEvent.ClearLatched : alarm.Beneath is null ? AlarmEvent.Clear : AlarmEvent.ClearBeneath;
        var after = (alarm with { ClearedAt = change.At }).Settled(AlarmMachine.On(alarm.Underlying, what).To!.Value);
        open.Change(alarm, alarm.Overlay is { OneShot: true } ? OverlayActions.Off(after).Announced(entry.Time) : after, change.At, "cleared");
    }

    /// <summary>A latched alarm whose condition comes back is the same occurrence, active again.</summary>
    private void Return(LogEntry entry, ConditionChange change, Alarm alarm)
    {
        var after = chattering.Note(entry, AlarmSlot.Of(alarm), change.At, Uncovered(With(alarm, change)) with { ClearedAt = null });
        Change(entry, change, alarm, after, AlarmMachine.On(alarm.Underlying, AlarmEvent.Activate).To!.Value, "recurred");
    }

    /// <summary>Lifts the standing alarm of the rule that it names, which sounds again; false where none stands.</summary>
    private bool Escalate(LogEntry entry, ConditionChange change, string target)
    {
        var alarm = open.Find(new AlarmSlot(change.Subject.Id, target, change.Instance)) ?? open.Find(new AlarmSlot(change.Subject.Id, target, 0));
        if (alarm is null || AlarmMachine.On(alarm.Underlying, AlarmEvent.Climb).To is not { } to)
            return false;
        var severity = change.Evidence.Severity ?? change.Rule.Steps[change.Step].Severity;
        var after = alarm with
        {
            Severity = severity > alarm.Severity ? severity : alarm.Severity,
            EscalatedBy = change.Rule.Name,
            Detail = $"{change.Rule.Title.En} · {change.Rule.Title.Zh}",
            Overlay = alarm.Overlay is { State: AlarmState.OutOfService } ? alarm.Overlay : null,
        };
        Change(entry, change, alarm, after, to, "escalated");
        return true;
    }

    private void Change(LogEntry entry, ConditionChange change, Alarm before, Alarm after, AlarmState to, string cause) =>
        open.Change(before, after.Settled(to).Announced(entry.Time), change.At, cause);

    /// <summary>A step that was not reached when a shelve was taken ends it, and a step that nothing may suppress breaks through.</summary>
    private Alarm Uncovered(Alarm alarm) => alarm with
    {
        Overlay = alarm.Overlay?.Covers(alarm.Step) == true ? alarm.Overlay : null,
        SuppressedBy = suppression.Explains(alarm),
    };

    private static Alarm With(Alarm alarm, ConditionChange change)
    {
        var (step, evidence) = (change.Rule.Steps[change.Step], change.Evidence);
        return alarm with
        {
            Step = change.Step,
            Kind = step.Kind,
            Severity = evidence.Severity ?? step.Severity,
            Latches = alarm.Latches || step.Latched,
            Channel = evidence.Channel,
            Value = evidence.Value,
            ValueState = evidence.State,
            Limit = evidence.Limit,
            Unit = evidence.Unit,
            Detail = evidence.Detail,
        };
    }
}
