using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// The same rules once more over one device's recent past, with every reading in the order of event time: on a fleet of its own, of that device and
/// of those that it links. It begins with the last values and the alarms that stood then, early enough for them to make no difference.
/// </summary>
internal sealed class Rerun
{
    // What reports rarely, or only changes, may have been told long before; so far back it is looked for what it said.
    private const long NearLook = 10 * 60_000;
    private static readonly long[] LooksBack = [24 * 3_600_000L, 32 * 24 * 3_600_000L];

    private readonly record struct Entered(ReadingEntry Entry, ValueVerdict[]? Verdicts, ReadingOrder Order, DeviceState Device);

    private readonly Fleet _fleet;
    private readonly Fleet _live;
    private readonly EvaluateConditions _conditions;
    private readonly Moment _moment = new();
    private readonly List<ConditionChange> _changes = [];
    private readonly DevicePast _past;
    // What is judged between readings: the register, the calendar, operators' resets.
    private readonly List<(long At, Action Judge)> _judged = [];
    private int _next;
    private bool _begun;

    private Rerun(Fleet fleet, DeviceState device, IEnumerable<DeviceState> beside, DevicePast past, long begin)
    {
        (_live, _past, Begin) = (fleet, past, begin);
        _fleet = new Fleet { Calendar = fleet.Calendar };
        _conditions = new EvaluateConditions(_fleet);
        var linked = device.Device.Links.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(fleet.Find).OfType<DeviceState>().Where(other => other != device && other.IsEvaluated);
        var others = linked.Concat(beside).Distinct().ToList();
        foreach (var plan in others.Append(device).Select(other => other.Plan).Distinct())
            _fleet.Set(plan, 0);
        foreach (var other in others)
            _fleet.Set(other.Device with { State = "live", Links = new Dictionary<string, string>() }, other.Plan, 0);
        Device = _fleet.Set(device.Device with { State = "live" }, device.Plan, 0);
        foreach (var own in _fleet.Devices)
            KeepSilence(fleet.Find(own.Device.Id)!, own);
        // What was judged when the device was entered, before it was heard.
        if (!device.WasHeard && device.RulesSince > begin)
            _judged.Add((device.RulesSince, () => Reconsider(device.RulesSince)));
        foreach (var item in fleet.Calendar.All.Where(item => Calendar.Covers(item, device.Device)))
        {
            foreach (var at in new[] { item.From, item.To }.Where(at => at >= begin))
                _judged.Add((at, () => Judge(item, at)));
        }
        foreach (var look in past.Looks.Where(look => look.Rule.Length > 0 && look.At >= begin))
            _judged.Add((look.At, () => _fleet.EndStanding(device.Device.Id, look.Rule, look.Instance, look.At)));
        _judged.Sort((a, b) => a.At.CompareTo(b.At));
    }

    /// <summary>Where it has come to.</summary>
    public DeviceState Device { get; }

    /// <summary>What it remembers of the linked devices.</summary>
    public LinkTraces LinkTraces => _fleet.LinkTraces;

    /// <summary>Event time from which it counts; what is before only leads up to it.</summary>
    public long Begin { get; }

    /// <summary>What became of the device's rules from its beginning on.</summary>
    public IReadOnlyList<ConditionChange> Changes => _changes;

    /// <summary>How the devices counted in their places.</summary>
    public PlaceTable Places => _fleet.Places;

    /// <summary>Readings that it took.</summary>
    public int Readings { get; private set; }

    /// <param name="from">Event time from which the past may be another one, Unix ms.</param>
    /// <param name="now">The entry that asks: nothing behind its position is looked at.</param>
    /// <param name="duplicateWindow">Milliseconds.</param>
    public static Rerun Of(Fleet fleet, DeviceState device, IEnumerable<DeviceState> beside, DevicePast past, ReadingHistory history, long from, LogEntry now, long duplicateWindow)
    {
        var begin = LastLookBefore(from - device.Plan.WarmUp, device, history, now);
        if (device.WasHeard)
            begin = Math.Max(begin, device.RulesSince);
        // What leads up to it fills the windows.
        var first = begin - device.Plan.WarmUp;
        var rerun = new Rerun(fleet, device, beside, past, begin);
        var inOrder = rerun.InOrder(history, first, now, duplicateWindow);
        foreach (var own in rerun._fleet.Devices)
        {
            var told = inOrder.Where(entered => entered.Device == own && entered.Order.Time < begin).SelectMany(entered => entered.Entry.Reading.Values).Select(value => value.Channel);
            rerun.TakeBefore(fleet.Find(own.Device.Id)!, told.ToHashSet(StringComparer.Ordinal), history, first, now);
        }
        foreach (var entered in inOrder)
            rerun.Take(entered.Entry, entered.Verdicts, entered.Device);
        rerun.End(now.Position, fleet.TickTime);
        return rerun;
    }

    /// <summary>Just after the last reading of the device before a moment: then its rules have looked, and not later. The moment itself where there is none within a day.</summary>
    private static long LastLookBefore(long moment, DeviceState device, ReadingHistory history, LogEntry now)
    {
        var until = moment;
        foreach (var from in new[] { moment - NearLook, moment - LooksBack[0] })
        {
            var last = Read(device, history, from, until, now).Select(entry => entry.Reading.EventTime).DefaultIfEmpty(long.MinValue).Max();
            if (last != long.MinValue)
                return last + 1;
            until = from;
        }
        return moment;
    }

    /// <summary>Every reading once, in the order of event time.</summary>
    private List<Entered> InOrder(ReadingHistory history, long first, LogEntry now, long duplicateWindow)
    {
        var duplicates = new DropDuplicates(duplicateWindow);
        var entered = new List<Entered>();
        foreach (var entry in _fleet.Devices.SelectMany(own => Read(own, history, first, long.MaxValue, now)).OrderBy(entry => entry.Position))
        {
            _moment.For(entry).Device = _fleet.Find(entry.Reading.Device);
            duplicates.Apply(_moment);
            if (_moment.Verdicts is null || _moment.Verdicts.Contains(ValueVerdict.Accept))
                entered.Add(new Entered(entry, _moment.Verdicts, ReadingOrder.Of(entry.Reading, ReadingKey.Of(entry.Reading, entry.Position)), _moment.Device!));
        }
        entered.Sort((a, b) =>
        {
            var order = a.Order.CompareTo(b.Order);
            if (order == 0)
                order = string.CompareOrdinal(a.Device.Device.Id, b.Device.Device.Id);
            return order != 0 ? order : a.Entry.Position.CompareTo(b.Entry.Position);
        });
        Readings = entered.Count;
        return entered;
    }

    private static IEnumerable<ReadingEntry> Read(DeviceState own, ReadingHistory history, long from, long to, LogEntry now) =>
        history(own.Device.Id, from, to).Where(entry => entry.Position <= now.Position && entry.Reading.Family == own.Device.Family);

    /// <summary>Gives the device the values that it had before, each as a reading of its own time.</summary>
    /// <param name="told">Channels that are reported before it counts, and need no more.</param>
    private void TakeBefore(DeviceState present, HashSet<string> told, ReadingHistory history, long first, LogEntry now)
    {
        var values = new SortedDictionary<long, List<ChannelValue>>();
        var missing = new List<string>();
        foreach (var block in present.Blocks)
        {
            for (var i = 0; i < block.Slots.Length; i++)
            {
                var (channel, slot) = (block.Plan.Channels[i], block.Slots[i]);
                var name = block.Instance == 0 ? channel.Name : FormattableString.Invariant($"{channel.Name}.{block.Instance}");
                if (slot.Present && slot.Time < first)
                    Add(slot.Time, slot.ValueOf(channel, name));
                else if (slot.Present && !told.Contains(name) && (channel.Hold is null || present.Plan.Family.Sources.Any(source => source.Channel == channel)))
                    missing.Add(name);
            }
        }
        foreach (var back in LooksBack)
        {
            if (missing.Count == 0)
                break;
            foreach (var entry in Read(present, history, first - back, first, now).OrderByDescending(entry => entry.Reading.EventTime).ThenByDescending(entry => entry.Reading.Sequence))
            {
                foreach (var value in entry.Reading.Values.Where(value => missing.Remove(value.Channel)))
                    Add(entry.Reading.EventTime, value);
            }
        }
        foreach (var (time, together) in values)
            Take(new ReadingEntry(new Reading { Gateway = present.Gateway.Id, Family = present.Device.Family, Device = present.Device.Id, SentTime = time, EventTime = time, Values = [.. together] }) { Time = time }, null, _fleet.Find(present.Device.Id)!);

        void Add(long time, ChannelValue value)
        {
            if (!values.TryGetValue(time, out var together))
                values[time] = together = [];
            together.Add(value);
        }
    }

    private void Take(ReadingEntry entry, ValueVerdict[]? verdicts, DeviceState device)
    {
        if (!_begun && entry.Reading.EventTime >= Begin)
            Resume();
        if (_begun)
            JudgeTo(entry.Reading.EventTime);
        _moment.For(entry).Device = device;
        _moment.Verdicts = verdicts;
        Apply();
    }

    private void End(long position, long tickTime)
    {
        if (!_begun)
            Resume();
        JudgeTo(tickTime + 1);
        _fleet.TickTime = tickTime;
        _moment.For(new TickEntry { Position = position, Time = tickTime });
        Apply();
    }

    private void Apply()
    {
        _conditions.Apply(_moment);
        Collect();
    }

    private void Collect()
    {
        if (_begun)
            _changes.AddRange(_moment.Changes.Where(change => change.Subject.Id == Device.Device.Id && change.Subject.Family == Device.Device.Family));
    }

    /// <summary>From here on it counts: what stood then stands, and every condition is looked at once.</summary>
    private void Resume()
    {
        _begun = true;
        _fleet.Places.BeginWith(_live.Places, _live.Find(Device.Device.Id)!, Device, Begin);
        if (Device.Seen == 0 && _past.Moves.All(move => move.At >= Begin))
            return;
        var silence = Device.Plan.SilenceAlarm is { } asked ? Device.Main.Traces[Device.Plan.TraceOf[asked.Index]] : null;
        var ledUp = Device.Blocks.ToDictionary(block => block, block => block.Steps);
        foreach (var block in Device.Blocks)
            block.Steps = new StepStates(block.Plan.Steps);
        Device.ForgetSteps();
        if (silence is not null)
            Device.Main.Traces[Device.Plan.TraceOf[Device.Plan.SilenceAlarm!.Index]] = silence;
        foreach (var move in _past.Moves.Where(move => move.At < Begin && move.Instance > 0))
        {
            if (Device.Plan.Family.Rules.FirstOrDefault(rule => rule.Name == move.Rule)?.Each is { } group && Device.FindInstance(group, move.Instance) is null)
                Device.AddInstance(Device.Plan.Group(group), move.Instance);
        }
        foreach (var block in Device.Blocks)
        {
            foreach (var rule in block.Plan.Rules)
            {
                var standing = _past.StepAt(rule.Rule.Name, block.Instance, Begin);
                for (var step = 0; step < rule.Rule.Steps.Count; step++)
                    block.Steps[rule.First + step] = Resumed(ledUp.TryGetValue(block, out var before) ? before.Of(rule.First + step) : default, rule.Rule.Steps[step], step <= standing);
            }
            foreach (var alarm in block.Plan.Alarms)
                Remember(block, alarm);
        }
        if (_past.StepAt(Device.Plan.Unknown.Name, 0, Begin) >= 0)
            Device.Unknown = new StepState { Active = true, Truth = Truth.True, Since = Begin };
        _fleet.Moves.Clear();
        Device.Woken = Begin;
        Reconsider(Begin);
    }

    /// <summary>What stood is what was known; a delay that ran then runs on.</summary>
    private StepState Resumed(StepState ledUp, Step step, bool stood)
    {
        // What led up to it without the alarm, or with one that was not known, had other deadbands.
        if (ledUp.Active != stood)
            return stood ? new StepState { Active = true, Truth = Truth.True, Since = Begin } : default;
        var resumed = ledUp with { Expired = false };
        return Delays.Due(resumed, step) <= Begin || resumed.Since > Begin ? resumed with { Since = Begin } : resumed;
    }

    private void Reconsider(long at)
    {
        _moment.For(new DeviceEntry(Device.Device, "amendment") { Time = at });
        Apply();
    }

    private void Judge(Model.CalendarItem item, long at)
    {
        _moment.For(new TickEntry { Time = at });
        _conditions.JudgeCalendar(_moment, item, at);
        Collect();
    }

    /// <summary>When the alarm has stood, for conditions that ask for it.</summary>
    private void Remember(Block block, AlarmSource alarm)
    {
        var ends = _past.Looks.Where(look => look.Rule == alarm.Rule.Rule.Name && look.Instance == block.Instance && look.At < Begin);
        var latched = alarm.Rule.Rule.Steps[alarm.Step].Latched;
        var moves = _past.Moves.Where(move => move.Rule == alarm.Rule.Rule.Name && move.Instance == block.Instance && move.At < Begin)
            .Select(move => (move.At, Stands: move.Step >= alarm.Step))
            .Where(move => move.Stands || !latched)
            .Concat(ends.Select(look => (look.At, Stands: false)));
        foreach (var (at, stands) in moves.OrderBy(move => move.At))
            _fleet.Record(Device, block, alarm.Source, at, Num.Of(stands ? 1 : 0));
    }

    private void JudgeTo(long until)
    {
        while (_next < _judged.Count && _judged[_next].At < until)
            _judged[_next++].Judge();
    }

    /// <summary>Silence runs on another clock: what conditions are told of it stays as it is.</summary>
    private static void KeepSilence(DeviceState present, DeviceState own)
    {
        if (present.Plan.SilenceAlarm is { } silence)
            own.Main.Traces[own.Plan.TraceOf[silence.Index]] = present.Main.Traces[present.Plan.TraceOf[silence.Index]];
    }
}
