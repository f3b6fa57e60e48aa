using System.Diagnostics;
using System.Globalization;
using System.Reactive.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Rules;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>
/// <c>backtest [HOURS [DIR]]</c>: records so many hours of a city of 300,000 devices at domain rates (166 readings a second: toilets 57, tunnels 43, gas 35, pump
/// stations 24, covers 7), with the journal that the rules make of it, then tries a shorter delay on it, on one thread. DIR keeps the recording, for the next run.
/// </summary>
internal static class BacktestSpeed
{
    private const long Start = 1_790_000_000_000;
    private const long Hour = 3_600_000;
    private const long Window = 7 * 24 * Hour;

    // Devices and readings a second.
    private static readonly (string Family, int Devices, double Rate)[] City = [("public_toilet", 2_100, 57), ("tunnel", 240, 43), ("gas_valve", 237_000, 35), ("drainage_pump", 160, 24), ("manhole_cover", 60_500, 7)];

    public static async Task<int> RunAsync(int hours, string? kept)
    {
        using var directory = new TempDirectory();
        var data = kept ?? directory.Path;
        if (!Directory.Exists(Path.Combine(data, "log")))
            await RecordAsync(Path.Combine(data, "log"), FamilySet.Shipped(), hours);
        if (!File.Exists(Path.Combine(data, "state.db")))
            Judge(data);
        var bytes = Directory.GetFiles(Path.Combine(data, "log"), "*.log").Sum(file => new FileInfo(file).Length);
        Print($"{City.Sum(part => part.Devices):N0} devices, {hours} h, {bytes / 1e6:N0} MB of log");
        var clock = Stopwatch.StartNew();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var compared = new BacktestRequest(data, new BacktestSpan(Start, Start + (hours * Hour), 0), Window, LoadPosition.Whole, null, "", Tried(), "").Compare(_ => { }, CancellationToken.None);
        process.Refresh();
        var (wall, processor) = (clock.Elapsed, process.TotalProcessorTime - before);
        Print($"{compared.Is.Readings:N0} readings, one thread: {wall.TotalSeconds:F1} s, {processor.TotalSeconds:F1} s of processor time, {compared.Is.Readings / wall.TotalSeconds:N0} readings/s; old side {compared.WhyEvaluated ?? "out of the journal"}");
        Print($"{compared.Was.Occurrences.Count:N0} occurrences before, {compared.Is.Occurrences.Count:N0} after, {compared.Differences.Count} differences; {GC.CollectionCount(0)} collections, {GC.CollectionCount(2)} of them whole, {GC.GetTotalPauseDuration().TotalSeconds:F1} s paused; peak memory {process.PeakWorkingSet64 >> 20:N0} MB");
        foreach (var (rule, count) in compared.Is.Occurrences.CountBy(occurred => $"{occurred.Alarm.Family}/{occurred.Alarm.Rule}").OrderByDescending(rule => rule.Value).Take(10))
            Print($"  {count,8:N0} {rule}");
        return 0;
    }

    private static FamilySet Tried()
    {
        const string Delay = "delay: {on: 30s, off: 120s}    # it comes";
        var (families, _) = FamilySet.Load(FamilySet.ShippedFiles().Select(file => (file.File, file.Text.Replace(Delay, Delay.Replace("30s", "10s", StringComparison.Ordinal), StringComparison.Ordinal))));
        return families!;
    }

    private static async Task RecordAsync(string log, FamilySet families, int hours)
    {
        var time = new HandClock();
        await using var durable = DurableLog.Open(log, new LogOptions(), new FileSystem(), new LogClock(time), NullLogger.Instance);
        var batch = new EntryBatch();
        batch.Add(new ServiceStartedEntry(FirstEntries.EngineVersion));
        foreach (var family in families.All)
            batch.Add(new FamilyEntry(family.Name, family.Text, family.Hash));
        await await durable.AppendAsync(batch, CancellationToken.None);
        var random = new Random(1);
        var (due, next) = (new double[City.Length], new int[City.Length]);
        for (var second = 0; second < hours * 3600; second++)
        {
            batch.Clear();
            time.Now = Start + (second * 1000L);
            for (var part = 0; part < City.Length; part++)
            {
                for (due[part] += City[part].Rate; due[part] >= 1; due[part]--)
                    batch.Add(new ReadingEntry(Reading(families.Find(City[part].Family)!, next[part]++ % City[part].Devices, time.Now - random.Next(900), random)));
            }
            batch.Add(new TickEntry());
            await await durable.AppendAsync(batch, CancellationToken.None);
        }
    }

    /// <summary>The journal, as the service would have written it.</summary>
    private static void Judge(string data)
    {
        using var database = StateDatabase.Open(Path.Combine(data, "state.db"), null, new JournalBy(FirstEntries.EngineVersion, Window));
        using var reader = DurableLog.OpenReadOnly(Path.Combine(data, "log"), new FileSystem(), out var history, out var earlier);
        var (transitions, families, stretch) = (new List<AlarmTransition>(), new List<FamilyEntry>(), new List<LogEntry>());
        using var entries = new Subject<LogEntry>();
        using var running = new RulePipeline(Window, history.Invoke, earlier.Invoke).Run(entries).Subscribe(transitions.Add);
        while (reader.Read(stretch, 100_000) > 0)
        {
            foreach (var entry in stretch)
            {
                entries.OnNext(entry);
                if (entry is FamilyEntry family)
                    families.Add(family);
            }
            database.Apply(new ProjectionBatch(reader.Next - 1, transitions, [], [], families));
            transitions.Clear();
            families.Clear();
            stretch.Clear();
        }
    }

    private static Reading Reading(Family family, int device, long at, Random random) => new()
    {
        Gateway = string.Create(CultureInfo.InvariantCulture, $"gw-{family.Name}-{device % 40}"),
        Family = family.Name,
        Device = string.Create(CultureInfo.InvariantCulture, $"{family.Name}-{device:D6}"),
        SentTime = at,
        EventTime = at,
        // What a device sends each time: its periodic numbers, wandering a little.
        Values = [.. HotState.NormalValues(family).Where(value => value.Kind == ValueKind.Number).Take(6).Select(value => value with { Number = value.Number * (0.98 + (random.NextDouble() * 0.04)) })],
    };

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private sealed class HandClock : TimeProvider
    {
        public long Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Now);
    }
}
