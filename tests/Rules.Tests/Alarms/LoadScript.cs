using System.Globalization;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Alarms;

/// <summary>Transitions by hand, and the load that they make. Times are seconds from a midnight, UTC, of log time; event time is the same.</summary>
internal sealed class LoadScript(IReadOnlyList<LoadPosition>? positions = null)
{
    /// <summary>2026-11-10T00:00:00Z.</summary>
    public const long Zero = 1_794_268_800_000;

    private readonly Dictionary<string, Alarm> _alarms = [];
    private int _transitions;
    private double _now;

    public LoadLedger Ledger { get; private set; } = new(positions);

    public IEnumerable<Alarm> Open => _alarms.Values.Where(alarm => alarm.State != AlarmState.Normal);

    public LoadScript At(double seconds)
    {
        _now = seconds;
        Ledger.Advance(Time);
        return this;
    }

    public LoadScript Raise(string device, string rule = "level_high", Severity severity = Severity.High, AlarmKind kind = AlarmKind.Alarm, string? district = null, AlarmState to = AlarmState.ActiveUnacknowledged, string cause = "raised") =>
        Go(
            new Alarm
            {
                Id = $"{device}/{rule}/{_transitions}",
                Device = device,
                Family = "pump",
                District = district,
                Rule = rule,
                Kind = kind,
                Severity = severity,
                State = AlarmState.Normal,
                RaisedAt = Time,
                RaisedReceivedAt = Time,
                RuleVersion = "v",
            },
            to,
            cause);

    /// <summary>The newest alarm of the device goes on.</summary>
    public LoadScript Then(string device, AlarmState to, string cause, Func<Alarm, Alarm>? change = null)
    {
        var alarm = _alarms.Values.Last(alarm => alarm.Device == device);
        return Go(change is null ? alarm : change(alarm), to, cause);
    }

    public LoadScript Acknowledge(string device) => Then(device, AlarmState.ActiveAcknowledged, "acknowledged");

    public LoadScript Clear(string device)
    {
        var acknowledged = _alarms.Values.Last(alarm => alarm.Device == device).State == AlarmState.ActiveAcknowledged;
        return Then(device, acknowledged ? AlarmState.Normal : AlarmState.ClearedUnacknowledged, "cleared", alarm => alarm with { ClearedAt = Time });
    }

    public LoadFigures City(int days = 31) => Ledger.Figures(days, Open)[0];

    /// <summary>The service stops here and starts again from what it saved.</summary>
    public LoadScript Restart(IReadOnlyList<LoadPosition>? positions = null)
    {
        var saved = new MemoryStream();
        Ledger.Save(new BinaryWriter(saved));
        Ledger = new(positions);
        Ledger.Load(new BinaryReader(new MemoryStream(saved.ToArray())));
        return this;
    }

    /// <summary>Everything that anybody can ask for.</summary>
    public string All() => System.Text.Json.JsonSerializer.Serialize(new { Month = Ledger.Month(2026, 11), Days = new[] { 1, 7, 31 }.Select(days => Ledger.Figures(days, Open)), Minute = Ledger.Minute(Open) });

    private long Time => Zero + (long)(_now * 1000);

    private LoadScript Go(Alarm alarm, AlarmState to, string cause)
    {
        var from = alarm.State;
        _alarms[alarm.Id] = alarm = alarm with { State = to, Transitions = alarm.Transitions + 1 };
        Ledger.Apply(new AlarmTransition(++_transitions, 0, _transitions.ToString(CultureInfo.InvariantCulture), from, to, Time, Time, cause, alarm), RuleOf(alarm.Rule));
        return this;
    }

    // 10 s on, 20 s off, 5 min to respond.
    private static Rule RuleOf(string name) => new()
    {
        Name = name,
        Index = 0,
        Title = new Title(name, name),
        Trigger = RuleTrigger.Condition,
        Kind = AlarmKind.Alarm,
        RespondIn = 300_000,
        Steps = [new Step { Severity = Severity.High, OnDelay = 10_000, OffDelay = 20_000 }],
    };
}
