using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Operators;

/// <summary>Event time within one device: what matures, what changes by itself, and what follows from an alarm that came or went.</summary>
public sealed partial class EvaluateConditions
{
    private readonly record struct Pending(long Due, Block Block, RulePlan Rule, int Step);

    // Alarms that ask for each other in a circle come to rest here.
    private const int DeepestEcho = 8;

    private readonly List<Pending> _matured = [];
    private int _echoes;

    /// <summary>Carries the device to <paramref name="until"/>: what changes by itself on the way is looked at when it does.</summary>
    /// <param name="byReading">A reading of the device shows it, not the passing of time alone.</param>
    private void Advance(Moment moment, DeviceState device, long until, bool byReading)
    {
        bool carried;
        do
        {
            while (Math.Min(Recorder.NextWake(device), device.NextJump) is var wake && wake <= until)
            {
                if (wake == device.NextJump)
                {
                    Carry(moment, device, wake - 1, byReading: false);
                    CountJump(moment, device, device.Jumps.MinBy(jump => jump.Due)!, wake);
                    continue;
                }
                var opening = Recorder.NextOpening(device) == wake;
                Carry(moment, device, wake, byReading: false);
                (device.Woken, device.Seen) = (wake, Math.Max(device.Seen, wake));
                device.JudgeAt(wake);
                var woken = new List<(Block, Source)>();
                _recorder.Wake(device, wake, woken);
                EvaluateLookingBack(moment, device, woken, wake);
                if (opening)
                    EvaluateThose(moment, device, plan => plan.ByOpenHours, wake);
                device.NextDue = EarliestDue(device);
            }
            carried = Carry(moment, device, until, byReading);
        }
        // What matured may change something by itself before then: a second look must find nothing.
        while (carried && Math.Min(Recorder.NextWake(device), device.NextJump) <= until);
        _recorder.CatchUp.End();
    }

    /// <summary>By its due time, which is that of now, nothing of the device would come of the passing of time alone.</summary>
    private static bool IsQuietUntil(DeviceState device, long until) => device.NextDue > until && (device.NextDue == long.MaxValue || until <= device.NextExpiry);

    /// <summary>Carries pending delays as far as <paramref name="until"/>; a condition that a hold has ended before its delay was up is unknown from then on.</summary>
    /// <returns>False where there was nothing to look at.</returns>
    private bool Carry(Moment moment, DeviceState device, long until, bool byReading)
    {
        if (IsQuietUntil(device, until) && !(byReading && device.HasExpired))
            return false;
        foreach (var block in device.Blocks)
        {
            if (block.Steps.AreAtRest)
                continue;
            foreach (var rule in block.Plan.Rules)
            {
                for (var i = 0; i < rule.Steps.Length; i++)
                {
                    ref var state = ref block.Steps[rule.First + i];
                    var due = Delays.Due(block.Steps, rule, i);
                    if (due == long.MaxValue || state.Since > until)
                        continue;
                    // What is not due yet is looked at when a reading shows that values have ceased to count: at no moment that only a tick makes.
                    if (byReading ? due > until && until <= device.NextExpiry : due > until || state.Expired)
                        continue;
                    var shown = Math.Min(due, until);
                    _inputs.Point(device, block, shown);
                    _inputs.Holding = state.Active;
                    var truth = rule.Truths[i]!(_inputs);
                    // No reading began it: its time tells this occurrence from the next.
                    if (truth == Truth.Unknown && !byReading)
                        state.Expired = true;
                    else if (truth != state.Truth)
                    {
                        Delays.Note(ref state, truth, shown, ReadingKey.Of(shown, moment.Entry));
                        device.JudgeAt(shown);
                    }
                    else if (due <= until)
                        _matured.Add(new Pending(due, block, rule, i));
                }
            }
        }
        CarryOut(moment, device);
        return true;
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
                var raising = a.Block.Steps.Of(a.Rule.First + a.Step).Truth == Truth.True;
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
            Evaluate(moment, device, block, rule, at, ReadingKey.Of(at, moment.Entry));
    }

    private void CarryOut(Moment moment, DeviceState device, Pending pending, List<(Block, Source)> moved)
    {
        var (_, block, rule, step) = pending;
        var before = block.TopStep(rule);
        ref var state = ref block.Steps[rule.First + step];
        var at = Delays.Due(block.Steps, rule, step);
        if (!Delays.Mature(ref state, at, pending.Due))
            return;
        device.JudgeAt(at);
        foreach (var jump in device.Jumps)
            jump.Moved[(rule.Rule.Index, block.Instance)] = at;
        var after = block.TopStep(rule);
        if (after == before)
            return;
        _recorder.RecordAlarm(device, block, rule, after, at, moved);
        var evidence = after > before ? EvidenceOf(device, block, rule.Rule, rule.Rule.Steps[after], at) : default;
        moment.Changes.Add(new ConditionChange(Fleet.SubjectOf(device), rule.Rule, block.Instance, after, at, state.Key, evidence));
    }

    /// <summary>A new family file has taken the highest standing step from a rule: what stands below it is what the alarm says now.</summary>
    private void Descend(Moment moment, DeviceState device, Block block, RulePlan rule)
    {
        var (top, at) = (block.TopStep(rule), Math.Max(device.Seen, moment.Entry.Time));
        var moved = new List<(Block, Source)>();
        _recorder.RecordAlarm(device, block, rule, top, at, moved);
        moment.Changes.Add(new ConditionChange(Fleet.SubjectOf(device), rule.Rule, block.Instance, top, at, (ulong)moment.Entry.Position, default));
        Echo(moment, device, moved, at);
    }

    private static long EarliestDue(DeviceState device)
    {
        var earliest = Math.Min(Math.Min(BlindRules.Due(device), Recorder.NextWake(device)), device.NextJump);
        device.HasExpired = false;
        foreach (var block in device.Blocks)
        {
            if (block.Steps.AreAtRest)
                continue;
            foreach (var rule in block.Plan.Rules)
            {
                for (var i = 0; i < rule.Steps.Length; i++)
                {
                    if (block.Steps[rule.First + i].Expired)
                        device.HasExpired = true;
                    else
                        earliest = Math.Min(earliest, Delays.Due(block.Steps, rule, i));
                }
            }
        }
        return earliest;
    }

    private static long EarliestExpiry(DeviceState device, long at)
    {
        var earliest = long.MaxValue;
        foreach (var block in device.Blocks)
        {
            foreach (var (i, hold) in block.Plan.Held)
            {
                ref readonly var slot = ref block.Slots[i];
                if (slot.Present && slot.Time + hold >= at)
                    earliest = Math.Min(earliest, slot.Time + hold);
            }
        }
        return earliest;
    }
}
