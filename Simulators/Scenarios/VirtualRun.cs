using System.Reactive.Subjects;
using Telemetry.Rules;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.Scenarios;

/// <summary>
/// A scenario against the rules alone, in virtual time: the entries are those that the service's log would hold, a tick each second, and nobody waits for
/// the clock. What lies between a gateway and the log is left out: broker, payload's bytes, disk.
/// </summary>
public sealed class VirtualRun : IDisposable
{
    /// <summary>The day of every virtual run, so that the same scenario gives the same journal whenever it is played.</summary>
    private static readonly DateTimeOffset Day = new(2026, 6, 1, 0, 0, 0, TimeSpan.FromHours(8));

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private const long DuplicateWindow = 7 * 24 * 3_600_000L;

    private readonly Subject<LogEntry> _log = new();
    private readonly List<AlarmTransition> _transitions = [];
    private readonly VirtualGateways _gateways = new();
    private readonly Crew _crew;
    private readonly VirtualDecoder _decoder;
    private readonly FaultLayer _faults;
    private readonly Dictionary<string, List<ReadingEntry>>? _history;
    private long _position;
    private long _readings;
    private long _now;

    private VirtualRun(Scenario scenario, FamilySet families, DateTimeOffset start, Action<Injection> ledger)
    {
        // Only what waited in a gateway or on its way amends the past; without that a day of readings need not be kept.
        var isFaulty = scenario.Faults.Faults.Count > 0;
        _history = isFaulty || scenario.Events.Any(happening => happening.What == Incident.GatewayDies) ? [] : null;
        _crew = new Crew(families);
        _decoder = new VirtualDecoder(families, scenario.Devices);
        _faults = new FaultLayer(scenario.Faults, start.ToUnixTimeMilliseconds(), ledger);
        // The city by itself sends nothing twice.
        var rules = new RulePipeline(DuplicateWindow, _history is null ? null : HistoryOf, isFaulty ? null : (_, _) => []);
        rules.Run(_log).Subscribe(transition =>
        {
            _transitions.Add(transition);
            _crew.See(transition);
        });
    }

    /// <exception cref="OperationCanceledException">Cancelled before its end.</exception>
    public static ScenarioRun Play(Scenario scenario, FamilySet families, CancellationToken cancellationToken = default) => Play(scenario, families, _ => { }, cancellationToken);

    /// <param name="ledger">Takes a line for everything that a fault makes different.</param>
    /// <exception cref="OperationCanceledException">Cancelled before its end.</exception>
    public static ScenarioRun Play(Scenario scenario, FamilySet families, Action<Injection> ledger, CancellationToken cancellationToken = default)
    {
        var start = (Day + scenario.Begins).ToUniversalTime();
        using var run = new VirtualRun(scenario, families, start, ledger);
        run.Begin(scenario, families, start);
        var city = scenario.City(start);
        for (var now = start + Second; now <= start + scenario.Lasts; now += Second)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Pass(city, now);
        }
        return new ScenarioRun(start, start + scenario.Lasts, run._transitions, run._readings);
    }

    public void Dispose() => _log.Dispose();

    private void Begin(Scenario scenario, FamilySet families, DateTimeOffset start)
    {
        _now = start.ToUnixTimeMilliseconds();
        Append(new ServiceStartedEntry("scenario"));
        foreach (var family in families.All)
            Append(new FamilyEntry(family.Name, family.Text, family.Hash));
        foreach (var device in scenario.Devices)
            Append(new DeviceEntry(device, "import"));
        foreach (var gateway in scenario.Devices.Select(device => device.Gateway!).Distinct().Order(StringComparer.Ordinal))
            Append(new GatewayEntry(gateway, true, "status"));
    }

    private void Pass(SimulatedCity city, DateTimeOffset now)
    {
        _now = now.ToUnixTimeMilliseconds();
        foreach (var entry in _faults.Over(city.AdvanceTo(now), _now).SelectMany(sending => _gateways.Take(sending.What)))
            Receive(entry);
        foreach (var action in _crew.ActionsAt(_now))
            Append(action);
        Append(new TickEntry());
    }

    private void Receive(LogEntry entry)
    {
        if (entry is not ReadingEntry { Reading: var sent })
            Append(entry);
        else if (_decoder.Decode(sent, _now) is { } reading)
            Append(new ReadingEntry(reading));
    }

    private void Append(LogEntry entry)
    {
        (entry.Position, entry.Time) = (++_position, _now);
        if (entry is ReadingEntry reading)
        {
            _readings++;
            Remember(reading);
        }
        _log.OnNext(entry);
    }

    private void Remember(ReadingEntry entry)
    {
        if (_history is null)
            return;
        if (!_history.TryGetValue(entry.Reading.Device, out var readings))
            _history[entry.Reading.Device] = readings = [];
        readings.Add(entry);
    }

    private IEnumerable<ReadingEntry> HistoryOf(string device, long from, long to) =>
        _history!.GetValueOrDefault(device, []).Where(entry => entry.Reading.EventTime >= from && entry.Reading.EventTime < to);
}

/// <summary>What came of playing a scenario.</summary>
/// <param name="Transitions">In order: the journal.</param>
/// <param name="Readings">That reached the rules.</param>
public sealed record ScenarioRun(DateTimeOffset Start, DateTimeOffset End, IReadOnlyList<AlarmTransition> Transitions, long Readings);
