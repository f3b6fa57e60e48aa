using System.CommandLine;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.WebUtilities;

namespace Telemetry.Ingest.Commands;

/// <summary><c>audit</c>: who did what to what, and when, as the running service knows it.</summary>
public static class AuditCommand
{
    public static Command Create()
    {
        var url = new Option<string>("--url") { Description = "The running service.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var from = new Option<string?>("--from") { Description = "Since: RFC 3339 with a zone, or Unix ms; default 24 h before --to.", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "Before; default now.", HelpName = "TIME" };
        var by = new Option<string?>("--by") { Description = "Only what this person did, agreed to, approved, or was asked to do.", HelpName = "NAME" };
        var kind = new Option<string?>("--kind") { Description = "action, device, rule, calendar, position, handover, redecode, system or service.", HelpName = "KIND" };
        var path = new Option<string?>("--out") { Description = "A file instead of standard output; a name that ends in .csv asks for CSV.", HelpName = "FILE" };
        var csv = new Option<bool>("--csv") { Description = "CSV instead of JSON lines." };
        var json = new Option<bool>("--json") { Description = "JSON lines, as without it." };
        var token = new Option<string?>("--token-file") { Description = "A file whose first line is an administrator's token, where the service has users.", HelpName = "FILE" };
        var command = new Command("audit", """
            Prints who did what to what, and when: operators' actions, the register, rules, calendar, positions, handovers. Out of the log, three years back.

            Examples:
              audit --from 2026-03-01T00:00:00Z --out march.csv
              audit --by li --kind action --json
            """) { url, from, to, by, kind, path, csv, json, token };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!Uri.TryCreate(parsed.GetValue(url)!.TrimEnd('/') + "/", UriKind.Absolute, out var service) || service.Scheme is not ("http" or "https"))
                return Refuse(error, $"--url {parsed.GetValue(url)}: http://HOST:PORT would be right", 2);
            var file = parsed.GetValue(path);
            var isCsv = parsed.GetValue(csv) || file?.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) == true;
            var query = QueryHelpers.AddQueryString("api/v1/audit", new Dictionary<string, string?>
            {
                ["from"] = parsed.GetValue(from), ["to"] = parsed.GetValue(to), ["by"] = parsed.GetValue(by), ["kind"] = parsed.GetValue(kind), ["format"] = isCsv ? "csv" : null,
            });
            try
            {
                using var http = new HttpClient { BaseAddress = service, Timeout = Timeout.InfiniteTimeSpan };
                if (parsed.GetValue(token) is { } tokenFile)
                    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadLines(tokenFile).FirstOrDefault()?.Trim());
                using var answer = await http.GetAsync(new Uri(query, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (!answer.IsSuccessStatusCode)
                    return Refuse(error, ServiceRefusal.Detail(await answer.Content.ReadAsStringAsync(cancellationToken)) ?? $"{service} answers {(int)answer.StatusCode}", 1);
                await using var lines = await answer.Content.ReadAsStreamAsync(cancellationToken);
                await WriteAsync(lines, file, output, cancellationToken);
                return 0;
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException or UnauthorizedAccessException)
            {
                return Refuse(error, problem.Message, 1);
            }
        });
        return command;
    }

    /// <summary>A file has its name once it is whole.</summary>
    private static async Task WriteAsync(Stream lines, string? file, TextWriter output, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            using var text = new StreamReader(lines);
            var buffer = new char[64 << 10];
            for (int read; (read = await text.ReadAsync(buffer, cancellationToken)) > 0;)
                await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            return;
        }
        var unfinished = file + ".unfinished";
        try
        {
            await using (var into = File.Create(unfinished))
                await lines.CopyToAsync(into, cancellationToken);
            File.Move(unfinished, file, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static int Refuse(TextWriter error, string why, int exitCode)
    {
        error.WriteLine($"audit: {why}");
        return exitCode;
    }
}
