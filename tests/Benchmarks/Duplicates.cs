using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Benchmarks;

/// <summary>
/// <c>duplicates [DEVICES] [READINGS]</c>: what the duplicate filter costs in memory and time over a log of so many readings of five values each, sent in
/// turn by so many devices over the days of the window; and what a dictionary of every value's key costs, as it was before.
/// </summary>
internal static class Duplicates
{
    private const int ValuesPerReading = 5;
    private const int PerBatch = 500;

    // Small ones: ten million readings then stand in as many segments as a city's week of a hundred million.
    private static readonly LogOptions Options = new() { SegmentSize = 8 << 20 };
    private static readonly long Window = (long)Options.DuplicateWindow.TotalMilliseconds;
    private static readonly string[] Channels = ["fan_current.1", "fan_current.2", "fan_current.3", "fan_current.4", "fan_current.5"];

    private readonly record struct ValueKey(int Device, int Channel, long Time, long Mark, bool HasSequence);

    // Of the process: what the machine does beside it is not in it.
    private readonly record struct Cost(TimeSpan Elapsed, TimeSpan Cpu);

    public static async Task<int> RunAsync(int devices, int readings)
    {
        ADictionaryOfEveryValue(Math.Min(readings, 1_000_000));
        using var directory = new TempDirectory();
        await using var log = DurableLog.Open(directory.Path, Options, new FileSystem(), new LogClock(TimeProvider.System), NullLogger.Instance);
        var names = Enumerable.Range(0, devices).Select(i => string.Create(CultureInfo.InvariantCulture, $"device-{i:D7}")).ToArray();
        var begin = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - Window + 3_600_000;
        var step = (Window - 7_200_000.0) / readings;
        var batch = new EntryBatch();
        for (var i = 0; i < readings; i += PerBatch)
        {
            batch.Clear();
            for (var j = i; j < Math.Min(i + PerBatch, readings); j++)
                batch.Add(new ReadingEntry(Reading(names[j % devices], begin + (long)(j * step), j)));
            await await log.AppendAsync(batch, CancellationToken.None);
        }
        while (Directory.GetFiles(directory.Path, "*.keys").Length < Directory.GetFiles(directory.Path, "*.log").Length - 1 || Directory.GetFiles(directory.Path, "*.new").Length > 0)
            await Task.Delay(100);
        Print($"{readings:N0} readings of {devices:N0} devices in {Directory.GetFiles(directory.Path, "*.log").Length} segments; on the disk: log {Megabytes(directory, "*.log"):N0} MB, device index {Megabytes(directory, "*.idx"):N0} MB, key index {Megabytes(directory, "*.keys"):N0} MB");

        var filter = new Filter(log, names);
        Read(log, _ => { }, 1, readings);
        var reading = Timed(() => Read(log, _ => { }, 1, readings));
        var before = Memory();
        var judged = Timed(() => Read(log, filter.Judge, 1, readings));
        filter.Told("in order, none sent twice", readings, new Cost(judged.Elapsed - reading.Elapsed, judged.Cpu - reading.Cpu));
        Print($"  memory {Memory() - before:N0} bytes, {(Memory() - before) / (double)devices:F1} a device; checkpoint {filter.CheckpointBytes():N0} bytes");

        before = Memory();
        var random = new Random(1);
        var first = Timed(() => filter.Judge(New(0)));
        var loaded = Memory() - before;
        Print($"first late reading: {first.Elapsed.TotalMilliseconds:F0} ms ({first.Cpu.TotalMilliseconds:F0} of CPU), in which the filters of all segments are read and the open one is scanned: {loaded:N0} bytes, {loaded / (double)readings:F2} a reading");
        const int late = 200_000;
        var readingsLate = Enumerable.Range(1, late).Select(New).ToArray();
        filter.Told("late and new", late, Timed(() => Array.ForEach(readingsLate, filter.Judge)));

        var again = Enumerable.Range(0, 20_000).Select(_ => random.Next(readings)).Select(j => Last(Reading(names[j % devices], begin + (long)(j * step), j))).ToArray();
        filter.Told("sent again, from anywhere in the window, segments seen for the first time", again.Length, Timed(() => Array.ForEach(again, filter.Judge)));
        filter.Told("the same once more", again.Length, Timed(() => Array.ForEach(again, filter.Judge)));

        var backlog = Math.Min(90_000, readings / 2);
        foreach (var (where, from) in new[] { ("middle", readings / 2), ("end", readings - backlog) })
        {
            var entries = Enumerable.Range(from, backlog).Select(j => Last(Reading(names[j % devices], begin + (long)(j * step), j))).ToArray();
            filter.Told($"a backfill of {backlog:N0} sent again, from the {where} of the log", backlog, Timed(() => Array.ForEach(entries, filter.Judge)));
        }
        await StuckClock(log, filter, names[0]);
        return 0;

        // Not a time that any reading has been sent with.
        ReadingEntry New(int i) => Last(Reading(names[i % devices], begin + (long)(random.Next(readings / 2) * step) + 1, 2L * readings));

        ReadingEntry Last(Reading reading) => At(reading, log.Committed + 1);
    }

    private static ReadingEntry At(Reading reading, long position) => new(reading) { Position = position, Time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() };

    /// <summary>One device's clock stands still, and it sends 100,000 readings without a sequence: all have one time, each another value.</summary>
    private static async Task StuckClock(DurableLog log, Filter filter, string device)
    {
        const int stuck = 100_000;
        var batch = new EntryBatch();
        var from = log.Committed + 1;
        var stands = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 0; i < stuck + 1000; i++)
        {
            batch.Add(new ReadingEntry(new Reading { Gateway = "gw", Family = "tunnel", Device = device, SentTime = stands, EventTime = stands, Values = [new ChannelValue(Channels[0], ValueKind.Number, i, null, Quality.Good)] }));
            if (batch.Count < PerBatch)
                continue;
            await await log.AppendAsync(batch, CancellationToken.None);
            batch.Clear();
        }
        filter.Told("a stuck clock's readings, with 100,000 of the same time behind them", 1000, Timed(() => Read(log, filter.Judge, from + stuck, 1000)));
    }

    /// <summary>The memory of before: every value's key in a dictionary.</summary>
    private static void ADictionaryOfEveryValue(int readings)
    {
        var keys = new Dictionary<ValueKey, long>();
        var before = Memory();
        var took = Timed(() =>
        {
            for (var i = 0; i < readings; i++)
            {
                for (var channel = 0; channel < ValuesPerReading; channel++)
                    keys.TryAdd(new ValueKey(i % 300_000, channel, i * 60L, i, true), i);
            }
        });
        var bytes = (Memory() - before) / (double)readings;
        GC.KeepAlive(keys);
        Print($"before: {took.Cpu.TotalNanoseconds / readings:F0} ns of CPU and {bytes:F0} bytes a reading of {ValuesPerReading} values, {bytes * 100_000_000 / 1e9:F1} GB for 100 million; the same {bytes:F0} bytes or so in each checkpoint");
    }

    private static Reading Reading(string device, long sent, long sequence) => new()
    {
        Gateway = "gw",
        Family = "tunnel",
        Device = device,
        SentTime = sent,
        EventTime = sent,
        Sequence = sequence,
        Values = [.. Channels.Select(channel => new ChannelValue(channel, ValueKind.Number, sequence * 0.1, null, Quality.Good))],
    };

    private static void Read(DurableLog log, Action<ReadingEntry> judge, long from, long count)
    {
        using var reader = log.OpenReader("", from);
        var entries = new List<LogEntry>();
        for (; count > 0 && reader.Read(entries, (int)Math.Min(count, 4096)) is var read and > 0; count -= read, entries.Clear())
        {
            foreach (var entry in entries)
                judge((ReadingEntry)entry);
        }
    }

    private static Cost Timed(Action work)
    {
        var (begun, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        work();
        return new Cost(Stopwatch.GetElapsedTime(begun), Environment.CpuUsage.TotalTime - used);
    }

    private static long Memory() => GC.GetTotalMemory(forceFullCollection: true);

    private static double Megabytes(TempDirectory directory, string pattern) => Directory.GetFiles(directory.Path, pattern).Sum(file => new FileInfo(file).Length) / 1e6;

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>The stage alone, on devices that it knows.</summary>
    private sealed class Filter
    {
        private readonly DropDuplicates _duplicates;
        private readonly Fleet _fleet = new();
        private readonly Moment _moment = new();
        private int _dropped;

        public Filter(DurableLog log, string[] names)
        {
            _duplicates = new DropDuplicates(Window, log.OpenEarlier().Invoke);
            var plan = new FamilyPlan(FamilySet.Shipped().Find("tunnel")!);
            _fleet.Set(plan, 0);
            foreach (var name in names)
                _fleet.Set(new Device { Id = name, Family = "tunnel", Gateway = "gw", State = "provisional" }, plan, 0);
        }

        public void Judge(ReadingEntry entry)
        {
            _moment.For(entry).Device = _fleet.Find(entry.Reading.Device);
            _duplicates.Apply(_moment);
            if (_moment.Verdicts is not null)
                _dropped++;
        }

        public void Told(string what, int readings, Cost took)
        {
            Print($"{what}: {took.Cpu.TotalMicroseconds / readings:F2} µs of CPU a reading, {took.Cpu.TotalSeconds:F2} s in all ({took.Elapsed.TotalSeconds:F2} s elapsed); {_dropped:N0} of {readings:N0} dropped");
            _dropped = 0;
        }

        public long CheckpointBytes()
        {
            using var bytes = new MemoryStream();
            using var into = new BinaryWriter(bytes);
            _duplicates.Save(into);
            into.Flush();
            return bytes.Length;
        }
    }
}
