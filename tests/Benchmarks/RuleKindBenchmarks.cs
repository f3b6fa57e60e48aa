using System.Reactive.Subjects;
using BenchmarkDotNet.Attributes;
using Telemetry.Rules;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>
/// One reading of a device whose family has a single rule of the kind: two values that move a little and raise nothing. <c>none</c> is the pipeline
/// without a rule; the difference is the rule's own.
/// </summary>
[MemoryDiagnoser]
public class RuleKindBenchmarks : IDisposable
{
    private const int Devices = 1000;

    // After each kind its condition, or a rule's other keys in place of it.
    private static readonly Dictionary<string, string> Conditions = new(StringComparer.Ordinal)
    {
        ["none"] = "when: mode == manual",
        ["threshold, deadband, delay"] = "when: level > 5 m\n    deadband: 0.2 m\n    delay: {on: 30s, off: 2m}",
        ["ladder of three"] = "watch: level\n    ladder:\n      - {above: 5 m, kind: ticket}\n      - {above: 6 m, kind: ticket}\n      - {above: 7 m, kind: ticket}\n    deadband: 0.2 m",
        ["latch"] = "when: level > 5 m\n    latched: true",
        ["mean 15m"] = "when: mean(level, 15m) > 5 m",
        ["highest 15m"] = "when: highest(level, 15m) > 5 m",
        ["total 15m"] = "when: total(level, 15m) > 500 m",
        ["rate 2m"] = "when: rate(level, 2m) > 5 m/min",
        ["increase of a counter 1h"] = "when: increase(starts, 1h) > 1000",
        ["times 1h"] = "when: times(level > 2 m, 1h) > 1000",
        ["held"] = "when: held(level > 5 m, 10m)",
        ["stuck"] = "when: stuck(level, 10m)",
        ["mismatch, newer"] = "when: mode != wish && newer(mode, wish)",
        ["sequence 5m"] = "when: sequence(level > 5 m, mode == manual, 5m)",
        ["each instance"] = "each: pump\n    when: run && level > 5 m",
        ["any instance"] = "when: any(run) && level > 5 m",
        ["alarm of another rule"] = "when: alarm(other, 10m)\n  other:\n    kind: ticket\n    title: {en: Other, zh: 其他}\n    source: benchmark\n    when: level > 5 m",
        ["silence"] = "when: silent",
    };

    private readonly Subject<LogEntry> _entries = new();
    private IDisposable? _running;
    private ReadingEntry[] _readings = [];
    private long _round;

    public static IEnumerable<string> Kinds => Conditions.Keys;

    [ParamsSource(nameof(Kinds))]
    public string Kind { get; set; } = "none";

    [GlobalSetup]
    public void Setup()
    {
        var pipeline = new RulePipeline((long)TimeSpan.FromMinutes(1).TotalMilliseconds);
        _running = pipeline.Run(_entries).Subscribe(transition => throw new InvalidOperationException($"{transition.Alarm.Rule} was {transition.Cause}: the benchmark measures what raises nothing"));
        var text = FamilyWith(Conditions[Kind]);
        var family = FamilyReader.Read("kind.yaml", text);
        if (family.Errors.Count > 0)
            throw new InvalidOperationException(string.Join('\n', family.Errors));
        _entries.OnNext(new FamilyEntry("kind", text, family.Family!.Hash) { Time = 1 });
        _readings = [.. Enumerable.Range(0, Devices).Select(i => new ReadingEntry(new Reading
        {
            Gateway = "gw-1", Family = "kind", Device = "d-" + i, Values = [new ChannelValue("level", ValueKind.Number, 1, null, Quality.Good), new ChannelValue("run.1", ValueKind.Boolean, 1, null, Quality.Good)],
        }))];
        foreach (var reading in _readings)
        {
            var first = new Reading
            {
                Gateway = "gw-1", Family = "kind", Device = reading.Reading.Device, EventTime = Now,
                Values = [new ChannelValue("mode", ValueKind.State, 0, "auto", Quality.Good), new ChannelValue("wish", ValueKind.State, 0, "auto", Quality.Good), new ChannelValue("starts", ValueKind.Number, 1, null, Quality.Good)],
            };
            _entries.OnNext(new ReadingEntry(first) { Time = Now });
        }
    }

    private long Now => 1_790_000_000_000 + (_round * 10_000);

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _running?.Dispose();
        _entries.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Devices)]
    public void Reading()
    {
        _round++;
        foreach (var entry in _readings)
        {
            entry.Time = Now;
            entry.Reading.EventTime = Now;
            entry.Reading.Values[0] = entry.Reading.Values[0] with { Number = 1 + (_round % 10 * 0.05) };
            _entries.OnNext(entry);
        }
    }

    private static string FamilyWith(string rule) => """
        family: kind
        title: {en: Kind, zh: 类}
        heartbeat: 60s
        rationalised: {by: shipped default, on: null}
        channels:
          level: {unit: m, plausible: 0..100, every: 10s, title: {en: Level, zh: 水位}}
          starts: {unit: "1", counter: true, on_change: any, title: {en: Starts, zh: 启动次数}}
          mode: {states: [auto, manual], on_change: any, title: {en: Mode, zh: 方式}}
          wish: {states: [auto, manual], on_change: any, title: {en: Wish, zh: 指令}}
          run.{pump}: {bool: true, every: 10s, title: {en: Running, zh: 运行}}
        rules:
          kind:
            kind: ticket
            title: {en: Kind, zh: 类}
            source: benchmark
            CONDITION
        """.Replace("CONDITION", rule, StringComparison.Ordinal);
}
