using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Hosting;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Commands;

/// <summary><c>backtest</c>: what other rules would have made of the recorded log. Exit code 0 compared, 1 failed, 2 wrong usage.</summary>
public static class BacktestCommand
{
    public static Command Create()
    {
        var rules = new Option<string>("--rules") { Description = "A folder of family files: the rules to try (check-rules --write DIR writes the shipped ones). Families that it has not stay as they were recorded.", HelpName = "DIR", Required = true };
        var against = new Option<string?>("--against") { Description = "A folder to compare with; without it, the rules as they were recorded, changes included.", HelpName = "DIR" };
        var from = new Option<string>("--from") { Description = "Alarms raised since, by event time: RFC 3339 with a zone, or Unix ms.", HelpName = "TIME", Required = true };
        var to = new Option<string>("--to") { Description = "Until. What was received later is not played.", HelpName = "TIME", Required = true };
        var warmUp = new Option<string>("--warm-up") { Description = "How much before --from is played, so that windows, delays and silences are as they were.", HelpName = "DURATION", DefaultValueFactory = _ => "8d" };
        var data = new Option<string>("--Data:Path") { Description = "The service's data directory; its log/ is read.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
        var window = new Option<string>("--Log:DuplicateWindow") { Description = "As the service runs with.", HelpName = "DURATION", DefaultValueFactory = _ => "7d" };
        var html = new Option<string?>("--html") { Description = "Writes one page that needs nothing else, with charts and the readings of the first changes.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "JSON lines on standard output: one a difference, one with the totals." };
        var command = new Command("backtest", """
            Plays the recorded log, in the order it arrived, through other rules, and says what would have been different: alarms added, removed, earlier, later,
            of another severity; by rule, severity and district; and the operators' load. Changes nothing; may run beside the service.

            Examples:
              backtest --rules ./new --from 2026-06-20T00:00:00+08:00 --to 2026-06-21T00:00:00+08:00
              backtest --rules ./new --against ./old --from 2026-06-01T00:00:00Z --to 2026-07-01T00:00:00Z --html june.html
              backtest --rules ./new --from 2026-06-20T00:00:00Z --to 2026-06-21T00:00:00Z --json | jq 'select(.change == "removed")'
            """) { rules, against, from, to, warmUp, data, window, html, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var errors = new List<string>();
            var request = Read(
                parsed.GetRequiredValue(data), parsed.GetRequiredValue(rules), parsed.GetValue(against), parsed.GetRequiredValue(from), parsed.GetRequiredValue(to),
                parsed.GetRequiredValue(warmUp), parsed.GetRequiredValue(window), errors);
            // Said now, not after all has been played.
            if (parsed.GetValue(html) is { } file && Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
                errors.Add($"--html {file}: the folder {folder} is not there");
            if (request is null || errors.Count > 0)
            {
                foreach (var wrong in errors)
                    error.WriteLine("backtest: " + wrong);
                return 2;
            }
            try
            {
                var comparison = await WithProgressAsync(parsed.GetValue(json), report => request.CompareAsync(report, cancellationToken));
                if (parsed.GetValue(html) is { } page)
                    await File.WriteAllTextAsync(page, request.Page(comparison), cancellationToken);
                Print(request, comparison, parsed.GetValue(json), output);
                return 0;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                error.WriteLine("backtest: " + problem.Message);
                return 1;
            }
            catch (OperationCanceledException)
            {
                error.WriteLine("backtest: ended by request; nothing was written");
                return 1;
            }
        });
        return command;
    }

    private static BacktestRequest? Read(string data, string rules, string? against, string from, string to, string warmUp, string window, List<string> errors)
    {
        var log = Path.Combine(data, "log");
        if (!Directory.Exists(log))
            errors.Add($"{log} is not there; --Data:Path must name the service's data directory, the one that holds log/");
        var (young, youngErrors) = RulesFolder.Load(rules);
        errors.AddRange(youngErrors);
        FamilySet? old = null;
        if (against is not null)
        {
            (old, var oldErrors) = RulesFolder.Load(against);
            errors.AddRange(oldErrors);
        }
        var (begin, end) = (TimeOption.Read("--from", from, errors), TimeOption.Read("--to", to, errors));
        if (begin >= end)
            errors.Add("--from must be before --to");
        var (warm, apart) = (DurationOf("--warm-up", warmUp, errors), DurationOf("--Log:DuplicateWindow", window, errors));
        return errors.Count > 0
            ? null
            : new BacktestRequest(data, new BacktestSpan(begin!.Value, end!.Value, warm!.Value), apart!.Value, LoadPosition.Whole, old, against ?? BacktestRequest.AsRecorded, young!, rules);
    }

    private static void Print(BacktestRequest request, OutcomeComparison comparison, bool json, TextWriter output)
    {
        if (!json)
            BacktestText.Write(output, comparison, request.OldName, request.NewName);
        else
        {
            foreach (var line in BacktestJson.Lines(comparison))
                output.WriteLine(line);
        }
    }

    private static Task<OutcomeComparison> WithProgressAsync(bool json, Func<Action<double>, Task<OutcomeComparison>> run)
    {
        if (json || Console.IsOutputRedirected)
            return run(_ => { });
        return AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(progress =>
        {
            var task = progress.AddTask("playing the log", maxValue: 1);
            return run(share => task.Value = share);
        });
    }

    private static long? DurationOf(string option, string text, List<string> errors)
    {
        if (Quantity.Duration(text) is { } duration)
            return duration;
        errors.Add(string.Create(CultureInfo.InvariantCulture, $"{option} {text} is no duration; 8d would be one"));
        return null;
    }
}
