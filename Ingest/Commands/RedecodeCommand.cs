using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Telemetry.Ingest.Decoding.Again;

namespace Telemetry.Ingest.Commands;

/// <summary><c>redecode</c>: has the running service decode dead letters again.</summary>
public static class RedecodeCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var url = new Option<string>("--url") { Description = "The running service.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var reason = new Option<string?>("--reason") { Description = "Only dead letters of this reason, such as unknown_channel.", HelpName = "REASON" };
        var device = new Option<string?>("--device") { Description = "Only of this device, or wire id.", HelpName = "ID" };
        var topic = new Option<string?>("--topic") { Description = "Only of this topic, or with /# at its end of all beneath.", HelpName = "TOPIC" };
        var from = new Option<string?>("--from") { Description = "Received since: RFC 3339 with a zone, or Unix ms.", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "Received before.", HelpName = "TIME" };
        var token = new Option<string?>("--token-file") { Description = "A file whose first line is an engineer's token, where the service has users.", HelpName = "FILE" };
        var dry = new Option<bool>("--dry") { Description = "Say what would come of it, and write nothing." };
        var json = new Option<bool>("--json") { Description = "One JSON line on standard output, nothing else." };
        var command = new Command("redecode", """
            Decodes dead letters again, after a family file, a model or the register was put right. The readings enter the log as late data.
            What fails again stays a dead letter, with what is wrong now; repeating it changes nothing.

            Examples:
              redecode --dry
              redecode --reason unknown_channel --from 2026-03-01T00:00:00Z
              redecode --device 24E124136B502217 --url http://telemetry:8080 --token-file token.txt --json
            """) { url, reason, device, topic, from, to, dry, json, token };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!Uri.TryCreate(parsed.GetValue(url)!.TrimEnd('/') + "/", UriKind.Absolute, out var service) || service.Scheme is not ("http" or "https"))
                return Refuse(error, $"--url {parsed.GetValue(url)}: http://HOST:PORT would be right", 2);
            try
            {
                using var http = new HttpClient { BaseAddress = service, Timeout = Timeout.InfiniteTimeSpan };
                if (parsed.GetValue(token) is { } file)
                    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadLines(file).FirstOrDefault()?.Trim());
                var body = new
                {
                    Reason = parsed.GetValue(reason), Device = parsed.GetValue(device), Topic = parsed.GetValue(topic), From = parsed.GetValue(from), To = parsed.GetValue(to), Dry = parsed.GetValue(dry),
                };
                var answering = http.PostAsJsonAsync("api/v1/deadletters/redecode", body, Json, cancellationToken);
                if (!parsed.GetValue(json))
                    await ShowProgressAsync(http, answering, error, cancellationToken);
                using var answer = await answering;
                var text = await answer.Content.ReadAsStringAsync(cancellationToken);
                if (!answer.IsSuccessStatusCode)
                    return Refuse(error, ServiceRefusal.Detail(text) ?? $"{service} answers {(int)answer.StatusCode}", 1);
                output.WriteLine(parsed.GetValue(json) ? text : Sentence(JsonSerializer.Deserialize<RedecodeResult>(text, Json)!));
                return 0;
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException or UnauthorizedAccessException or JsonException)
            {
                return Refuse(error, problem.Message, 1);
            }
        });
        return command;
    }

    private static async Task ShowProgressAsync(HttpClient http, Task answering, TextWriter error, CancellationToken cancellationToken)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await Task.WhenAny(answering, second.WaitForNextTickAsync(cancellationToken).AsTask()) != answering)
        {
            var progress = await http.GetFromJsonAsync<RedecodeProgress>("api/v1/deadletters/redecode", Json, cancellationToken);
            if (progress is { Running: true })
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Done} of {progress.Of} dead letters"));
        }
    }

    private static string Sentence(RedecodeResult result)
    {
        var sentence = string.Create(
            CultureInfo.InvariantCulture, $"{result.Letters} dead letters: {result.Decoded} {(result.Dry ? "would be" : "are")} decoded, with {result.Readings} readings that were not there");
        return sentence + Listed("stay", result.Failed) + Listed("can't be decoded again", result.Skipped);
    }

    private static string Listed(string what, IReadOnlyDictionary<string, long> counts) =>
        counts.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {counts.Values.Sum()} {what} ({string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}"))})");

    private static int Refuse(TextWriter error, string why, int exitCode)
    {
        error.WriteLine($"redecode: {why}");
        return exitCode;
    }
}
