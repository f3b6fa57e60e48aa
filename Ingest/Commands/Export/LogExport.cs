using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands.Export;

/// <summary>Readings of the log as they arrived, duplicates and late ones included, for the simulators' <c>replay</c>. Reads the files alone; a service may be writing there.</summary>
/// <param name="Directory">The log's.</param>
/// <param name="From">Log time in Unix ms, inclusive.</param>
/// <param name="To">Unix ms, exclusive.</param>
internal sealed record LogExport(string Directory, long From, long To, string? Family, string? District, string? Device, string Path)
{
    private const int Stretch = 4096;

    /// <summary>Everything that is wrong is added to <paramref name="errors"/>; null then.</summary>
    public static LogExport? Read(string data, string? from, string? to, string? family, string? district, string? device, string path, List<string> errors)
    {
        var log = System.IO.Path.Combine(data, "log");
        if (!System.IO.Directory.Exists(log))
            errors.Add($"{log} is not there; --Data:Path must name the service's data directory, the one that holds log/");
        if (!path.EndsWith(".jsonl", StringComparison.Ordinal) && !path.EndsWith(".jsonl.gz", StringComparison.Ordinal))
            errors.Add($"--out {path}: --log writes one file of JSON lines; a name that ends in .jsonl or .jsonl.gz would be right");
        var (start, end) = (TimeOf("--from", from, 0, errors), TimeOf("--to", to, long.MaxValue, errors));
        if (start >= end)
            errors.Add("--from must be before --to");
        return errors.Count > 0 ? null : new LogExport(log, start, end, family, district, device, path);
    }

    /// <returns>Readings written. What is not whole is never there under its name.</returns>
    /// <exception cref="LogDamageException">Durable data is damaged.</exception>
    public long Run(bool quiet, CancellationToken cancellationToken)
    {
        if (quiet || Console.IsOutputRedirected)
            return Write(_ => { }, cancellationToken);
        return AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            var task = progress.AddTask("reading the log", maxValue: 1);
            return Write(share => task.Value = share, cancellationToken);
        });
    }

    private long Write(Action<double> done, CancellationToken cancellationToken)
    {
        var unfinished = Path + ".unfinished";
        try
        {
            long readings;
            using (var file = File.Create(unfinished))
            using (var lines = Path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)new BufferedStream(file, 1 << 16))
                readings = Write(lines, done, cancellationToken);
            File.Move(unfinished, Path, overwrite: true);
            return readings;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private long Write(Stream lines, Action<double> done, CancellationToken cancellationToken)
    {
        var files = new FileSystem();
        using var reader = DurableLog.OpenReadOnly(Directory, files);
        var (first, last) = (reader.Next, reader.Last);
        var districts = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var entry in KeptEntries.Read(files, Directory).TakeWhile(entry => entry.Position < first).OfType<DeviceEntry>())
            districts[entry.Device.Id] = entry.Device.District;
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var stretch = new List<LogEntry>(Stretch);
        var readings = 0L;
        for (var isOver = false; !isOver && reader.Read(stretch, Stretch) > 0; stretch.Clear())
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var entry in stretch.TakeWhile(entry => !(isOver = entry.Time >= To)))
            {
                if (entry is DeviceEntry { Device: var device })
                    districts[device.Id] = device.District;
                if (entry is not ReadingEntry arrived || entry.Time < From || !IsWanted(arrived.Reading, districts.GetValueOrDefault(arrived.Reading.Device)))
                    continue;
                json.Reset();
                LogLine.Write(json, arrived, districts.GetValueOrDefault(arrived.Reading.Device));
                json.Flush();
                buffer.Write("\n"u8);
                readings++;
            }
            lines.Write(buffer.WrittenSpan);
            buffer.ResetWrittenCount();
            done(Math.Min(1, (double)(reader.Next - first) / Math.Max(1, last + 1 - first)));
        }
        return readings;
    }

    private bool IsWanted(Reading reading, string? district) =>
        (Family is null || reading.Family == Family) && (Device is null || reading.Device == Device) && (District is null || district == District);

    private static long TimeOf(string option, string? text, long otherwise, List<string> errors) =>
        text is null ? otherwise : TimeOption.Read(option, text, errors) ?? otherwise;
}
