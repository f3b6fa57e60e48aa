using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Late data: a reading that belongs before what its device's rules have decided marks the device; the next tick runs the rules over its recent past
/// once more, in the order of event time, takes over where they come to, and hands on what that makes of the alarms that were made known.
/// </summary>
/// <param name="duplicateWindow">Milliseconds.</param>
/// <param name="history">Null where nothing is amended: late readings then find their place in the windows and no more.</param>
public sealed partial class AmendPast(Fleet fleet, EvaluateConditions conditions, long duplicateWindow, ReadingHistory? history)
{
    /// <summary>
    /// So many readings a tick are looked at again, and the rest waits for the next one: a backlog that comes newest first must not hold up what is
    /// live. At least one device a tick.
    /// </summary>
    public const int ReadingsPerTick = 20_000;

    // In the order of the marks; by device: the earliest event time.
    private readonly List<DeviceState> _marked = [];
    private readonly Dictionary<DeviceState, long> _from = [];
    private readonly Dictionary<string, DevicePast> _pasts = new(StringComparer.Ordinal);
    private int _firstOwn;
    private int _ownChanges;

    /// <summary>Before the tick's own conditions: they go on from an amended past.</summary>
    public Moment Amend(Moment moment)
    {
        (_firstOwn, _ownChanges) = (0, 0);
        if (moment.Entry is not (TickEntry or ActionEntry) || _marked.Count == 0)
            return moment;
        _firstOwn = moment.Changes.Count;
        var (done, readings) = (0, 0);
        while (done < _marked.Count && readings < ReadingsPerTick)
        {
            var device = _marked[done++];
            _from.Remove(device, out var from);
            if (device.IsEvaluated && (!device.WasHeard || from >= device.RulesSince))
                readings += Amend(moment, device, from);
        }
        _marked.RemoveRange(0, done);
        _ownChanges = moment.Changes.Count - _firstOwn;
        return moment;
    }

    /// <summary>After the conditions: what comes too late for them is marked, and what they raise is no alarm that there was before.</summary>
    public Moment Mark(Moment moment)
    {
        for (var i = _firstOwn + _ownChanges; i < moment.Changes.Count; i++)
        {
            if (moment.Changes[i].Step >= 0 && _pasts.TryGetValue(moment.Changes[i].Subject.Id, out var past))
                moment.Changes[i] = AlarmIds.Unused(moment.Changes[i], moment.Entry, past.Alarms.Has);
        }
        if (history is null)
            return moment;
        foreach (var (device, from) in moment.OutOfOrder)
        {
            Mark(moment, device, from);
            foreach (var other in Beside(device))
                Mark(moment, other, from);
        }
        KeepAnchors(moment);
        return moment;
    }

    private void Mark(Moment moment, DeviceState device, long from)
    {
        if (from < moment.Entry.Time - device.Plan.Family.Lateness)
            return;
        // A jump of up to so long before may have counted for it, or not.
        if (device.Plan.HasJumps)
            from = Math.Max(from - Jump.Wait, device.WasHeard && from >= device.RulesSince ? device.RulesSince : long.MinValue);
        if (!_from.TryGetValue(device, out var known))
            _marked.Add(device);
        if (known == 0 || from < known)
            _from[device] = from;
    }

    /// <summary>Devices whose rules look at this one, or at how many of its like hold something: stations of one tunnel.</summary>
    private IEnumerable<DeviceState> Beside(DeviceState device) =>
        device.Plan.AsksBeside && device.Device.Parent is { } parent ? fleet.Neighbours.With(device.Device.Family, parent).Where(other => other != device && other.IsEvaluated) : [];

    /// <summary>Remembers what is made known, for as long as a late reading may change it.</summary>
    public IReadOnlyList<AlarmTransition> Note(Moment moment, IReadOnlyList<AlarmTransition> transitions)
    {
        if (moment.Changes.Count + transitions.Count == 0)
            return transitions;
        for (var i = 0; i < moment.Changes.Count; i++)
        {
            var change = moment.Changes[i];
            // What the amendment itself has changed stands in the past already.
            if (IsOnEventTime(change.Rule) && change.Rule.Place is null && fleet.Find(change.Subject.Id) is not null && (i < _firstOwn || i >= _firstOwn + _ownChanges))
                PastOf(change.Subject.Id).Moves.Add(new RuleMove(change.Rule.Name, change.Instance, change.Step, change.At));
        }
        foreach (var transition in transitions)
        {
            var id = transition.Alarm.Device;
            if (fleet.Find(id) is not { } device || !(_pasts.ContainsKey(id) || DevicePast.IsVisit(transition.Cause)))
                continue;
            var past = PastOf(id);
            past.Add(transition);
            past.Forget(moment.Entry.Time - device.Plan.Family.Lateness - device.Plan.WarmUp);
        }
        return transitions;
    }

    /// <returns>How many readings it took.</returns>
    private int Amend(Moment moment, DeviceState device, long from)
    {
        var past = _pasts.GetValueOrDefault(device.Device.Id) ?? new DevicePast();
        var anchor = Anchors.Take(device, from);
        var rerun = Rerun.Of(fleet, device, Beside(device).ToList(), past, anchor, history!, from, moment.Entry, duplicateWindow);
        var moves = new List<RuleMove>();
        foreach (var (rule, instance) in Keys(device, past, rerun, from))
        {
            var looks = past.Looks.Where(look => look.Rule.Length == 0 || (look.Rule == rule.Name && look.Instance == instance)).ToList();
            var after = Moves(past, rerun, rule, instance, from);
            moves.AddRange(after.Select(move => move.Move));
            var before = past.Moves.All.Where(move => move.At < from && move.Rule == rule.Name && move.Instance == instance).Select(move => (move, (ConditionChange?)null));
            var known = past.Alarms.All.Where(alarm => alarm.Rule == rule.Name && DevicePast.InstanceOf(alarm) == instance).ToList();
            var found = Occurrence.Of(rule, before.Concat(after), [.. looks.Where(look => look.Rule.Length > 0).Select(look => look.At)]);
            var (stood, stands) = (past.Moves.StepAt(rule.Name, instance, long.MaxValue), after.Count > 0 ? after[^1].Move.Step : past.Moves.StepAt(rule.Name, instance, from));
            // What lifts another rule's alarm, and what is over as soon as it is told, has no alarm that could be amended.
            if (stands < 0 && stood >= 0 && rule.Steps[0].Kind == AlarmKind.Event && after.LastOrDefault().Change is { } over)
                moment.Changes.Add(over);
            if (rule.Escalates is not null && known.Count == 0)
            {
                if (stood < 0 && stands >= 0 && after[^1].Change is { } lifts)
                    moment.Changes.Add(lifts);
                continue;
            }
            new Amendments(known, looks, from, moment).Compare(found);
        }
        past.Moves.Replace(from, moves);
        if (!past.IsEmpty)
            _pasts[device.Device.Id] = past;
        device.TakeOver(rerun.Device);
        Anchors.Count(moment, device, rerun.Readings, fleet.AnchorsApart);
        fleet.Places.TakeOver(device, rerun.Places, rerun.Device, from);
        fleet.LinkTraces.TakeOver(rerun.LinkTraces, device.Device.Family);
        conditions.Queue(device);
        return rerun.Readings;
    }

    /// <summary>Rules and instances that have a past in either view, in the order of the family.</summary>
    private static IEnumerable<(Rule Rule, int Instance)> Keys(DeviceState device, DevicePast past, Rerun rerun, long from)
    {
        var keys = past.Moves.All.Where(move => move.At >= from).Select(move => (move.Rule, move.Instance))
            .Concat(past.Alarms.All.Where(alarm => (alarm.ClearedAt ?? long.MaxValue) >= from).Select(alarm => (alarm.Rule, DevicePast.InstanceOf(alarm))))
            .Concat(rerun.Changes.Select(change => (change.Rule.Name, change.Instance)))
            .Distinct();
        return keys.Select(key => (Rule: RuleOf(device.Plan, key.Item1), Instance: key.Item2)).Where(key => key.Rule is not null)
            .OrderBy(key => key.Rule!.Index).ThenBy(key => key.Instance).Select(key => (key.Rule!, key.Instance));
    }

    /// <summary>What the rerun says of a rule from a moment on; first of all what stands there, if that is not what was known.</summary>
    private static List<(RuleMove Move, ConditionChange? Change)> Moves(DevicePast past, Rerun rerun, Rule rule, int instance, long from)
    {
        var moves = new List<(RuleMove, ConditionChange?)>();
        var standing = past.Moves.StepAt(rule.Name, instance, rerun.Begin);
        foreach (var change in rerun.Changes.Where(change => change.Rule.Name == rule.Name && change.Instance == instance))
        {
            if (change.At < from)
                standing = change.Step;
            else
                moves.Add((new RuleMove(rule.Name, instance, change.Step, change.At), change));
        }
        if (standing != past.Moves.StepAt(rule.Name, instance, from))
            moves.Insert(0, (new RuleMove(rule.Name, instance, standing, from), null));
        return [.. moves.OrderBy(move => move.Item1.At)];
    }

    private static Rule? RuleOf(FamilyPlan plan, string name) =>
        name == plan.Unknown.Name ? plan.Unknown : plan.Family.Rules.FirstOrDefault(rule => rule.Name == name && IsOnEventTime(rule));

    private static bool IsOnEventTime(Rule rule) => rule.Trigger == RuleTrigger.Condition || rule.Name == "unknown";

    private DevicePast PastOf(string device)
    {
        if (!_pasts.TryGetValue(device, out var past))
            _pasts[device] = past = new DevicePast();
        return past;
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_marked.Count);
        foreach (var device in _marked)
        {
            into.Write(device.Index);
            into.Write(_from[device]);
        }
        var shared = new SharedStringWriter(into);
        into.Write(_pasts.Count);
        foreach (var (device, past) in _pasts)
        {
            into.Write(device);
            past.Save(into, shared);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var device = fleet.Devices[from.ReadInt32()];
            _marked.Add(device);
            _from[device] = from.ReadInt64();
        }
        _anchorsDue.AddRange(fleet.Devices.Where(device => device.AnchorIsDue));
        var shared = new SharedStringReader(from);
        for (var left = from.ReadInt32(); left > 0; left--)
            _pasts[from.ReadString()] = DevicePast.Load(from, shared);
    }
}
