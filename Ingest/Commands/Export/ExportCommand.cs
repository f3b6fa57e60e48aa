using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Spectre.Console;
using Telemetry.Ingest.Api;

namespace Telemetry.Ingest.Commands.Export;

/// <summary><c>export</c>: readings of the running service's embedded store, or of its log, as files. Exit code 0 done, 1 refused or failed, 2 wrong usage.</summary>
public static class ExportCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--from") { Description = "Event time, inclusive: RFC 3339 with a zone, or Unix ms. With --log: when it was received; may be left out.", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "Exclusive.", HelpName = "TIME" };
        var path = new Option<string>("--out") { Description = "A file that ends in .parquet, .csv or .jsonl; or a folder, which gets a file for each UTC day that has readings.", HelpName = "PATH", Required = true };
        var format = new Option<string?>("--format") { Description = "Of a folder's files: parquet (default), csv or jsonl.", HelpName = "FORMAT" };
        var family = new Option<string?>("--family") { Description = "Only this family.", HelpName = "NAME" };
        var district = new Option<string?>("--district") { Description = "Only devices that are in this district now.", HelpName = "NAME" };
        var device = new Option<string?>("--device") { Description = "Only this device.", HelpName = "ID" };
        var channel = new Option<string?>("--channel") { Description = "Only this channel: pump_run.2, or pump_run for all instances.", HelpName = "NAME" };
        var every = new Option<string?>("--every") { Description = "Buckets of 10s, 1m, 1h or 1d (min, mean, max, last, count) instead of values.", HelpName = "WIDTH" };
        var log = new Option<bool>("--log") { Description = "The log instead of the store: every reading as it arrived, for replay (docs/replay.md). Needs no running service." };
        var data = new Option<string>("--Data:Path") { Description = "With --log: the service's data directory; its log/ is read.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
        var force = new Option<bool>("--force") { Description = "Write over files that are there." };
        var url = new Option<string>("--url") { Description = "The running service.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var token = new Option<string?>("--token-file") { Description = "A file whose first line is a viewer's token, where the service has users.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "One JSON line on standard output, nothing else." };
        var command = new Command("export", """
            Writes readings of the embedded store (DuckDB) to files: time, receivedTime, family, device, channel, value, state, quality, seq.
            A boolean's value is 1 or 0, a state stands in `state`, a value that is no finite number is empty. Times are UTC. Rows come by event time.
            With --log: whole readings from the log, one JSON line each, in the order of their arrival, duplicates included, to a file .jsonl or .jsonl.gz.

            Examples:
              export --from 2026-06-01T00:00:00+08:00 --to 2026-06-02T00:00:00+08:00 --family drainage_pump --out storm.parquet
              export --from 2026-06-01T00:00:00Z --to 2026-07-01T00:00:00Z --out june/
              export --from 2026-01-01T00:00:00Z --to 2026-07-01T00:00:00Z --device PS-01 --channel sump_level --every 1h --out level.csv
              export --log --Data:Path ./data --from 2026-06-01T00:00:00+08:00 --to 2026-06-02T00:00:00+08:00 --district Xihu --out storm.jsonl.gz
            """) { from, to, path, format, family, district, device, channel, every, log, data, force, url, token, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var errors = new List<string>();
            if (parsed.GetValue(log))
            {
                errors.AddRange(new Option[] { format, channel, every }.Where(option => parsed.GetResult(option) is not null).Select(option => $"{option.Name} is for the store; --log writes whole readings as JSON lines"));
                var export = LogExport.Read(parsed.GetRequiredValue(data), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(family), parsed.GetValue(district), parsed.GetValue(device), parsed.GetRequiredValue(path), errors);
                return export is null ? Refuse(error, string.Join("\nexport: ", errors), 2) : RunLog(export, parsed.GetValue(force), parsed.GetValue(json), output, error, cancellationToken);
            }
            errors.AddRange(new Option[] { from, to }.Where(option => parsed.GetResult(option) is null).Select(option => $"{option.Name} is missing; only --log can do without"));
            if (errors.Count > 0)
                return Refuse(error, string.Join("\nexport: ", errors), 2);
            var filters = new[] { family, district, device, channel, every }.Select(option => (option.Name.TrimStart('-'), parsed.GetValue(option)));
            var plan = ExportPlan.Read(parsed.GetRequiredValue(url), parsed.GetValue(from)!, parsed.GetValue(to)!, parsed.GetRequiredValue(path), parsed.GetValue(format), filters, errors);
            if (plan is null)
                return Refuse(error, string.Join("\nexport: ", errors), 2);
            using var target = new ExportTarget(plan.Path, plan.IsFolder, plan.Format);
            if (!parsed.GetValue(force) && target.InTheWay(plan.Parts).FirstOrDefault() is { } there)
                return Refuse(error, $"{there} is there already; --force writes over it", 1);
            try
            {
                using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip }) { BaseAddress = plan.Service, Timeout = Timeout.InfiniteTimeSpan };
                if (parsed.GetValue(token) is { } file)
                    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadLines(file).FirstOrDefault()?.Trim());
                var rows = await WithProgressAsync(plan, parsed.GetValue(json), done => RunAsync(plan, http, target, done, cancellationToken));
                output.WriteLine(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(new { rows, files = target.Files, bytes = target.Bytes, path = plan.Path })
                    : string.Create(CultureInfo.InvariantCulture, $"{rows:N0} {(parsed.GetValue(every) is null ? "values" : "buckets")}, {target.Files} {(target.Files == 1 ? "file" : "files")}, {target.Bytes / 1e6:N1} MB: {plan.Path}"));
                return 0;
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException or UnauthorizedAccessException)
            {
                return Refuse(error, problem.Message, 1);
            }
            catch (OperationCanceledException)
            {
                return Refuse(error, "ended by request; the files of days that were whole are there, nothing else", 1);
            }
        });
        return command;
    }

    private static int RunLog(LogExport export, bool force, bool json, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (!force && File.Exists(export.Path))
            return Refuse(error, $"{export.Path} is there already; --force writes over it", 1);
        try
        {
            var readings = export.Run(json, cancellationToken);
            var bytes = new FileInfo(export.Path).Length;
            output.WriteLine(json
                ? JsonSerializer.Serialize(new { readings, bytes, path = export.Path })
                : string.Create(CultureInfo.InvariantCulture, $"{readings:N0} readings, {bytes / 1e6:N1} MB: {export.Path}"));
            return 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Refuse(error, problem.Message, 1);
        }
        catch (OperationCanceledException)
        {
            return Refuse(error, "ended by request; nothing was written", 1);
        }
    }

    /// <returns>Rows written.</returns>
    private static async Task<long> RunAsync(ExportPlan plan, HttpClient http, ExportTarget target, Action<ExportPart> done, CancellationToken cancellationToken)
    {
        var total = 0L;
        foreach (var part in plan.Parts)
        {
            using var answer = await http.GetAsync(plan.UrlOf(part), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!answer.IsSuccessStatusCode)
                throw new IOException(ServiceRefusal.Detail(await answer.Content.ReadAsStringAsync(cancellationToken)) ?? string.Create(CultureInfo.InvariantCulture, $"{plan.Service} answers {(int)answer.StatusCode}"));
            if (!answer.Headers.TryGetValues(ExportRoutes.Rows, out var header))
                throw new IOException($"{plan.Service} is no service that exports: its answer has no header {ExportRoutes.Rows}");
            var rows = long.Parse(header.Single(), NumberStyles.None, CultureInfo.InvariantCulture);
            await using var bytes = await answer.Content.ReadAsStreamAsync(cancellationToken);
            await target.TakeAsync(part, bytes, rows, cancellationToken);
            total += rows;
            done(part);
        }
        await target.FinishAsync(cancellationToken);
        return total;
    }

    private static Task<long> WithProgressAsync(ExportPlan plan, bool json, Func<Action<ExportPart>, Task<long>> run)
    {
        if (json || Console.IsOutputRedirected)
            return run(_ => { });
        return AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(progress =>
        {
            var task = progress.AddTask(plan.Parts[0].Name, maxValue: plan.Parts.Count);
            return run(part =>
            {
                task.Increment(1);
                task.Description = part.Name;
            });
        });
    }

    private static int Refuse(TextWriter error, string why, int exitCode)
    {
        error.WriteLine($"export: {why}");
        return exitCode;
    }
}
