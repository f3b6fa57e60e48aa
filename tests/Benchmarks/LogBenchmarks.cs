using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>Encode, append and commit (with fdatasync), and read back; per reading of four values. Two producers await groups of 500.</summary>
[MemoryDiagnoser]
public class LogBenchmarks
{
    private const int Readings = 100_000;
    private const int Producers = 2;
    private const int Group = 500;

    private readonly ReadingEntry[] _entries = [.. Enumerable.Range(0, Group).Select(Entry)];
    private readonly List<LogEntry> _read = new(1_000);
    private string _directory = "";
    private DurableLog _log = null!;

    [GlobalSetup]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("log-benchmark").FullName;
        _log = DurableLog.Open(_directory, new LogOptions(), new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance);
    }

    [GlobalCleanup]
    public async Task Close()
    {
        await _log.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>One batch a reading, as one-reading MQTT messages make them; the last of each 500 awaited.</summary>
    [Benchmark(OperationsPerInvoke = Readings)]
    public Task AppendSingly() => Produce(async batch =>
    {
        var commit = Task.FromResult(0L);
        foreach (var entry in _entries)
        {
            batch.Clear();
            batch.Add(entry);
            commit = await _log.AppendAsync(batch, CancellationToken.None);
        }
        await commit;
    });

    [Benchmark(OperationsPerInvoke = Readings)]
    public Task AppendInBatchesOf500() => Produce(async batch =>
    {
        batch.Clear();
        foreach (var entry in _entries)
            batch.Add(entry);
        await await _log.AppendAsync(batch, CancellationToken.None);
    });

    [IterationSetup(Target = nameof(Read))]
    public void Fill() => Produce(async batch =>
    {
        batch.Clear();
        foreach (var entry in _entries)
            batch.Add(entry);
        await await _log.AppendAsync(batch, CancellationToken.None);
    }).GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Readings)]
    public long Read()
    {
        using var reader = _log.OpenReader("", _log.Committed - Readings + 1);
        for (_read.Clear(); reader.Read(_read, 1_000) > 0; _read.Clear())
        {
        }
        return reader.Next;
    }

    private static Task Produce(Func<EntryBatch, Task> group) => Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => Task.Run(async () =>
    {
        var batch = new EntryBatch();
        for (var i = 0; i < Readings / Producers / Group; i++)
            await group(batch);
    })));

    private static ReadingEntry Entry(int i) => new(new Reading
    {
        Gateway = "gw-" + i % 20,
        Family = "drainage_pump",
        Device = "DP-" + i.ToString("D5", System.Globalization.CultureInfo.InvariantCulture),
        SentTime = 1_767_225_600_000 + i,
        EventTime = 1_767_225_600_000 + i,
        Sequence = i,
        Values =
        [
            new ChannelValue("sump_level", ValueKind.Number, 1.25 + i, null, Quality.Good),
            new ChannelValue("pump_current.1", ValueKind.Number, 12.5, null, Quality.Good),
            new ChannelValue("pump_run.1", ValueKind.Boolean, 1, null, Quality.Good),
            new ChannelValue("mode", ValueKind.State, 0, "automatic", Quality.Good),
        ],
    });
}
