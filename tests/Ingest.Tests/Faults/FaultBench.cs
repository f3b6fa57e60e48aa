using System.Globalization;
using System.Reactive.Subjects;
using System.Text;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;

namespace Telemetry.Ingest.Tests.Faults;

/// <summary>Readings with faults over them, as bytes through the service's decoder into its rules: what the service makes of a fault. A tick each second; the log is a list.</summary>
internal sealed class FaultBench : IDisposable
{
    /// <summary>2026-06-01T20:00:00+08:00.</summary>
    public const long Zero = 1_780_315_200_000;

    private const long DuplicateWindow = 7 * 24 * 3_600_000L;

    private readonly Subject<LogEntry> _entries = new();
    private readonly RulePipeline _rules;
    private readonly MessageDecoder _decoder;
    private readonly List<LogEntry> _decoded = [];
    private readonly Dictionary<string, List<ReadingEntry>> _history = new(StringComparer.Ordinal);
    private long _now;

    public FaultBench(long start, IReadOnlyList<Device> register)
    {
        _now = start;
        var (families, devices) = (FamilySet.Shipped(), new DeviceDirectory());
        foreach (var device in register)
            devices.Set(device);
        _decoder = new MessageDecoder(new DecodingTables(families.Find, devices, new Stats()));
        _rules = new RulePipeline(DuplicateWindow, (device, from, to) => _history.GetValueOrDefault(device, []).Where(entry => entry.Reading.EventTime >= from && entry.Reading.EventTime < to));
        _rules.Run(_entries).Subscribe(Journal.Add);
        Append(new ServiceStartedEntry("test"));
        foreach (var family in families.All)
            Append(new FamilyEntry(family.Name, family.Text, family.Hash));
        foreach (var device in register)
            Append(new DeviceEntry(device, "import"));
        foreach (var gateway in register.Select(device => device.Gateway!).Distinct().Order(StringComparer.Ordinal))
            Append(new GatewayEntry(gateway, true, "status"));
    }

    public List<LogEntry> Log { get; } = [];

    public List<AlarmTransition> Journal { get; } = [];

    public List<Injection> Ledger { get; } = [];

    /// <summary>In the order in which they reached the service.</summary>
    public List<Reading> Sent { get; } = [];

    /// <summary>Of each reading in the log, in its order.</summary>
    public List<(Reading Reading, ValueVerdict[] Verdicts)> Verdicts { get; } = [];

    public IEnumerable<Reading> Readings => Log.OfType<ReadingEntry>().Select(entry => entry.Reading);

    public IEnumerable<DeadLetterEntry> DeadLetters => Log.OfType<DeadLetterEntry>();

    /// <summary>Rules that sounded at a device, in order: newly unacknowledged and told to somebody.</summary>
    public IEnumerable<string> Calls => Journal.Where(LoadCall.Is).Select(transition => $"{transition.Alarm.Device} {transition.Alarm.Rule} {transition.Alarm.Severity.ToString().ToLowerInvariant()}");

    /// <summary>Every occurrence as it stands at the end: what it is, since when, until when.</summary>
    public IEnumerable<string> Alarms => Journal.GroupBy(transition => transition.Alarm.Id).Select(of => of.Last().Alarm)
        .Select(alarm => string.Create(CultureInfo.InvariantCulture, $"{alarm.Device} {alarm.Rule} {alarm.Severity} {alarm.State} {Second(alarm.RaisedAt)} {(alarm.ClearedAt is { } cleared ? Second(cleared) : null)}")).Order(StringComparer.Ordinal);

    /// <summary>The journal but for positions, which count the duplicates.</summary>
    public IEnumerable<string> Lines => Journal.Select(transition => FormattableString.Invariant(
        $"{transition.Id} {transition.Alarm.Id} {transition.Alarm.Device} {transition.Alarm.Rule} {transition.From} {transition.To} {transition.At} {transition.ReceivedAt} {transition.Cause} {transition.Alarm.Severity}"));

    public static double Second(long time) => (time - Zero) / 1000.0;

    /// <param name="clean">What the devices measure, in order of time; their event times are when it is sent.</param>
    /// <param name="seconds">How long ticks go on.</param>
    public static FaultBench Play(string faults, IReadOnlyList<Device> register, IEnumerable<Reading> clean, int seconds, long start = Zero)
    {
        var bench = new FaultBench(start, register);
        var (plan, errors) = FaultReader.Read("faults.yaml", faults.Length == 0 ? "faults: []" : faults.StartsWith("seed", StringComparison.Ordinal) ? faults : "faults:\n" + faults, Sender.Of(register));
        Assert.Empty(errors);
        var layer = new FaultLayer(plan!, start, bench.Ledger.Add);
        using var readings = clean.GetEnumerator();
        var isMore = readings.MoveNext();
        for (var second = 1; second <= seconds; second++)
        {
            bench._now = start + (second * 1000L);
            var due = new List<CityEvent>();
            for (; isMore && readings.Current.EventTime <= bench._now; isMore = readings.MoveNext())
                due.Add(new ReadingDue(readings.Current));
            foreach (var sending in layer.Over(due, bench._now))
                bench.Arrive(sending.What);
            bench.Append(new TickEntry());
        }
        return bench;
    }

    public void Dispose() => _entries.Dispose();

    private void Arrive(CityEvent what)
    {
        if (what is GatewayChange change)
        {
            Append(new GatewayEntry(change.Gateway, change.Up, "status"));
            return;
        }
        var reading = ((ReadingDue)what).Reading;
        Sent.Add(reading);
        _decoder.Decode(Encoding.UTF8.GetBytes(NativePayload.Topic(reading)), NativePayload.Write([reading]), _now, _decoded);
        foreach (var entry in _decoded)
            Append(entry);
        _decoded.Clear();
    }

    private void Append(LogEntry entry)
    {
        (entry.Position, entry.Time) = (Log.Count + 1, _now);
        Log.Add(entry);
        if (entry is ReadingEntry come)
        {
            _history.TryAdd(come.Reading.Device, []);
            _history[come.Reading.Device].Add(come);
        }
        _entries.OnNext(entry);
        if (entry is ReadingEntry { Reading: var reading })
            Verdicts.Add((reading, _rules.Moment.Verdicts ?? new ValueVerdict[reading.Values.Length]));
    }
}
