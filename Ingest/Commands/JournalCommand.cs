using System.CommandLine;
using System.Globalization;
using System.Reactive.Subjects;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Log;
using Telemetry.Rules;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Commands;

/// <summary><c>journal</c>: recomputes the alarm journal from the log alone, read-only; equal, byte for byte, to what the service answers.</summary>
public static class JournalCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--Data:Path") { Description = "The service's data directory; its log/ is read.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
        var window = new Option<string>("--Log:DuplicateWindow") { Description = "As the service runs with.", HelpName = "DURATION", DefaultValueFactory = _ => "7d" };
        var json = new Option<bool>("--json") { Description = "The lines alone on standard output; without it, where it began stands on standard error." };
        var command = new Command("journal", """
            Recomputes every alarm transition from the log and prints the journal's lines. Changes nothing; may run beside the service.

            Examples:
              journal --Data:Path ./data > recomputed.jsonl
              journal --Data:Path ./data --json | diff - <(curl -s http://127.0.0.1:8080/api/v1/journal?from=1)
            """) { data, window, json };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(data), parsed.GetRequiredValue(window), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string data, string window, bool json, TextWriter output, TextWriter error)
    {
        var directory = Path.Combine(data, "log");
        if (!Directory.Exists(directory) || Quantity.Duration(window) is not { } milliseconds)
        {
            error.WriteLine(Directory.Exists(directory)
                ? $"journal: --Log:DuplicateWindow {window} is no duration; 7d would be one"
                : $"journal: {directory} is not there; --Data:Path must name the service's data directory, the one that holds log/");
            return 2;
        }
        try
        {
            using var reader = DurableLog.OpenReadOnly(directory, new FileSystem(), out var history, out var earlier);
            if (!json)
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"from position {reader.Next}"));
            var settings = KeptEntries.Read(new FileSystem(), directory).TakeWhile(entry => entry.Position < reader.Next).Where(entry => entry.IsSetting);
            Recompute(settings, reader, new RulePipeline(milliseconds, history.Invoke, earlier.Invoke), output);
            return 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            error.WriteLine("journal: " + problem.Message);
            return 1;
        }
    }

    /// <param name="settings">Of before the first entry, as the service takes them when it begins there.</param>
    private static void Recompute(IEnumerable<LogEntry> settings, LogReader reader, RulePipeline pipeline, TextWriter output)
    {
        using var entries = new Subject<LogEntry>();
        using var running = pipeline.Run(entries).Subscribe(transition => output.Write(AlarmJson.JournalLine(transition) + "\n"));
        foreach (var setting in settings)
            entries.OnNext(setting);
        var stretch = new List<LogEntry>();
        while (reader.Read(stretch, 4096) > 0)
        {
            foreach (var entry in stretch)
                entries.OnNext(entry);
            stretch.Clear();
        }
    }
}
