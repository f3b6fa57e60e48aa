using System.Globalization;
using System.Text.Json;
using Telemetry.Rules.Alarms;

namespace Telemetry.Rules.Operators;

/// <summary>A step of a rule that began to stand at a device; -1 where none stands any more.</summary>
/// <param name="Instance">0 for a rule without instances.</param>
/// <param name="At">Event time, Unix ms.</param>
internal readonly record struct RuleMove(string Rule, int Instance, int Step, long At);

/// <summary>Someone has looked: a reset of one alarm, or a visit to the device.</summary>
/// <param name="Rule">Empty for a visit.</param>
/// <param name="At">Log time, Unix ms.</param>
internal readonly record struct Look(string Rule, int Instance, long At);

/// <summary>What has been made known of one device's recent past, to be compared with what late readings make of it. Devices without alarms have none.</summary>
internal sealed class DevicePast
{
    private static readonly string[] Visits = ["on_site", "done"];

    private readonly List<RuleMove> _moves = [];
    private readonly List<Alarm> _alarms = [];
    private readonly List<Look> _looks = [];

    /// <summary>By event time.</summary>
    public IReadOnlyList<RuleMove> Moves => _moves;

    /// <summary>As they stand now, those that ended of late included.</summary>
    public IReadOnlyList<Alarm> Alarms => _alarms;

    public IReadOnlyList<Look> Looks => _looks;

    public bool IsEmpty => _moves.Count + _alarms.Count + _looks.Count == 0;

    /// <summary>Of a transition: someone was there.</summary>
    public static bool IsVisit(string cause) => Visits.Contains(cause);

    public static int InstanceOf(Alarm alarm) => alarm.Instance is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    public void Add(RuleMove move)
    {
        var after = _moves.FindLastIndex(other => other.At <= move.At) + 1;
        _moves.Insert(after, move);
    }

    public void Add(AlarmTransition transition)
    {
        var alarm = transition.Alarm;
        var known = _alarms.FindIndex(other => other.Id == alarm.Id);
        if (known < 0)
            _alarms.Add(alarm);
        else
            _alarms[known] = alarm;
        if (transition.Cause == "reset")
            _looks.Add(new Look(alarm.Rule, InstanceOf(alarm), transition.ReceivedAt));
        else if (IsVisit(transition.Cause))
            _looks.Add(new Look("", 0, transition.ReceivedAt));
        // Ended with its rule or its device, not by its condition.
        else if (transition is { To: AlarmState.Normal, Cause: "rule_removed" or "commissioning" } && StepAt(alarm.Rule, InstanceOf(alarm), long.MaxValue) >= 0)
            Add(new RuleMove(alarm.Rule, InstanceOf(alarm), -1, Math.Max(transition.At, _moves[^1].At)));
    }

    /// <summary>The step that stood just before a moment of event time; -1 for none.</summary>
    public int StepAt(string rule, int instance, long before)
    {
        var last = _moves.FindLastIndex(move => move.At < before && move.Rule == rule && move.Instance == instance);
        return last < 0 ? -1 : _moves[last].Step;
    }

    /// <summary>From a moment of event time on it was otherwise.</summary>
    public void Replace(long from, IEnumerable<RuleMove> moves)
    {
        _moves.RemoveAll(move => move.At >= from);
        foreach (var move in moves)
            Add(move);
    }

    /// <summary>Forgets what no reading can change any more, but for what still stands.</summary>
    public void Forget(long before)
    {
        _alarms.RemoveAll(alarm => alarm.State == AlarmState.Normal && Math.Max(alarm.ClearedAt ?? 0, alarm.RaisedAt) < before);
        _looks.RemoveAll(look => look.At < before);
        for (var i = _moves.Count - 1; i >= 0; i--)
        {
            var move = _moves[i];
            if (move.At < before && (move.Step < 0 || _moves.FindIndex(i + 1, later => later.Rule == move.Rule && later.Instance == move.Instance && later.At < before) >= 0))
                _moves.RemoveAt(i);
        }
    }

    public void Save(BinaryWriter into)
    {
        into.Write(_moves.Count);
        foreach (var move in _moves)
        {
            into.Write(move.Rule);
            into.Write(move.Instance);
            into.Write(move.Step);
            into.Write(move.At);
        }
        into.Write(_alarms.Count);
        foreach (var alarm in _alarms)
            into.Write(JsonSerializer.Serialize(alarm));
        into.Write(_looks.Count);
        foreach (var look in _looks)
        {
            into.Write(look.Rule);
            into.Write(look.Instance);
            into.Write(look.At);
        }
    }

    public static DevicePast Load(BinaryReader from)
    {
        var past = new DevicePast();
        for (var left = from.ReadInt32(); left > 0; left--)
            past._moves.Add(new RuleMove(from.ReadString(), from.ReadInt32(), from.ReadInt32(), from.ReadInt64()));
        for (var left = from.ReadInt32(); left > 0; left--)
            past._alarms.Add(JsonSerializer.Deserialize<Alarm>(from.ReadString()) ?? throw new InvalidDataException("an alarm of the past is missing in the checkpoint"));
        for (var left = from.ReadInt32(); left > 0; left--)
            past._looks.Add(new Look(from.ReadString(), from.ReadInt32(), from.ReadInt64()));
        return past;
    }
}
