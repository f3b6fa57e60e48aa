using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// Fifth stage: carries each device's rules through event time. Readings change truths at their own time; pending delays mature at event time +
/// delay as soon as a later reading or a tick shows that the moment has passed with the condition held, as far as the values' hold reaches.
/// </summary>
public sealed class EvaluateConditions(Fleet fleet)
{
    private readonly record struct Pending(long Due, Block Block, RulePlan Rule, int Step);

    private readonly DeviceInputs _inputs = new();
    // Alarms that ask for each other in a circle come to rest here.
    private const int DeepestEcho = 8;

    private readonly List<(Block Block, RulePlan Rule)> _affected = [];
    private readonly Recorder _recorder = new();
    private readonly List<Pending> _matured = [];
    private readonly List<DeviceState> _due = [];
    private readonly PriorityQueue<DeviceState, long> _queue = new();
    private readonly BlindRules _blind = new();
    private int _echoes;

    public Moment Apply(Moment moment)
    {
        switch (moment.Entry)
        {
            case ReadingEntry entry when moment.Device is { IsEvaluated: true } device:
                OnReading(moment, entry, device);
                break;
            case DeviceEntry entry when fleet.Find(entry.Device.Id) is { } device:
                if (device.IsEvaluated)
                    Reconsider(moment, device);
                else
                    device.ForgetSteps();
                break;
            case FamilyEntry entry:
                foreach (var device in fleet.Devices)
                {
                    if (device.IsEvaluated && device.Device.Family == entry.Family)
                        Reconsider(moment, device);
                }
                break;
            case TickEntry:
                OnTick(moment);
                break;
        }
        return moment;
    }

    /// <summary>After a checkpoint: the queue is rebuilt from the devices' own due times.</summary>
    public void Requeue()
    {
        _queue.Clear();
        foreach (var device in fleet.Devices)
        {
            device.Queued = long.MaxValue;
            Queue(device);
        }
    }

    private void OnReading(Moment moment, ReadingEntry entry, DeviceState device)
    {
        var reading = entry.Reading;
        var at = reading.EventTime;
        Advance(moment, device, at);
        _blind.Mature(moment, device, at);
        var applied = false;
        for (var i = 0; i < reading.Values.Length; i++)
        {
            if (moment.Verdicts is { } verdicts && verdicts[i] != ValueVerdict.Accept)
                continue;
            if (device.Plan.Resolve(reading.Values[i].Channel) is not { } channel)
                continue;
            if (Put(device, channel, reading.Values[i], at))
                applied = true;
            else
            {
                moment.Late = true;
                Recorder.RecordLate(device, channel, reading.Values[i], at);
            }
        }
        if (!applied)
            return;
        var key = ReadingKey.Of(reading, entry.Position);
        _recorder.Record(device, at);
        device.Woken = Math.Min(device.Woken, at);
        // Where the device has been carried beyond this reading, what lies between has been judged without it already.
        if (at > device.NextExpiry && at >= device.Seen)
            EvaluateAll(moment, device, at, key);
        else
            EvaluateAffected(moment, device, at, key);
        _affected.Clear();
        device.Seen = Math.Max(device.Seen, at);
        device.NextExpiry = EarliestExpiry(device, at);
        _blind.Judge(moment, device, at, key);
        Finish(moment, device);
    }

    /// <summary>Settings or rules have changed: what the last values say is judged again, now.</summary>
    private void Reconsider(Moment moment, DeviceState device)
    {
        var (at, key) = (Math.Max(device.Seen, moment.Entry.Time), (ulong)moment.Entry.Position);
        device.NextDue = EarliestDue(device);
        Advance(moment, device, at);
        device.Seen = at;
        EvaluateAll(moment, device, at, key);
        _blind.Judge(moment, device, at, key);
        Finish(moment, device);
    }

    private void OnTick(Moment moment)
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
        Advance(moment, device, fleet.TickTime);
        _blind.Mature(moment, device, fleet.TickTime);
        device.NextDue = EarliestDue(device);
        Queue(device);
    }

    private void Queue(DeviceState device)
    {
        if (device.NextDue >= device.Queued)
            return;
        device.Queued = device.NextDue;
        _queue.Enqueue(device, device.NextDue);
    }

    /// <summary>False for a value older than the newest of its channel: it is history, not the present.</summary>
    private bool Put(DeviceState device, ChannelRef channel, in ChannelValue value, long at)
    {
        var block = device.BlockOf(channel);
        ref var slot = ref block.Slots[device.Plan.SlotOf[channel.Channel.Index]];
        if (slot.Present && at < slot.Time)
            return false;
        slot = Slot.Of(channel.Channel, value, at);
        AddAffected(block, channel.Channel);
        if (block != device.Main)
            AddAffected(device.Main, channel.Channel);
        else
        {
            foreach (var instance in device.Instances)
                AddAffected(instance, channel.Channel);
        }
        return true;
    }

    private void AddAffected(Block block, Channel channel)
    {
        _recorder.Add(block, channel);
        foreach (var rule in block.Plan.ByChannel[channel.Index])
        {
            if (!_affected.Contains((block, rule)))
                _affected.Add((block, rule));
        }
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
        _inputs.Point(device, block, at);
        var steps = rule.Rule.Steps;
        for (var i = 0; i < steps.Count; i++)
        {
            ref var state = ref block.Steps[rule.First + i];
            _inputs.Holding = state.Active;
            Delays.Note(ref state, steps[i].Condition!.Evaluate(_inputs), at, key);
            if (Delays.Due(state, steps[i]) <= at)
                _matured.Add(new Pending(at, block, rule, i));
        }
        CarryOut(moment, device);
    }

    /// <summary>Carries the device to <paramref name="until"/>: what changes by itself on the way is looked at when it does.</summary>
    private void Advance(Moment moment, DeviceState device, long until)
    {
        while (Recorder.NextWake(device) is var wake && wake <= until)
        {
            Carry(moment, device, wake);
            (device.Woken, device.Seen) = (wake, Math.Max(device.Seen, wake));
            var woken = new List<(Block, Source)>();
            _recorder.Wake(device, wake, woken);
            EvaluateLookingBack(moment, device, woken, wake);
            device.NextDue = EarliestDue(device);
        }
        Carry(moment, device, until);
    }

    /// <summary>Carries pending delays as far as <paramref name="until"/>; a condition that a hold has ended before its delay was up is unknown from then on.</summary>
    private void Carry(Moment moment, DeviceState device, long until)
    {
        if (device.NextDue > until && (device.NextDue == long.MaxValue || until <= device.NextExpiry))
            return;
        foreach (var block in device.Blocks)
        {
            foreach (var rule in block.Plan.Rules)
            {
                for (var i = 0; i < rule.Rule.Steps.Count; i++)
                {
                    ref var state = ref block.Steps[rule.First + i];
                    var due = Delays.Due(state, rule.Rule.Steps[i]);
                    if (due == long.MaxValue || state.Since > until)
                        continue;
                    var shown = Math.Min(due, until);
                    _inputs.Point(device, block, shown);
                    _inputs.Holding = state.Active;
                    var truth = rule.Rule.Steps[i].Condition!.Evaluate(_inputs);
                    // No reading began it: its time tells this occurrence from the next.
                    if (truth != state.Truth)
                        Delays.Note(ref state, truth, shown, (ulong)shown);
                    else if (due <= until)
                        _matured.Add(new Pending(due, block, rule, i));
                }
            }
        }
        CarryOut(moment, device);
    }

    /// <summary>In order of due time; of equal ones the highest rung raises first and clears last, so that a jump over rungs is one transition.</summary>
    private void CarryOut(Moment moment, DeviceState device)
    {
        if (_matured.Count == 0)
            return;
        if (_matured.Count > 1)
        {
            _matured.Sort((a, b) =>
            {
                var order = a.Due.CompareTo(b.Due);
                if (order == 0)
                    order = a.Block.Instance.CompareTo(b.Block.Instance);
                if (order == 0)
                    order = a.Rule.Rule.Index.CompareTo(b.Rule.Rule.Index);
                if (order != 0)
                    return order;
                var raising = a.Block.Steps[a.Rule.First + a.Step].Truth == Truth.True;
                return raising ? b.Step.CompareTo(a.Step) : a.Step.CompareTo(b.Step);
            });
        }
        var matured = _matured.ToArray();
        _matured.Clear();
        var moved = new List<(Block, Source)>();
        for (var i = 0; i < matured.Length; i++)
        {
            CarryOut(moment, device, matured[i], moved);
            if (moved.Count == 0 || (i + 1 < matured.Length && matured[i + 1].Due == matured[i].Due))
                continue;
            Echo(moment, device, moved, matured[i].Due);
            moved.Clear();
        }
    }

    /// <summary>Conditions that ask for an alarm are judged again at the moment at which it came or went.</summary>
    private void Echo(Moment moment, DeviceState device, List<(Block Block, Source Source)> moved, long at)
    {
        if (_echoes == DeepestEcho)
            return;
        _echoes++;
        foreach (var (block, source) in moved)
            _recorder.RecordMadeOf(device, block, source, at);
        EvaluateLookingBack(moment, device, moved, at);
        _echoes--;
    }

    private void EvaluateLookingBack(Moment moment, DeviceState device, List<(Block Block, Source Source)> sources, long at)
    {
        var rules = new List<(Block Block, RulePlan Rule)>();
        foreach (var (block, source) in sources)
        {
            foreach (var other in device.Blocks)
            {
                if (other == block || other == device.Main || block == device.Main)
                    rules.AddRange(other.Plan.BySource[source.Index].Select(rule => (other, rule)).Except(rules));
            }
        }
        foreach (var (block, rule) in rules)
            Evaluate(moment, device, block, rule, at, (ulong)at);
    }

    private void CarryOut(Moment moment, DeviceState device, Pending pending, List<(Block, Source)> moved)
    {
        var (_, block, rule, step) = pending;
        var before = TopStep(block, rule);
        ref var state = ref block.Steps[rule.First + step];
        if (!Delays.Mature(ref state, rule.Rule.Steps[step], pending.Due, out var at))
            return;
        var after = TopStep(block, rule);
        if (after == before)
            return;
        Recorder.RecordAlarm(device, block, rule, after, at, moved);
        var evidence = after > before ? EvidenceOf(device, block, rule.Rule.Steps[after], at) : default;
        moment.Changes.Add(new ConditionChange(Fleet.SubjectOf(device), rule.Rule, block.Instance, after, at, state.Key, evidence));
    }

    private Evidence EvidenceOf(DeviceState device, Block block, Step step, long at)
    {
        _inputs.Point(device, block, at);
        if (step.Condition!.Explain(_inputs) is not { } explanation)
            return default;
        double? limit = explanation.Limit is { State: NumState.Known } known ? known.Value : null;
        if (explanation.Channel is not { } channel)
            return new Evidence(null, explanation.Value.Value, null, limit, null, null);
        var name = explanation.Instance == 0 ? channel.Name : $"{channel.Name}.{explanation.Instance}";
        return channel.Type == ChannelType.State
            ? new Evidence(name, null, channel.States[(int)explanation.Value.Value], null, null, null)
            : new Evidence(name, explanation.Value.Value, null, limit, channel.Unit, null);
    }

    private static int TopStep(Block block, RulePlan rule)
    {
        for (var i = rule.Rule.Steps.Count - 1; i >= 0; i--)
        {
            if (block.Steps[rule.First + i].Active)
                return i;
        }
        return -1;
    }

    private static long EarliestDue(DeviceState device)
    {
        var earliest = Math.Min(BlindRules.Due(device), Recorder.NextWake(device));
        foreach (var block in device.Blocks)
        {
            foreach (var rule in block.Plan.Rules)
            {
                for (var i = 0; i < rule.Rule.Steps.Count; i++)
                    earliest = Math.Min(earliest, Delays.Due(block.Steps[rule.First + i], rule.Rule.Steps[i]));
            }
        }
        return earliest;
    }

    private static long EarliestExpiry(DeviceState device, long at)
    {
        var earliest = long.MaxValue;
        foreach (var block in device.Blocks)
        {
            for (var i = 0; i < block.Slots.Length; i++)
            {
                ref readonly var slot = ref block.Slots[i];
                if (slot.Present && block.Plan.Channels[i].Hold is { } hold && slot.Time + hold >= at)
                    earliest = Math.Min(earliest, slot.Time + hold);
            }
        }
        return earliest;
    }
}
