using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Fifth stage: carries each device's rules through event time. Readings change truths at their own time; pending delays mature at event time +
/// delay as soon as a later reading or a tick shows that the moment has passed with the condition held, as far as the values' hold reaches.
/// </summary>
public sealed partial class EvaluateConditions(Fleet fleet)
{
    private readonly DeviceInputs _inputs = new(fleet);
    private readonly List<(Block Block, RulePlan Rule)> _affected = [];
    private readonly Recorder _recorder = new(fleet);
    private readonly List<DeviceState> _due = [];
    private readonly PriorityQueue<DeviceState, long> _queue = new();
    private readonly BlindRules _blind = new(fleet);

    public Moment Apply(Moment moment)
    {
        switch (moment.Entry)
        {
            case ReadingEntry entry when moment.Device is { IsEvaluated: true } device:
                OnReading(moment, entry, device);
                break;
            case ReadingEntry entry when moment.Device is { } device:
                Remember(moment, entry.Reading, device);
                break;
            case DeviceEntry entry when fleet.Find(entry.Device.Id) is { } device:
                if (device.IsEvaluated)
                    Reconsider(moment, device);
                else
                {
                    device.ForgetSteps();
                    fleet.MassSilence.Heard(device);
                }
                fleet.Places.Rejoin(device, entry.Time);
                break;
            case FamilyEntry entry:
                foreach (var (device, block, rule) in moment.Move?.TopsGone ?? [])
                    Descend(moment, device, block, rule);
                foreach (var device in fleet.Devices)
                {
                    if (device.IsEvaluated && device.Device.Family == entry.Family)
                        Reconsider(moment, device);
                }
                break;
            case CalendarEntry entry:
                OnCalendar(moment, entry);
                break;
            case TickEntry:
                // A test or a drill is over.
                foreach (var changed in moment.ChangedDevices)
                    fleet.Places.Rejoin(fleet.Find(changed.Id)!, moment.Entry.Time);
                OnTick(moment);
                break;
        }
        Spread(moment);
        if (moment.Entry is TickEntry)
            OnPlaces(moment);
        return moment;
    }

    /// <summary>After a checkpoint: the queue is rebuilt from the devices' own due times.</summary>
    public void Requeue()
    {
        _queue.Clear();
        foreach (var device in fleet.Devices)
        {
            device.Queued = long.MaxValue;
            device.HasExpired = device.Blocks.Any(block => block.Steps.AnyExpired());
            Queue(device);
        }
    }

    /// <summary>Settings or rules have changed: what the last values say is judged again, now.</summary>
    private void Reconsider(Moment moment, DeviceState device)
    {
        var (at, key) = (Math.Max(device.Seen, moment.Entry.Time), (ulong)moment.Entry.Position);
        var heard = device.LastContact > 0 || device.Device.Links.Values.Any(id => fleet.Find(id) is { LastContact: > 0 });
        if (heard || device.RulesSince == 0)
            (device.RulesSince, device.WasHeard) = (moment.Entry.Time, heard);
        // What was said before it was evaluated may be old: whether it is blind, its next reading tells.
        var isNew = device.Judged == default;
        device.NextDue = EarliestDue(device);
        Advance(moment, device, at, byReading: false);
        // Nothing that came before is judged by what comes after.
        foreach (var jump in device.Jumps)
            CountJump(moment, device, jump, at);
        _recorder.CatchUp.End();
        device.Seen = at;
        _recorder.RecordStanding(device, at);
        EvaluateAll(moment, device, at, key);
        if (!isNew)
            _blind.Judge(moment, device, at, key);
        Finish(moment, device);
    }

    private void OnTick(Moment moment)
    {
        foreach (var (item, at) in fleet.Calendar.TakeDue(moment.Entry.Time))
            JudgeCalendar(moment, item, at);
        FinishDue(moment);
    }

    /// <summary>Ends a rerun: what the last tick has shown to have passed. The calendar is the live rules' to take from.</summary>
    public void End(Moment moment)
    {
        FinishDue(moment);
        Spread(moment);
        OnPlaces(moment);
    }

    private void FinishDue(Moment moment)
    {
        var now = moment.Entry.Time;
        while (_queue.TryPeek(out var device, out var due) && due <= now)
        {
            _queue.Dequeue();
            if (device.Queued != due)
                continue;
            device.Queued = long.MaxValue;
            // An outdated place in the queue must do nothing: after a restart it isn't there.
            if (device.NextDue <= now)
                _due.Add(device);
            else
                Queue(device);
        }
        // The queue's order is not the log's: the register's order is the same on every machine.
        _due.Sort((a, b) => a.Index.CompareTo(b.Index));
        foreach (var device in _due)
            Finish(moment, device);
        _due.Clear();
    }

    /// <summary>Matures what the last tick shows to have passed (a late reading's delay may lie behind it already), and queues the rest.</summary>
    private void Finish(Moment moment, DeviceState device)
    {
        device.NextDue = EarliestDue(device);
        if (!IsQuietUntil(device, fleet.TickTime))
        {
            Advance(moment, device, fleet.TickTime, byReading: false);
            _blind.Mature(moment, device, fleet.TickTime);
            device.NextDue = EarliestDue(device);
        }
        foreach (var block in device.Blocks)
            block.Steps.Settle();
        Queue(device);
    }

    /// <summary>The device has another past, and with it another due time.</summary>
    public void Queue(DeviceState device)
    {
        if (device.NextDue >= device.Queued)
            return;
        device.Queued = device.NextDue;
        _queue.Enqueue(device, device.NextDue);
    }

    private void EvaluateAffected(Moment moment, DeviceState device, long at, ulong key)
    {
        foreach (var (block, rule) in _affected)
            Evaluate(moment, device, block, rule, at, key);
    }

    private void EvaluateAll(Moment moment, DeviceState device, long at, ulong key)
    {
        _recorder.RecordConditions(device, at);
        foreach (var block in device.Blocks)
        {
            foreach (var rule in block.Plan.Rules)
                Evaluate(moment, device, block, rule, at, key);
        }
    }

    private void Evaluate(Moment moment, DeviceState device, Block block, RulePlan rule, long at, ulong key)
    {
        at = _recorder.CatchUp.TimeOf(device, block, rule, at);
        _inputs.Point(device, block, at);
        var truths = rule.Truths;
        for (var i = 0; i < truths.Length; i++)
        {
            _inputs.Holding = block.Steps.IsActive(rule.First + i);
            block.Steps.Note(rule.First + i, truths[i]!(_inputs), at, key);
            if (Delays.Due(block.Steps, rule, i) <= at)
                _matured.Add(new Pending(at, block, rule, i));
        }
        if (_matured.Count > 0)
            CarryOut(moment, device);
    }

    private Evidence EvidenceOf(DeviceState device, Block block, Rule rule, Step step, long at)
    {
        _inputs.Point(device, block, at);
        var said = rule.Say?.Render(_inputs);
        if (step.Condition!.Explain(_inputs) is not { } explanation)
            return new Evidence(null, null, null, null, null, said);
        double? limit = explanation.Limit is { State: NumState.Known } known ? known.Value : null;
        if (explanation.Channel is not { } channel)
            return new Evidence(null, explanation.Value.Value, null, limit, null, said);
        var name = channel.Link is { } role ? $"{role}.{channel.Name}" : explanation.Instance == 0 ? channel.Name : $"{channel.Name}.{explanation.Instance}";
        return channel.Type == ChannelType.State
            ? new Evidence(name, null, channel.States[(int)explanation.Value.Value], null, null, said)
            : new Evidence(name, explanation.Value.Value, null, limit, channel.Unit, said);
    }
}
