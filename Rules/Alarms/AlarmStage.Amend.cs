using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>Late data: an alarm that was made known is changed, never removed; one that nobody knew is entered as history.</summary>
public sealed partial class AlarmStage
{
    private const string ByLateData = "amended_by_late_data";

    private void Amend(LogEntry entry, Amendment amendment, List<AlarmTransition> into)
    {
        if (amendment.Alarm is not { } known)
        {
            Enter(entry, amendment, into);
            return;
        }
        var slot = new Slot(known.Device, known.Rule, DevicePast.InstanceOf(known));
        var open = _open.GetValueOrDefault(slot) is { } standing && standing.Alarm.Id == known.Id ? standing : null;
        var alarm = (open?.Alarm ?? known) with
        {
            RaisedAt = amendment.RaisedAt,
            ClearedAt = amendment.ClearedAt,
            AmendedAt = entry.Time,
            RetractedAt = amendment.Retracted ? entry.Time : null,
        };
        var holds = amendment.ClearedAt is null;
        if (open is null && !holds && !amendment.Stands)
        {
            Add(entry, alarm, alarm.State, amendment.RaisedAt, into);
            return;
        }
        if (open is null)
        {
            // It has ended and stands again: what stood in its place makes room.
            if (_open.TryGetValue(slot, out var other))
                Change(entry, slot, other, AlarmState.Normal, amendment.RaisedAt, "recurred", other.Alarm, into);
            _open[slot] = open = new OpenAlarm(alarm, false, false);
            _byId[alarm.Id] = slot;
        }
        open.Latches |= amendment.Latches;
        var to = After(open, amendment);
        if (to == AlarmState.ActiveUnacknowledged && !open.Holds)
            alarm = alarm with { AcknowledgedAt = null, AcknowledgedBy = null, Retrospective = false };
        (open.Holds, open.Step) = (holds, holds ? amendment.Step : -1);
        Change(entry, slot, open, to, amendment.ClearedAt ?? amendment.RaisedAt, ByLateData, alarm, into);
    }

    private static AlarmState After(OpenAlarm open, Amendment amendment)
    {
        var state = open.Alarm.State;
        // Whoever saw it, and whoever is on the way, is told.
        if (amendment.Retracted)
            return AlarmState.ClearedUnacknowledged;
        if (amendment.ClearedAt is null)
            return open.Holds ? state : AlarmState.ActiveUnacknowledged;
        if (open.Holds)
            return Cleared(open);
        return amendment.Stands && state is AlarmState.Normal or AlarmState.ClearedUnacknowledged ? AlarmState.LatchedUnacknowledged : state;
    }

    private static void Enter(LogEntry entry, Amendment amendment, List<AlarmTransition> into)
    {
        var alarm = Of(entry, amendment.New!.Value) with { RaisedAt = amendment.RaisedAt, ClearedAt = amendment.ClearedAt, Retrospective = true, AmendedAt = entry.Time };
        Add(entry, alarm, AlarmState.Normal, amendment.RaisedAt, into);
    }

    private static void Add(LogEntry entry, Alarm alarm, AlarmState from, long at, List<AlarmTransition> into)
    {
        alarm = alarm with { Transitions = alarm.Transitions + 1, Position = entry.Position };
        into.Add(new AlarmTransition(entry.Position, into.Count, AlarmIds.Transition(alarm.Id, alarm.Transitions - 1), from, alarm.State, at, entry.Time, ByLateData, alarm));
    }
}
