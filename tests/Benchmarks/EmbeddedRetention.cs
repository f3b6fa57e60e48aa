using System.Diagnostics;
using System.Globalization;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary>
/// <c>embedded-retention DAYS KEEP MILLIONS</c>: the embedded store over so many days of so many million values each, kept for KEEP days: the file's size, what the
/// hourly removal takes, and one device's buckets over all that is kept, alone and beside a writer.
/// </summary>
internal static class EmbeddedRetention
{
    private const int Devices = 1000;
    private const int BatchSize = 50_000;
    private const long Day = 86_400_000;
    private const long T0 = 1_732_406_400_000;
    private static readonly string[] Channels = ["sump_level", "discharge_flow.1", "motor_current.1", "motor_current.2", "start_count.1"];

    public static async Task<int> RunAsync(int days, int keep, int millions)
    {
        using var directory = new TempDirectory();
        var file = directory.File("series.duckdb");
        var time = new SimulatedTime();
        await using var store = new DuckDbStore(file, TimeSpan.FromDays(keep), time);
        var points = new List<Point>(BatchSize);
        var batchesPerDay = millions * 1_000_000 / BatchSize;
        var next = 0L;
        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"{days} days of {millions} million values, {keep} days kept");
        Console.WriteLine("| day | file MB | slowest write ms | median write ms |");
        Console.WriteLine("|---|---|---|---|");
        for (var day = 0; day < days; day++)
        {
            var writes = new List<double>();
            for (var batch = 0; batch < batchesPerDay; batch++)
                writes.Add(await WriteAsync(day, batch));
            writes.Sort();
            if (day < 3 || day % 5 == 4 || day == days - 1)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {day + 1} | {Size() / 1e6:F0} | {writes[^1]:F0} | {writes[writes.Count / 2]:F0} |"));
        }
        self.Refresh();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"writing and removing: {self.TotalProcessorTime.TotalSeconds / next * 1e6:F2} CPU s a million values, the making of the points included"));
        var (from, to) = (T0 + ((days - keep) * Day), T0 + (days * Day));
        Console.WriteLine("| buckets of one channel | median ms | slowest ms |");
        Console.WriteLine("|---|---|---|");
        await AskAsync("an hour each, all that is kept", from, to, 3_600_000, 7);
        await AskAsync("an hour each, one day", to - Day, to, 3_600_000, 21);
        await AskAsync("a minute each, one day", to - Day, to, 60_000, 21);
        using var over = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var batch = 0; !over.IsCancellationRequested; batch = (batch + 1) % batchesPerDay)
            {
                await WriteAsync(days, batch);
                await Task.Delay(250, CancellationToken.None);
            }
        });
        await AskAsync("an hour each, all that is kept, beside 200,000 values/s", from, to, 3_600_000, 7);
        await AskAsync("a minute each, one day, beside 200,000 values/s", to - Day, to, 60_000, 21);
        await over.CancelAsync();
        await writing;
        return 0;

        async Task<double> WriteAsync(int day, int batch)
        {
            points.Clear();
            for (var i = 0; i < BatchSize; i++, next++)
            {
                var at = T0 + (day * Day) + (long)((batch + (i / (double)BatchSize)) / batchesPerDay * Day);
                points.Add(new Point("drainage_pump", $"PS-{next / Channels.Length % Devices}", Channels[next % Channels.Length], at, at + 200, ValueKind.Number, Math.Round(Math.Sin(next * 0.001) * 100, 2), null, Quality.Good, null));
            }
            time.Now = DateTimeOffset.FromUnixTimeMilliseconds(points[^1].Time);
            var start = Stopwatch.GetTimestamp();
            await store.WriteAsync(points, next, CancellationToken.None);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        async Task AskAsync(string what, long start, long end, long every, int times)
        {
            var took = new List<double>();
            for (var i = 0; i < times; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await store.ReadBucketsAsync($"PS-{i * 7}", "sump_level", start, end, every, CancellationToken.None);
                took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            took.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {took[took.Count / 2]:F0} | {took[^1]:F0} |"));
        }

        long Size() => new DirectoryInfo(directory.Path).EnumerateFiles().Sum(each => each.Length);
    }

    private sealed class SimulatedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
