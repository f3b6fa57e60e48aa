using System.Globalization;
using Telemetry.Rules.Alarms;

namespace Telemetry.Rules.Operators;

/// <summary>Someone has looked: a reset of one alarm, or a visit to the device.</summary>
/// <param name="Rule">Empty for a visit.</param>
/// <param name="At">Log time, Unix ms.</param>
internal readonly record struct Look(string Rule, int Instance, long At);

/// <summary>What has been made known of one device's recent past, to be compared with what late readings make of it. Devices without alarms have none.</summary>
internal sealed class DevicePast
{
    private static readonly string[] Visits = ["on_site", "done"];

    // In the order of log time.
    private readonly Queue<Look> _looks = [];

    public RuleMoves Moves { get; } = new();

    public KnownAlarms Alarms { get; } = new();

    public IReadOnlyCollection<Look> Looks => _looks;

    public bool IsEmpty => Moves.Count + Alarms.Count + _looks.Count == 0;

    /// <summary>Of a transition: someone was there.</summary>
    public static bool IsVisit(string cause) => Visits.Contains(cause);

    public static int InstanceOf(Alarm alarm) => alarm.Instance is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    public void Add(AlarmTransition transition)
    {
        var alarm = transition.Alarm;
        Alarms.Set(alarm);
        if (transition.Cause == "reset")
            _looks.Enqueue(new Look(alarm.Rule, InstanceOf(alarm), transition.ReceivedAt));
        else if (IsVisit(transition.Cause))
            _looks.Enqueue(new Look("", 0, transition.ReceivedAt));
        // Ended with its rule or its device, not by its condition.
        else if (transition is { To: AlarmState.Normal, Cause: "rule_removed" or "commissioning" } && Moves.StepAt(alarm.Rule, InstanceOf(alarm), long.MaxValue) >= 0)
            Moves.Add(new RuleMove(alarm.Rule, InstanceOf(alarm), -1, Math.Max(transition.At, Moves.Newest)));
    }

    /// <summary>Forgets what no reading can change any more, but for what still stands.</summary>
    public void Forget(long before)
    {
        Alarms.Forget(before);
        while (_looks.TryPeek(out var look) && look.At < before)
            _looks.Dequeue();
        Moves.Forget(before);
    }

    public void Save(BinaryWriter into, SharedStringWriter shared)
    {
        Moves.Save(into, shared);
        Alarms.Save(into, shared);
        into.Write(_looks.Count);
        foreach (var look in _looks)
        {
            shared.Write(look.Rule);
            into.Write(look.Instance);
            into.Write(look.At);
        }
    }

    public static DevicePast Load(BinaryReader from, SharedStringReader shared)
    {
        var past = new DevicePast();
        past.Moves.Load(from, shared);
        past.Alarms.Load(from, shared);
        for (var left = from.ReadInt32(); left > 0; left--)
            past._looks.Enqueue(new Look(shared.Read()!, from.ReadInt32(), from.ReadInt64()));
        return past;
    }
}
