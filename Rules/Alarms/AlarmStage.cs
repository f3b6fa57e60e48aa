using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>
/// Last stage: alarms as ISA-18.2 has them. An entry's condition changes come first, then what it is itself (an action, a tick, a change of rules or of the
/// register), then what follows from both: suppression, and who has not arrived in time.
/// </summary>
public sealed class AlarmStage
{
    private readonly Fleet _fleet;
    private readonly OpenAlarms _open;
    private readonly Suppression _suppression;
    private readonly Chattering _chattering = new();
    private readonly Occurrences _occurrences;
    private readonly LateData _lateData;
    private readonly Insistence _insistence;
    private readonly Drills _drills;
    private readonly StandingCondition _condition;

    public AlarmStage(Fleet fleet)
    {
        _fleet = fleet;
        _open = new OpenAlarms(fleet);
        _suppression = new Suppression(_open, fleet);
        _occurrences = new Occurrences(_open, _suppression, _chattering, fleet);
        _lateData = new LateData(_open, _occurrences);
        _insistence = new Insistence(_open, _occurrences, fleet);
        _drills = new Drills(_occurrences, fleet);
        _condition = new StandingCondition(fleet);
    }

    public IEnumerable<Alarm> Open => _open.All;

    public IReadOnlyList<AlarmTransition> Apply(Moment moment)
    {
        var entry = moment.Entry;
        if (entry is TickEntry)
            _chattering.Tick(entry.Time);
        if (moment.Changes.Count + moment.Amendments.Count == 0 && entry is not ActionEntry and not FamilyEntry and not DeviceEntry && !(entry is TickEntry && (_open.NextDue <= entry.Time || moment.ChangedDevices.Count > 0)))
            return [];
        _open.Begin(entry);
        if (moment.Move is { } move)
            Renumber(move);
        foreach (var amendment in moment.Amendments)
            _lateData.Apply(entry, amendment);
        foreach (var change in Suppression.CausesFirst(moment.Changes, _fleet))
            _occurrences.Apply(entry, change);
        switch (entry)
        {
            case ActionEntry action:
                moment.Refusal = Apply(action);
                break;
            case TickEntry:
                foreach (var changed in moment.ChangedDevices)
                    Follow(entry, _fleet.Find(changed.Id)!);
                _insistence.Tick(entry);
                break;
            case FamilyEntry family:
                EndRemoved(family);
                break;
            case DeviceEntry { Device.Id: var id } when _fleet.Find(id) is { } device:
                Follow(entry, device);
                break;
        }
        foreach (var ended in _drills.EndedBy(_open.Written, moment))
            Follow(entry, ended);
        if (_open.AreaChanged)
            _suppression.TouchGathered();
        // What follows may touch further devices.
        for (var i = 0; i < _open.Touched.Count; i++)
        {
            _suppression.Reconsider(entry, _open.Touched[i]);
            _insistence.Judge(entry, _open.Touched[i]);
        }
        return _open.Written;
    }

    /// <summary>Why it was refused; null if it was done, or is so already.</summary>
    private ActionOutcome? Apply(ActionEntry action)
    {
        var alarm = _open.Find(action.Alarm);
        var rule = alarm is null ? null : _open.RuleOf(alarm);
        var outcome = alarm is null ? OperatorActions.OfEnded(action) : OperatorActions.Of(alarm, rule, action);
        if (outcome.Refusal is not null)
            return outcome;
        if (alarm is null || outcome.After is not { } after)
            return null;
        if (action.Action == "reset")
        {
            if (rule is not null && _condition.WhyNotOver(alarm, rule, action.Time) is { } why)
                return ActionOutcome.Refused(why, OperatorActions.Explain(why));
            _fleet.EndStanding(alarm.Device, alarm.Rule, AlarmSlot.Of(alarm).Instance, action.Time);
        }
        // Out from beneath an overlay it sounds again.
        _open.Change(alarm, alarm.Beneath is not null && after.Beneath is null ? after.Announced(action.Time) : after, action.Time, outcome.Cause, action);
        return null;
    }

    /// <summary>An alarm whose rule has left the family file, or is raised for something else there, can neither clear nor be reset any more: it ends with the rule.</summary>
    private void EndRemoved(FamilyEntry entry)
    {
        if (_fleet.Plan(entry.Family)?.Family is not { } family)
            return;
        End(entry, _open.Where(alarm => (alarm.Family == family.Name || alarm.Family == Fleet.AreaFamily) && alarm.Rule != Vocabulary.UnknownRule && !CanStand(alarm, _fleet.RuleOf(alarm.Family, alarm.Rule))), "rule_removed");
        foreach (var (slot, _) in _open.Events.InOrderOfDevices.ToList())
        {
            if (_fleet.Find(slot.Device)?.Device.Family == family.Name && !family.Rules.Any(rule => rule.Name == slot.Rule && rule.Each is null == (slot.Instance == 0)))
                _open.Events.Remove(slot);
        }
        // What the file no longer suppresses is told now, and what it now suppresses is quiet.
        foreach (var alarm in _open.Where(alarm => alarm.Family == family.Name))
            _open.Replace(alarm);
    }

    /// <summary>
    /// The device is no longer evaluated; or it is elsewhere, and whoever answers for that place has to see its alarms; or it is back to live from a test: what stands then is real, its
    /// gateway's alarm included.
    /// </summary>
    private void Follow(LogEntry entry, DeviceState device)
    {
        var own = _open.At(device.Device.Id).Where(alarm => alarm.Family == device.Device.Family);
        if (!device.IsEvaluated)
        {
            foreach (var (slot, _) in _open.Events.At(device.Device.Id))
                _open.Events.Remove(slot);
            End(entry, own.OrderBy(alarm => alarm.Id, StringComparer.Ordinal), "commissioning");
            return;
        }
        var (district, street) = (device.Device.District, device.Device.Street);
        foreach (var alarm in _open.At(device.Device.Id).Where(alarm => (alarm.Family == device.Device.Family || alarm.Rule is Vocabulary.ResponseOverdueRule or Vocabulary.NothingNewRule) && (alarm.District, alarm.Street) != (district, street)))
            _open.Change(alarm, alarm with { District = district, Street = street }, entry.Time, "moved");
        if (device.Device.IsInTestOrDrill)
            return;
        foreach (var alarm in _open.At(device.Device.Id).Concat(_open.At(device.Gateway.Id)).Where(alarm => alarm.Mode is not null).DistinctBy(alarm => alarm.Id).ToList())
        {
            var live = alarm with { Mode = null };
            _open.Change(alarm, alarm.Underlying == AlarmState.ClearedUnacknowledged ? live : live.Settled(AlarmMachine.On(alarm.Underlying, AlarmEvent.Leave).To!.Value).Announced(entry.Time), entry.Time, "live");
        }
    }

    /// <summary>A new file may have other rungs beneath the one that an alarm stands on, or was shelved at.</summary>
    private void Renumber(FamilyMove move)
    {
        foreach (var alarm in _open.Where(alarm => alarm.Holds || alarm.Overlay is not null))
        {
            if (StepOf(alarm.Step) is not { } step)
                continue;
            // A shelve taken at a step that is gone ends with the next one that is reached.
            var overlay = alarm.Overlay is { } put ? put with { Step = StepOf(put.Step) is { } at && at < _open.RuleOf(alarm)!.Steps.Count ? at : -1 } : null;
            if (step != alarm.Step || overlay != alarm.Overlay)
                _open.Replace(alarm with { Step = step, Overlay = overlay });

            int? StepOf(int before) => move.StepOf(alarm.Family, alarm.Rule, before);
        }
    }

    private static bool CanStand(Alarm alarm, Rule? rule) => rule is not null && rule.Each is null == alarm.Instance is null;

    private void End(LogEntry entry, IEnumerable<Alarm> alarms, string cause)
    {
        foreach (var alarm in alarms)
            _open.Change(alarm, (alarm with { Overlay = null, SuppressedBy = null, ClearedAt = alarm.ClearedAt ?? entry.Time }).Settled(AlarmState.Normal), entry.Time, cause);
    }

    public void Save(BinaryWriter into)
    {
        _open.Save(into);
        _chattering.Save(into);
    }

    public void Load(BinaryReader from)
    {
        _open.Load(from);
        _chattering.Load(from);
    }
}
