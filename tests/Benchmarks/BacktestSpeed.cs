using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>
/// <c>backtest [HOURS]</c>: records so many hours of a city of 300,000 devices at domain rates (166 readings a second: toilets 57, tunnels 43, gas 35, pump stations
/// 24, covers 7) and plays them through the shipped rules, one side on one thread, then both sides on two.
/// </summary>
internal static class BacktestSpeed
{
    private const long Start = 1_790_000_000_000;
    private const long Hour = 3_600_000;

    // Devices and readings a second.
    private static readonly (string Family, int Devices, double Rate)[] City = [("public_toilet", 2_100, 57), ("tunnel", 240, 43), ("gas_valve", 237_000, 35), ("drainage_pump", 160, 24), ("manhole_cover", 60_500, 7)];

    public static async Task<int> RunAsync(int hours)
    {
        using var directory = new TempDirectory();
        var families = FamilySet.Shipped();
        var readings = await RecordAsync(directory.File("log"), families, hours);
        var bytes = Directory.GetFiles(directory.File("log"), "*.log").Sum(file => new FileInfo(file).Length);
        Print($"{readings:N0} readings of {City.Sum(part => part.Devices):N0} devices in {hours} h, {bytes / 1e6:N0} MB of log");
        var span = new BacktestSpan(Start, Start + (hours * Hour), 0);
        var playback = new Playback(directory.File("log"), span, (long)TimeSpan.FromDays(7).TotalMilliseconds, LoadPosition.Whole);
        var clock = Stopwatch.StartNew();
        var was = playback.Run(families, null, _ => { }, CancellationToken.None);
        var one = clock.Elapsed;
        Print($"one side on one thread: {one.TotalSeconds:F1} s, {readings / one.TotalSeconds:N0} readings/s, {was.Occurrences.Count:N0} occurrences");
        clock.Restart();
        var both = await Task.WhenAll(Task.Run(() => playback.Run(null, null, _ => { }, CancellationToken.None)), Task.Run(() => playback.Run(families, null, _ => { }, CancellationToken.None)));
        using var process = Process.GetCurrentProcess();
        Print($"both sides, recorded and tried: {clock.Elapsed.TotalSeconds:F1} s; {OutcomeComparison.Of(span, both[0], both[1], null).Differences.Count} differences; peak memory {process.PeakWorkingSet64 >> 20:N0} MB");
        return 0;
    }

    private static async Task<long> RecordAsync(string log, FamilySet families, int hours)
    {
        var time = new HandClock();
        await using var durable = DurableLog.Open(log, new LogOptions(), new FileSystem(), new LogClock(time), NullLogger.Instance);
        var batch = new EntryBatch();
        batch.Add(new ServiceStartedEntry("5"));
        foreach (var family in families.All)
            batch.Add(new FamilyEntry(family.Name, family.Text, family.Hash));
        await await durable.AppendAsync(batch, CancellationToken.None);
        var random = new Random(1);
        var (due, next, total) = (new double[City.Length], new int[City.Length], 0L);
        for (var second = 0; second < hours * 3600; second++)
        {
            batch.Clear();
            time.Now = Start + (second * 1000L);
            for (var part = 0; part < City.Length; part++)
            {
                for (due[part] += City[part].Rate; due[part] >= 1; due[part]--, total++)
                    batch.Add(new ReadingEntry(Reading(families.Find(City[part].Family)!, next[part]++ % City[part].Devices, time.Now - random.Next(900), random)));
            }
            batch.Add(new TickEntry());
            await await durable.AppendAsync(batch, CancellationToken.None);
        }
        return total;
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
