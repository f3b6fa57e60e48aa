using System.Reactive.Subjects;
using BenchmarkDotNet.Attributes;
using Telemetry.Rules;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>One reading through the whole pipeline, changing nothing: the steady state of a city.</summary>
[MemoryDiagnoser]
public class RulesBenchmarks : IDisposable
{
    private const int Devices = 1000;
    private readonly Subject<LogEntry> _entries = new();
    private IDisposable? _running;
    private ReadingEntry[] _readings = [];
    private long _round;

    [GlobalSetup]
    public void Setup()
    {
        var pipeline = new RulePipeline((long)TimeSpan.FromMinutes(1).TotalMilliseconds);
        _running = pipeline.Run(_entries).Subscribe(_ => { });
        foreach (var family in FamilySet.Shipped().All)
            _entries.OnNext(new FamilyEntry(family.Name, family.Text, family.Hash) { Time = 1 });
        _readings = [.. Enumerable.Range(0, Devices).Select(i => new ReadingEntry(new Reading
        {
            Gateway = "gw-1", Family = "drainage_pump", Device = "ps-" + i, Values = [new ChannelValue("sump_level", ValueKind.Number, 1.1, null, Quality.Good)],
        }))];
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _running?.Dispose();
        _entries.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Devices)]
    public void LevelOfAPumpStation()
    {
        var now = 1_790_000_000_000 + (++_round * 10_000);
        foreach (var entry in _readings)
        {
            entry.Time = now;
            entry.Reading.EventTime = now;
            _entries.OnNext(entry);
        }
    }
}
