using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Commands;

/// <summary><c>verify-log</c>: reads the whole log of a data directory, read-only, and names all damage. Exit code 0 sound, 1 damaged or unreadable, 2 wrong usage.</summary>
public static class VerifyLogCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var data = new Option<string>("--Data:Path") { Description = "The service's data directory; its log/ is read.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
        var json = new Option<bool>("--json") { Description = "JSON lines on standard output: one a file, one a damage, one with the totals." };
        var command = new Command("verify-log", """
            Checks every entry of the log against its checksum. Changes nothing; may run beside the service.

            Examples:
              verify-log --Data:Path /var/lib/telemetry
              verify-log --Data:Path ./data --json
            """) { data, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(data), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string data, bool json, TextWriter output, TextWriter error)
    {
        var directory = Path.Combine(data, "log");
        if (!Directory.Exists(directory))
        {
            error.WriteLine($"verify-log: {directory} is not there; --Data:Path must name the service's data directory, the one that holds log/");
            return 2;
        }
        try
        {
            var files = Verify(new LogVerification(new FileSystem(), directory), json);
            if (json)
                PrintJson(files, output);
            else
                PrintText(files, output);
            return files.Any(f => f.Damage.Count > 0) ? 1 : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            error.WriteLine("verify-log: " + e.Message);
            return 1;
        }
    }

    private static List<VerifiedFile> Verify(LogVerification log, bool json)
    {
        if (json || Console.IsOutputRedirected)
            return [.. log.Run(_ => { })];
        return AnsiConsole.Progress().AutoClear(true).Start(progress =>
        {
            var task = progress.AddTask("reading the log", maxValue: Math.Max(1, log.TotalBytes()));
            return log.Run(bytes => task.Value = bytes).ToList();
        });
    }

    private static void PrintText(List<VerifiedFile> files, TextWriter output)
    {
        foreach (var damage in files.SelectMany(f => f.Damage))
            output.WriteLine("DAMAGE " + damage.Message);
        foreach (var file in files.Where(f => f.TornBytes > 0))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"unfinished tail: {file.File} at offset {file.Used}, {file.TornBytes} bytes, never acknowledged"));
        var total = Total.Of(files);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total.Segments} segments, {total.Groups} groups, {total.Entries} entries, {total.Bytes} bytes, positions {total.First} to {total.Last}, {total.Damaged} damaged"));
    }

    private static void PrintJson(List<VerifiedFile> files, TextWriter output)
    {
        foreach (var file in files)
        {
            output.WriteLine(JsonSerializer.Serialize(new { file = file.File, first = file.First, last = file.Last, groups = file.Groups, entries = file.Entries, bytes = file.Used, tornBytes = file.TornBytes, damaged = file.Damage.Count }, Json));
            foreach (var damage in file.Damage)
                output.WriteLine(JsonSerializer.Serialize(new { damage = damage.What, file = damage.File, offset = damage.Offset, first = damage.FirstPosition, last = damage.LastPosition }, Json));
        }
        output.WriteLine(JsonSerializer.Serialize(Total.Of(files), Json));
    }

    private sealed record Total(int Segments, long Groups, long Entries, long Bytes, long First, long Last, int Damaged)
    {
        /// <summary>Positions are those of the segments; kept files hold older single ones.</summary>
        public static Total Of(List<VerifiedFile> files)
        {
            var segments = files.Where(f => !Path.GetFileName(f.File).StartsWith("kept-", StringComparison.Ordinal)).ToList();
            return new Total(
                segments.Count,
                files.Sum(f => f.Groups),
                files.Sum(f => f.Entries),
                files.Sum(f => f.Used),
                segments.Count == 0 ? 0 : segments[0].First,
                segments.Count == 0 ? 0 : segments[^1].Last,
                files.Sum(f => f.Damage.Count));
        }
    }
}
