using System.Diagnostics;
using System.Globalization;
using Telemetry.Ingest.Store;
using Telemetry.Rules.Model;

namespace Telemetry.Benchmarks;

/// <summary><c>export [VALUES]</c>: what the embedded store's export costs, of one day of so many values of 5,000 series; arrival differs from event time by up to a minute.</summary>
internal static class Exports
{
    private const long T0 = 1_732_406_400_000;
    private const long Day = 86_400_000;
    private const int Batch = 20_000;

    public static async Task<int> RunAsync(int values)
    {
        using var directory = new TempDirectory();
        await using var store = new DuckDbStore(directory.File("series.duckdb"));
        var points = new List<Point>();
        var random = new Random(1);
        for (var i = 0; i < values; i += Batch)
        {
            points.Clear();
            for (var j = i; j < Math.Min(i + Batch, values); j++)
            {
                var time = T0 + (long)((double)j / values * (Day - 60_000)) + random.Next(60_000);
                points.Add(new Point("drainage_pump", $"PS-{j % 1000}", $"motor_current.{j / 1000 % 5}", time, time + 200, ValueKind.Number, j % 977 * 0.01, null, Quality.Good, j));
            }
            await store.WriteAsync(points, i + 1, CancellationToken.None);
        }
        using var process = Process.GetCurrentProcess();
        foreach (var (format, every) in new (ExportFormat, long?)[] { (ExportFormat.Parquet, null), (ExportFormat.Csv, null), (ExportFormat.Jsonl, null), (ExportFormat.Parquet, 60_000) })
        {
            var file = directory.File("out");
            process.Refresh();
            var (cpu, clock) = (process.TotalProcessorTime, Stopwatch.StartNew());
            var rows = await store.ExportAsync(new ReadingExport(format, T0, T0 + Day, Every: every, Gzipped: format != ExportFormat.Parquet), file, CancellationToken.None);
            process.Refresh();
            var spent = (process.TotalProcessorTime - cpu).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{format}{(every is null ? "" : " of minutes")}: {rows:N0} rows, {clock.Elapsed.TotalSeconds:F1} s, {rows / clock.Elapsed.TotalSeconds:N0} rows/s, {spent * 1e6 / values:F2} CPU-s a million values, {new FileInfo(file).Length / 1e6:N1} MB; peak memory of the process {process.PeakWorkingSet64 >> 20:N0} MB"));
        }
        return 0;
    }
}
