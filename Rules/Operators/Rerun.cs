using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// The same rules once more over one device's recent past, with every reading in the order of event time: on a fleet of its own, of that device and
/// of those that it looks at. It begins with an <see cref="Anchor"/>, or with nothing at the first reading of the device.
/// </summary>
internal sealed class Rerun
{
    // A reading without a time of its own that is sent again, is told by its sequence; so far back it is looked for the one that came first.
    private const long Resent = 10 * 60_000;

    // Of what a device looks at before its own first reading.
    private const long LooksBack = 32 * 24 * 3_600_000L;

    private readonly record struct Entered(ReadingEntry Entry, ValueVerdict[]? Verdicts, ReadingOrder Order, DeviceState Device);

    private readonly Fleet _fleet;
    private readonly EvaluateConditions _conditions;
    private readonly Moment _moment = new();
    private readonly List<ConditionChange> _changes = [];
    private readonly Anchor? _anchor;
    // What is judged between readings: the register, the calendar, operators' resets.
    private readonly List<(long At, Action Judge)> _judged = [];
    private int _next;

    private Rerun(Fleet fleet, DeviceState device, IReadOnlyCollection<DeviceState> beside, DevicePast past, Anchor? anchor)
    {
        _anchor = anchor;
        _fleet = new Fleet { Calendar = fleet.Calendar };
        _conditions = new EvaluateConditions(_fleet);
        var linked = device.Device.Links.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(fleet.Find).OfType<DeviceState>();
        var others = linked.Concat(beside).Distinct().Where(other => other != device).ToList();
        foreach (var plan in others.Append(device).Select(other => other.Plan).Distinct())
            _fleet.Set(plan, 0);
        foreach (var other in others)
            _fleet.Set(other.Device with { State = other.IsEvaluated ? "live" : "commissioning", Links = new Dictionary<string, string>() }, other.Plan, 0);
        Device = _fleet.Set(device.Device with { State = "live" }, device.Plan, 0);
        anchor?.Restore(_fleet, Device);
        _conditions.Requeue();
        foreach (var own in _fleet.Devices)
            KeepSilence(fleet.Find(own.Device.Id)!, own);
        var begin = anchor?.At ?? long.MinValue;
        // What was judged when the device was entered, before it was heard.
        if (!device.WasHeard && device.RulesSince > 0 && device.RulesSince > begin)
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

    /// <summary>Event time from which <see cref="Changes"/> are told; what is before was decided.</summary>
    public long Begin => _anchor is null ? long.MinValue : _anchor.Judged + 1;

    /// <summary>What became of the device's rules from its beginning on.</summary>
    public IReadOnlyList<ConditionChange> Changes => _changes;

    /// <summary>How the devices counted in their places.</summary>
    public PlaceTable Places => _fleet.Places;

    /// <summary>Readings that it took.</summary>
    public int Readings { get; private set; }

    /// <param name="from">Event time from which the past may be another one, Unix ms.</param>
    /// <param name="anchor">Of before that; null to begin with the first reading.</param>
    /// <param name="now">The entry that asks: nothing behind its position is looked at.</param>
    /// <param name="duplicateWindow">Milliseconds.</param>
    public static Rerun Of(Fleet fleet, DeviceState device, IReadOnlyCollection<DeviceState> beside, DevicePast past, Anchor? anchor, ReadingHistory history, long from, LogEntry now, long duplicateWindow)
    {
        var rerun = new Rerun(fleet, device, beside, past, anchor);
        foreach (var entered in rerun.InOrder(beside, history, from, now, duplicateWindow))
            rerun.Take(entered);
        rerun.End(now.Position, fleet.TickTime);
        return rerun;
    }

    /// <summary>Every reading that is not in the anchor once, in the order of event time.</summary>
    private List<Entered> InOrder(IReadOnlyCollection<DeviceState> beside, ReadingHistory history, long from, LogEntry now, long duplicateWindow)
    {
        var duplicates = new DropDuplicates(duplicateWindow);
        var entered = new List<Entered>();
        foreach (var entry in _fleet.Devices.SelectMany(own => Read(own, FirstOf(own))).OrderBy(entry => entry.Position))
        {
            _moment.For(entry).Device = _fleet.Find(entry.Reading.Device);
            duplicates.Apply(_moment);
            if (entry.Position > (_anchor?.Position ?? 0) && (_moment.Verdicts is null || _moment.Verdicts.Contains(ValueVerdict.Accept)))
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

        IEnumerable<ReadingEntry> Read(DeviceState own, long first) =>
            history(own.Device.Id, first, long.MaxValue).Where(entry => entry.Position <= now.Position && entry.Reading.Family == own.Device.Family);

        // What came behind the anchor belongs behind what was decided then; of linked devices, behind what the device itself had decided.
        long FirstOf(DeviceState own)
        {
            if (_anchor is null)
                return own == Device ? long.MinValue : from - LooksBack;
            var judged = beside.Any(other => other.Device.Id == own.Device.Id) ? own.Judged.Time : Device.Judged.Time;
            return Math.Min(judged, from) - Resent;
        }
    }

    private void Take(Entered entered)
    {
        JudgeTo(entered.Entry.Reading.EventTime);
        CountJumps(entered.Entry.Reading.EventTime);
        _moment.For(entered.Entry).Device = entered.Device;
        _moment.Verdicts = entered.Verdicts;
        _conditions.Apply(_moment);
        Collect();
    }

    private void End(long position, long tickTime)
    {
        JudgeTo(tickTime + 1);
        CountJumps(tickTime);
        _fleet.TickTime = tickTime;
        _conditions.End(_moment.For(new TickEntry { Position = position, Time = tickTime }));
        Collect();
    }

    private void Collect() =>
        _changes.AddRange(_moment.Changes.Where(change => change.Subject.Id == Device.Device.Id && change.Subject.Family == Device.Device.Family));

    private void Reconsider(long at)
    {
        _conditions.Apply(_moment.For(new DeviceEntry(Device.Device, "amendment") { Time = at }));
        Collect();
    }

    private void Judge(CalendarItem item, long at)
    {
        _conditions.JudgeCalendar(_moment.For(new TickEntry { Time = at }), item, at);
        Collect();
    }

    private void JudgeTo(long until)
    {
        while (_next < _judged.Count && _judged[_next].At < until)
            _judged[_next++].Judge();
    }

    private void CountJumps(long until)
    {
        if (_fleet.Devices.All(device => device.NextJump > until))
            return;
        _conditions.CountJumps(_moment.For(new TickEntry { Time = until }), until);
        Collect();
    }

    /// <summary>Silence runs on another clock: what conditions are told of it stays as it is.</summary>
    private static void KeepSilence(DeviceState present, DeviceState own)
    {
        if (present.Plan.SilenceAlarm is { } silence)
            own.Main.Traces[own.Plan.TraceOf[silence.Index]] = present.Main.Traces[present.Plan.TraceOf[silence.Index]];
    }
}
