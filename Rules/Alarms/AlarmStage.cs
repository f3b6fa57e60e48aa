using System.Globalization;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>
/// Last stage: the state machine of ISA-18.2 over condition changes and operator actions. It keeps the occurrences that have not ended; what
/// has ended is history and lives in the projections.
/// </summary>
public sealed class AlarmStage(Fleet fleet)
{
    private readonly record struct Slot(string Device, string Rule, int Instance);

    private readonly Dictionary<Slot, OpenAlarm> _open = [];
    private readonly Dictionary<string, Slot> _byId = new(StringComparer.Ordinal);

    /// <param name="alarm">As it stands.</param>
    /// <param name="latches">Some step that was reached is latched.</param>
    /// <param name="holds">The condition is true now.</param>
    private sealed class OpenAlarm(Alarm alarm, bool latches, bool holds)
    {
        public Alarm Alarm { get; set; } = alarm;

        public bool Latches { get; set; } = latches;

        public bool Holds { get; set; } = holds;

        /// <summary>The highest step of the present stretch of activity; -1 while the condition is over.</summary>
        public int Step { get; set; }
    }

    public IEnumerable<Alarm> Open => _open.Values.Select(open => open.Alarm);

    public IEnumerable<AlarmTransition> Apply(Moment moment)
    {
        if (moment.Changes.Count == 0 && moment.Entry is not ActionEntry and not FamilyEntry and not DeviceEntry)
            return [];
        var transitions = new List<AlarmTransition>();
        foreach (var change in moment.Changes)
            Apply(moment.Entry, change, transitions);
        if (moment.Entry is ActionEntry action)
            Apply(action, transitions);
        if (moment.Entry is FamilyEntry family)
            EndRemoved(family, transitions);
        if (moment.Entry is DeviceEntry { Device.Id: var id } && fleet.Find(id) is { IsEvaluated: false } device)
            End(moment.Entry, alarm => alarm.Device == id && alarm.Family == device.Device.Family, "commissioning", transitions);
        return transitions;
    }

    private void Apply(LogEntry entry, ConditionChange change, List<AlarmTransition> into)
    {
        var slot = new Slot(change.Subject.Id, change.Rule.Name, change.Instance);
        var open = _open.GetValueOrDefault(slot);
        if (change.Step < 0)
        {
            if (open is { Holds: true })
                Clear(entry, change, slot, open, into);
            return;
        }
        if (open is null)
        {
            Raise(entry, change, slot, into);
            return;
        }
        if (open.Holds)
            Move(entry, change, slot, open, into);
        else if (open.Alarm.State == AlarmState.ClearedUnacknowledged)
        {
            // A recurrence is a new occurrence; the old one ends in the same step and keeps its clearedAt.
            Change(entry, slot, open, AlarmState.Normal, change.At, "recurred", open.Alarm, into);
            Raise(entry, change, slot, into);
        }
        else
            Return(entry, change, slot, open, into);
    }

    private void Raise(LogEntry entry, ConditionChange change, Slot slot, List<AlarmTransition> into)
    {
        var step = change.Rule.Steps[change.Step];
        var isEvent = step.Kind == AlarmKind.Event;
        var alarm = new Alarm
        {
            Id = AlarmIds.Alarm(slot.Device, slot.Rule, slot.Instance, change.Key),
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
            ClearedAt = isEvent ? change.At : null,
            RuleVersion = change.Subject.RuleVersion,
        };
        alarm = With(alarm, change.Evidence);
        var open = new OpenAlarm(alarm, step.Latched, true) { Step = change.Step };
        if (!isEvent)
        {
            _open[slot] = open;
            _byId[alarm.Id] = slot;
        }
        Change(entry, slot, open, isEvent ? AlarmState.Normal : AlarmState.ActiveUnacknowledged, change.At, "raised", alarm, into);
    }

    /// <summary>Climbing annunciates again; descending never changes the acknowledgement.</summary>
    private void Move(LogEntry entry, ConditionChange change, Slot slot, OpenAlarm open, List<AlarmTransition> into)
    {
        var step = change.Rule.Steps[change.Step];
        var climbs = change.Climbs;
        open.Step = change.Step;
        open.Latches |= step.Latched;
        var alarm = open.Alarm with { Kind = step.Kind, Severity = change.Evidence.Severity ?? step.Severity };
        if (climbs)
        {
            alarm = With(alarm, change.Evidence) with { AcknowledgedAt = null, AcknowledgedBy = null };
            Change(entry, slot, open, AlarmState.ActiveUnacknowledged, change.At, "climbed", alarm, into);
        }
        else
            Change(entry, slot, open, alarm.State, change.At, "descended", alarm, into);
    }

    private void Clear(LogEntry entry, ConditionChange change, Slot slot, OpenAlarm open, List<AlarmTransition> into)
    {
        open.Holds = false;
        open.Step = -1;
        var acknowledged = open.Alarm.State == AlarmState.ActiveAcknowledged;
        var to = (open.Latches, acknowledged) switch
        {
            (true, true) => AlarmState.LatchedAcknowledged,
            (true, false) => AlarmState.LatchedUnacknowledged,
            (false, true) => AlarmState.Normal,
            (false, false) => AlarmState.ClearedUnacknowledged,
        };
        Change(entry, slot, open, to, change.At, "cleared", open.Alarm with { ClearedAt = change.At }, into);
    }

    /// <summary>A latched alarm whose condition comes back is the same occurrence, active again.</summary>
    private void Return(LogEntry entry, ConditionChange change, Slot slot, OpenAlarm open, List<AlarmTransition> into)
    {
        var step = change.Rule.Steps[change.Step];
        open.Holds = true;
        open.Step = change.Step;
        open.Latches |= step.Latched;
        var alarm = With(open.Alarm, change.Evidence) with { Kind = step.Kind, Severity = change.Evidence.Severity ?? step.Severity, ClearedAt = null, AcknowledgedAt = null, AcknowledgedBy = null };
        Change(entry, slot, open, AlarmState.ActiveUnacknowledged, change.At, "recurred", alarm, into);
    }

    private void Apply(ActionEntry action, List<AlarmTransition> into)
    {
        if (!_byId.TryGetValue(action.Alarm, out var slot))
            return;
        var open = _open[slot];
        switch (action.Action, open.Alarm.State)
        {
            case ("acknowledge", AlarmState.ActiveUnacknowledged or AlarmState.ClearedUnacknowledged or AlarmState.LatchedUnacknowledged):
                var to = open.Alarm.State switch
                {
                    AlarmState.ActiveUnacknowledged => AlarmState.ActiveAcknowledged,
                    AlarmState.LatchedUnacknowledged => AlarmState.LatchedAcknowledged,
                    _ => AlarmState.Normal,
                };
                Change(action, slot, open, to, action.Time, "acknowledged", open.Alarm with { AcknowledgedAt = action.Time, AcknowledgedBy = action.By }, into);
                break;
            case ("reset", AlarmState.LatchedAcknowledged) when !open.Holds:
                fleet.EndStanding(slot.Device, slot.Rule, slot.Instance, action.Time);
                Change(action, slot, open, AlarmState.Normal, action.Time, "reset", open.Alarm, into);
                break;
            case ("comment", _):
                Change(action, slot, open, open.Alarm.State, action.Time, "commented", open.Alarm, into);
                break;
        }
    }

    /// <summary>An alarm whose rule has left the family file, or is raised for something else there, can neither clear nor be reset any more: it ends with the rule.</summary>
    private void EndRemoved(FamilyEntry entry, List<AlarmTransition> into)
    {
        if (fleet.Plan(entry.Family) is null)
            return;
        End(entry, alarm => (alarm.Family == entry.Family || alarm.Family == Fleet.AreaFamily) && alarm.Rule != "unknown" && !CanStand(alarm, fleet.RuleOf(alarm.Family, alarm.Rule)), "rule_removed", into);
    }

    private static bool CanStand(Alarm alarm, Rule? rule) => rule is { IsEvaluated: true } && rule.Each is null == alarm.Instance is null;

    private void End(LogEntry entry, Func<Alarm, bool> which, string cause, List<AlarmTransition> into)
    {
        // In the order of ids: a checkpoint may have changed the table's.
        var ended = _open.Where(open => which(open.Value.Alarm)).OrderBy(open => open.Value.Alarm.Id, StringComparer.Ordinal).ToList();
        foreach (var (slot, open) in ended)
            Change(entry, slot, open, AlarmState.Normal, entry.Time, cause, open.Alarm with { ClearedAt = open.Alarm.ClearedAt ?? entry.Time }, into);
    }

    private void Change(LogEntry entry, Slot slot, OpenAlarm open, AlarmState to, long at, string cause, Alarm alarm, List<AlarmTransition> into)
    {
        var from = open.Alarm.State;
        open.Alarm = alarm with { State = to, Transitions = alarm.Transitions + 1, Position = entry.Position };
        into.Add(new AlarmTransition(entry.Position, into.Count, AlarmIds.Transition(alarm.Id, alarm.Transitions), from, to, at, entry.Time, cause, open.Alarm));
        if (to != AlarmState.Normal)
            return;
        _open.Remove(slot);
        _byId.Remove(alarm.Id);
    }

    private static Alarm With(Alarm alarm, Evidence evidence) => alarm with
    {
        Channel = evidence.Channel,
        Value = evidence.Value,
        ValueState = evidence.State,
        Limit = evidence.Limit,
        Unit = evidence.Unit,
        Detail = evidence.Detail,
    };

    public void Save(BinaryWriter into)
    {
        into.Write(_open.Count);
        foreach (var (slot, open) in _open)
        {
            into.Write(slot.Instance);
            into.Write(open.Latches);
            into.Write(open.Holds);
            into.Write(open.Step);
            into.Write(System.Text.Json.JsonSerializer.Serialize(open.Alarm));
        }
    }

    public void Load(BinaryReader from)
    {
        _open.Clear();
        _byId.Clear();
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var instance = from.ReadInt32();
            var (latches, holds, step) = (from.ReadBoolean(), from.ReadBoolean(), from.ReadInt32());
            var alarm = System.Text.Json.JsonSerializer.Deserialize<Alarm>(from.ReadString()) ?? throw new InvalidDataException("an open alarm is missing in the checkpoint");
            var slot = new Slot(alarm.Device, alarm.Rule, instance);
            _open[slot] = new OpenAlarm(alarm, latches, holds) { Step = step };
            _byId[alarm.Id] = slot;
        }
    }
}
