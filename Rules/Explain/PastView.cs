using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Explain;

/// <summary>The rules once more over some of the readings, on a fleet of their own, up to the moment that is asked about.</summary>
internal sealed class PastView
{
    private readonly Fleet _fleet;
    private readonly EvaluateConditions _conditions;
    private readonly Moment _moment = new();
    private readonly Question _question;
    private readonly string _rule;
    private readonly Dictionary<(int Instance, int Step), (Truth Truth, long? Since)> _truths = [];
    private readonly DeviceInputs _inputs;
    private readonly DeviceState _device;
    private readonly List<ReadingEntry> _taken = [];

    /// <param name="rule">The rule whose steps are followed.</param>
    /// <param name="known">Which readings it takes.</param>
    /// <param name="begin">Event time, Unix ms: what stood there by the journal stands.</param>
    public PastView(Question question, Rule rule, PastReadings readings, Func<ReadingEntry, bool> known, long begin)
    {
        (_question, _rule) = (question, rule.Name);
        _fleet = new Fleet { Calendar = new Calendar() };
        foreach (var item in question.Calendar)
            _fleet.Calendar.Set(new CalendarEntry(item));
        _conditions = new EvaluateConditions(_fleet);
        foreach (var (device, family) in question.Others)
            Enter(device with { Links = new Dictionary<string, string>() }, family);
        _device = Enter(question.Device, question.Family);
        _inputs = new DeviceInputs(_fleet);
        Run(readings, known, begin);
    }

    public FamilyPlan Plan => _device.Plan;

    /// <summary>Instances of the rule that the device has been heard of.</summary>
    public IEnumerable<int> Instances(Rule rule) => rule.Each is { } group ? InstancesOf(group) : [0];

    public IEnumerable<int> InstancesOf(string group) => _device.Blocks.Where(block => block.Plan.Group == group).Select(block => block.Instance);

    /// <summary>The readings of the device itself, by event time.</summary>
    public IEnumerable<ReadingEntry> Heard => _taken.Where(entry => entry.Reading.Device == _question.Device.Id);

    /// <summary>How a rule's step is at the moment.</summary>
    public (Truth Truth, long? Since, long? DueAt, bool Stands) StepOf(Rule rule, int instance, int step)
    {
        if (rule.Trigger == RuleTrigger.BuiltIn)
        {
            var due = Delays.Due(_device.Unknown, rule.Steps[0]);
            return (_device.Unknown.Truth, _device.Unknown.Since == 0 ? null : _device.Unknown.Since, due == long.MaxValue ? null : due, _device.Unknown.Active);
        }
        if (Find(rule, instance) is not ({ } block, { } plan))
            return (Truth.Absent, null, null, false);
        var state = block.Steps.Of(plan.First + step);
        var truth = TruthAt(block, plan, step, _question.At);
        var told = _truths.GetValueOrDefault((instance, step));
        if (truth == told.Truth)
            return (truth, told.Since, DueOf(block, plan, step), state.Active);
        return (truth, SinceExpiry(block, plan, step, truth), null, state.Active);
    }

    /// <summary>Points the inputs at a step of the rule at the moment; null where there is no such instance.</summary>
    public ConditionInputs? InputsOf(Rule rule, int instance, int step)
    {
        if (Find(rule, instance) is not ({ } block, { } plan))
            return null;
        _inputs.Point(_device, block, _question.At);
        _inputs.Holding = block.Steps.Of(plan.First + step).Active;
        return _inputs;
    }

    /// <summary>The newest value of a channel, and the reading that brought it; default for none.</summary>
    public (Slot Slot, ReadingEntry? Entry) NewestOf(Channel channel, int instance)
    {
        var device = channel.Link is { } role ? (_question.Device.Links.TryGetValue(role, out var id) ? _fleet.Find(id) : null) : _device;
        if (device?.Plan.Resolve(instance == 0 ? channel.Name : FormattableString.Invariant($"{channel.Name}.{instance}")) is not { } known)
            return default;
        var block = known.Instance == 0 ? device.Main : device.FindInstance(known.Channel.Group!, known.Instance);
        if (block is null)
            return default;
        var index = device.Plan.SlotOf[known.Channel.Index];
        var slot = channel.Link is null ? block.Slots[index] : device.Newest(index);
        var name = known.Instance == 0 ? known.Channel.Name : FormattableString.Invariant($"{known.Channel.Name}.{known.Instance}");
        var entry = _taken.LastOrDefault(entry => entry.Reading.Device == device.Device.Id && entry.Reading.EventTime == slot.Time && entry.Reading.Values.Any(value => value.Channel == name));
        return slot.Present ? (slot, entry) : default;
    }

    /// <summary>The device's own value that does not count yet.</summary>
    public Jump? JumpOf(Channel channel, int instance) =>
        channel.Link is null ? Array.Find(_device.Jumps, jump => jump.Channel.Channel.Name == channel.Name && jump.Channel.Instance == instance) : null;

    /// <summary>The value of a setting, in its unit; NaN where nobody says.</summary>
    public double SettingOf(Setting setting) => _device.Settings[setting.Index];

    private DeviceState Enter(Device device, Family family)
    {
        if (_fleet.Plan(family.Name) is null)
            _fleet.Set(new FamilyPlan(family), 0);
        return _fleet.Set(device with { State = "live" }, _fleet.Plan(family.Name)!, 0);
    }

    private void Run(PastReadings readings, Func<ReadingEntry, bool> known, long begin)
    {
        var moments = _question.Calendar.SelectMany(item => new[] { item.From, item.To }).Where(at => at > readings.Begin && at < _question.At).Append(begin).Distinct().Order().ToList();
        var next = 0;
        var start = (readings.Entries is [var first, ..] ? Math.Min(first.Reading.EventTime, readings.Begin) : readings.Begin) - 1;
        Tick(start);
        // Rules that need no reading, too, are judged from the first moment on.
        Apply(new DeviceEntry(_device.Device, "explain") { Time = start }, start, null);
        foreach (var entry in readings.Entries.Where(known))
        {
            TickTo(entry.Reading.EventTime);
            _taken.Add(entry);
            Apply(entry, entry.Reading.EventTime, _fleet.Find(entry.Reading.Device));
        }
        TickTo(long.MaxValue);
        Tick(_question.At);
        KeepStanding();

        void TickTo(long until)
        {
            for (; next < moments.Count && moments[next] <= until; next++)
            {
                Tick(moments[next]);
                if (moments[next] == begin)
                    Resume(begin);
            }
        }
    }

    /// <summary>What stood by the journal stands, and nothing else does: the windows were not full yet.</summary>
    private void Resume(long begin)
    {
        var stood = Standing.Before(_question, begin).ToList();
        foreach (var alarm in stood.Where(alarm => Standing.InstanceOf(alarm) > 0))
        {
            if (Plan.Family.Rules.FirstOrDefault(rule => rule.Name == alarm.Rule)?.Each is { } group && _device.FindInstance(group, Standing.InstanceOf(alarm)) is null)
                _device.AddInstance(Plan.Group(group), Standing.InstanceOf(alarm));
        }
        foreach (var block in _device.Blocks)
        {
            // A rule that lifts another's alarm has none of its own.
            foreach (var plan in block.Plan.Rules.Where(plan => plan.Rule.Escalates is null))
            {
                var alarm = stood.FirstOrDefault(alarm => alarm.Rule == plan.Rule.Name && Standing.InstanceOf(alarm) == block.Instance);
                for (var step = 0; step < plan.Rule.Steps.Count; step++)
                    Stand(block, plan, step, begin, alarm is { Holds: true } && step <= alarm.Step);
                foreach (var asked in block.Plan.Alarms.Where(asked => asked.Rule == plan))
                {
                    block.Traces[Plan.TraceOf[asked.Source.Index]] = null;
                    if (alarm is not null && asked.Step <= alarm.Step)
                        _fleet.Record(_device, block, asked.Source, alarm.RaisedAt, Num.Of(1));
                }
            }
        }
    }

    /// <summary>The journal has the last word: what was read again may begin within a window, and so end what stood.</summary>
    private void KeepStanding()
    {
        foreach (var alarm in Standing.Before(_question, _question.At).Where(alarm => alarm.Holds && alarm.Rule == _rule))
        {
            foreach (var block in _device.Blocks.Where(block => block.Instance == Standing.InstanceOf(alarm)))
            {
                foreach (var plan in block.Plan.Rules.Where(plan => plan.Rule.Name == _rule))
                {
                    for (var step = Math.Min(alarm.Step, plan.Rule.Steps.Count - 1); step >= 0; step--)
                    {
                        if (!block.Steps.Of(plan.First + step).Active)
                            block.Steps[plan.First + step].Active = true;
                    }
                }
            }
        }
    }

    private void Stand(Block block, RulePlan plan, int step, long begin, bool stands)
    {
        var (before, key) = (block.Steps.Of(plan.First + step), (block.Instance, step));
        if (before.Active == stands)
            return;
        block.Steps[plan.First + step] = default(StepState) with { Active = stands };
        _truths.Remove(key, out var told);
        if (!stands)
            return;
        // Within its deadband it holds because it stands, and an off-delay that was running runs on. What is false by the passing of time alone, the rules
        // have not looked at yet.
        var truth = TruthAt(block, plan, step, begin - 1);
        if (truth == Truth.False && told.Truth != Truth.False)
            truth = Truth.True;
        ref var state = ref block.Steps[plan.First + step];
        (state.Truth, state.Since) = (truth, truth == told.Truth && told.Since is { } since ? since : begin);
    }

    private void Tick(long at)
    {
        _fleet.TickTime = at;
        Apply(new TickEntry { Time = at }, at, null);
    }

    private void Apply(LogEntry entry, long at, DeviceState? device)
    {
        _moment.For(entry).Device = device;
        _conditions.Apply(_moment);
        foreach (var block in _device.Blocks)
        {
            foreach (var plan in block.Plan.Rules.Where(plan => plan.Rule.Name == _rule))
            {
                for (var step = 0; step < plan.Rule.Steps.Count; step++)
                    Follow(block, plan, step, at);
            }
        }
    }

    private void Follow(Block block, RulePlan plan, int step, long at)
    {
        var state = block.Steps.Of(plan.First + step);
        var isNew = !_truths.TryGetValue((block.Instance, step), out var told);
        if (!isNew && told.Truth == state.Truth)
            return;
        // The first look says how it was, not since when.
        _truths[(block.Instance, step)] = (state.Truth, isNew ? null : state.Truth == Truth.True && state.Since > 0 ? state.Since : at);
    }

    private long? DueOf(Block block, RulePlan plan, int step)
    {
        var due = Delays.Due(block.Steps, plan, step);
        return due == long.MaxValue || due <= _question.At ? null : due;
    }

    private Truth TruthAt(Block block, RulePlan plan, int step, long at)
    {
        _inputs.Point(_device, block, at);
        _inputs.Holding = block.Steps.Of(plan.First + step).Active;
        return plan.Rule.Steps[step].Condition!.Evaluate(_inputs);
    }

    /// <summary>Since the last reading a value has ceased to count: from which moment on it was as it is.</summary>
    private long? SinceExpiry(Block block, RulePlan plan, int step, Truth truth)
    {
        var ends = plan.Rule.Steps[step].Condition!.Channels
            .SelectMany(channel => (channel.Group is { } group ? InstancesOf(group) : [0]).Select(instance => (channel.Hold, NewestOf(channel, instance).Slot)))
            .Where(of => of.Slot.Present && of.Hold is not null)
            .Select(of => of.Slot.Time + of.Hold!.Value + 1)
            .Where(end => end <= _question.At)
            .Order();
        return ends.Select(end => (long?)end).FirstOrDefault(end => TruthAt(block, plan, step, end!.Value) == truth);
    }

    private (Block? Block, RulePlan? Plan) Find(Rule rule, int instance)
    {
        var block = rule.Each is { } group ? _device.FindInstance(group, instance) : _device.Main;
        return (block, block?.Plan.Rules.FirstOrDefault(plan => plan.Rule.Name == rule.Name));
    }
}
