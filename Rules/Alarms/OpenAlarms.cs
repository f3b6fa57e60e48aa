using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>The alarms that have not ended, and the one way to change them: what is changed is a transition. What has ended is history and lives in the projections.</summary>
internal sealed class OpenAlarms(Fleet fleet)
{
    // A set that has once held more is given up: clearing it would take as long for each entry as for that one.
    private const int ManyTouched = 1_000;

    private readonly BySlot<Alarm> _alarms = new();
    private readonly BySlot<string> _events = new();
    private readonly Dictionary<string, AlarmSlot> _byId = new(StringComparer.Ordinal);
    private readonly Deadlines _deadlines = new();
    private readonly List<string> _touched = [];
    private HashSet<string> _isTouched = new(StringComparer.Ordinal);
    private List<AlarmTransition> _written = [];
    private LogEntry _entry = null!;

    public IEnumerable<Alarm> All => _alarms.Values;

    /// <summary>Ids of the events whose condition holds: they are over as soon as they are told, and may explain other rules' alarms nevertheless.</summary>
    public BySlot<string> Events => _events;

    /// <summary>Log time at which some alarm next changes by itself, Unix ms; <see cref="long.MaxValue"/> for none.</summary>
    public long NextDue => _deadlines.Next;

    /// <summary>Devices at which this entry has changed an alarm, in the order of the changes.</summary>
    public IReadOnlyList<string> Touched => _touched;

    public void Begin(LogEntry entry)
    {
        _entry = entry;
        _written = [];
        _touched.Clear();
        if (_isTouched.Count > ManyTouched)
            _isTouched = new(StringComparer.Ordinal);
        else
            _isTouched.Clear();
        AreaChanged = false;
    }

    /// <summary>This entry has changed the alarm of an area: what stands beneath it is looked at again.</summary>
    public bool AreaChanged { get; private set; }

    public List<AlarmTransition> Written => _written;

    public Alarm? Find(AlarmSlot slot) => _alarms.Find(slot);

    public Alarm? Find(string id) => _byId.TryGetValue(id, out var slot) ? _alarms.Find(slot) : null;

    public IEnumerable<Alarm> At(string device) => _alarms.At(device).Select(alarm => alarm.Value);

    /// <summary>In the order of ids.</summary>
    public List<Alarm> Where(Func<Alarm, bool> which) => [.. _alarms.Values.Where(which).OrderBy(alarm => alarm.Id, StringComparer.Ordinal)];

    /// <summary>The first alarm or event of a rule whose condition holds and which speaks for this instance; one that is out of service speaks for nothing, and one of a test or a drill for nothing real.</summary>
    /// <param name="mode">Of the alarm that is to be explained.</param>
    public string? Standing(string device, Rule rule, string? mode, Func<int, bool> speaksFor)
    {
        foreach (var (slot, alarm) in _alarms.At(device))
        {
            if (slot.Rule == rule.Name && alarm.Holds && alarm.State != AlarmState.OutOfService && (alarm.Mode is null || mode is not null) && speaksFor(slot.Instance))
                return alarm.Id;
        }
        foreach (var (slot, id) in _events.At(device))
        {
            if (slot.Rule == rule.Name && speaksFor(slot.Instance))
                return id;
        }
        return null;
    }

    /// <summary>The rule in force; null if it has left the family file.</summary>
    public Rule? RuleOf(Alarm alarm) => alarm.Rule == Vocabulary.UnknownRule ? fleet.Plan(alarm.Family)?.Unknown : fleet.RuleOf(alarm.Family, alarm.Rule);

    /// <summary>A suppression began or may be over there: it is looked at again with this entry.</summary>
    public void Touch(string device)
    {
        if (_isTouched.Add(device))
            _touched.Add(device);
    }

    /// <param name="before">With the state before; for a new occurrence <see cref="AlarmState.Normal"/>.</param>
    /// <param name="at">Event time, Unix ms.</param>
    /// <param name="action">Whoever acted, for the journal.</param>
    public void Change(Alarm before, Alarm after, long at, string cause, ActionEntry? action = null)
    {
        after = after with { Transitions = before.Transitions + 1, Position = _entry.Position };
        _written.Add(new AlarmTransition(_entry.Position, _written.Count, AlarmIds.Transition(after.Id, before.Transitions), before.State, after.State, at, _entry.Time, cause, after)
        {
            By = action?.By,
            Comment = action?.Comment,
            Reason = action?.Reason,
        });
        Replace(after);
    }

    /// <summary>Without a transition: for what nobody outside sees yet.</summary>
    public void Replace(Alarm after)
    {
        var slot = AlarmSlot.Of(after);
        Touch(slot.Device);
        AreaChanged |= after.Family == Fleet.AreaFamily;
        if (after.State == AlarmState.Normal)
        {
            _deadlines.Set(after.Id, long.MaxValue);
            // An event was never there.
            if (_byId.Remove(after.Id))
                _alarms.Remove(slot);
            return;
        }
        Keep(slot, after);
    }

    private void Keep(AlarmSlot slot, Alarm alarm)
    {
        _alarms.Set(slot, alarm);
        _byId[alarm.Id] = slot;
        _deadlines.Set(alarm.Id, Insistence.DueOf(alarm, RuleOf(alarm)));
    }

    /// <summary>The alarm whose deadline is over, the earliest first.</summary>
    public Alarm? TakeDue(long now) => _deadlines.TakeDue(now) is { } id ? Find(id) : null;

    public void Save(BinaryWriter into)
    {
        var shared = new SharedStringWriter(into);
        into.Write(_alarms.Count);
        foreach (var (_, alarm) in _alarms.InOrderOfDevices)
            AlarmRecord.Save(alarm, into, shared);
        into.Write(_events.Count);
        foreach (var (slot, id) in _events.InOrderOfDevices)
        {
            into.Write(slot.Device);
            into.Write(slot.Rule);
            into.Write(slot.Instance);
            into.Write(id);
        }
    }

    public void Load(BinaryReader from)
    {
        var shared = new SharedStringReader(from);
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var alarm = AlarmRecord.Load(from, shared);
            Keep(AlarmSlot.Of(alarm), alarm);
        }
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var slot = new AlarmSlot(from.ReadString(), from.ReadString(), from.ReadInt32());
            _events.Set(slot, from.ReadString());
        }
    }
}
