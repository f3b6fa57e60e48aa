using System.CommandLine;
using System.Globalization;

namespace Telemetry.Ingest.Commands;

/// <summary><c>health</c>: asks a running service how it is, for supervisors in whose image there is no curl. Exit code 0 well, 1 not well or no answer, 2 wrong usage.</summary>
public static class HealthCommand
{
    /// <summary>Until there is an answer. Docker's own limit for a check must be longer, or it never learns why.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Characters of an answer that are shown: Docker keeps 4096 bytes of a check's output.</summary>
    private const int MaxShown = 1000;

    public static Command Create()
    {
        var url = new Option<string>("--url")
        {
            Description = "What to ask: /health/live says whether the process lives, /health/ready whether it does its whole job.",
            HelpName = "URL",
            DefaultValueFactory = _ => "http://127.0.0.1:8080/health/live",
        };
        var command = new Command("health", """
            Asks a running service how it is and waits 5 s at most. Exit code 0 for an answer of 200 to 299, else 1 with the reason.

            Examples:
              health
              health --url http://127.0.0.1:8080/health/ready
            """) { url };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetRequiredValue(url), Longest, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation));
        return command;
    }

    internal static async Task<int> RunAsync(string text, TimeSpan longest, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            error.WriteLine($"health: --url {text} is no address; http://127.0.0.1:8080/health/ready would be one");
            return 2;
        }
        // A proxy of the environment must not answer in the service's place.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = longest };
        try
        {
            using var response = await http.GetAsync(url, cancellation);
            var answer = await response.Content.ReadAsStringAsync(cancellation);
            (response.IsSuccessStatusCode ? output : error).WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {(answer.Length > MaxShown ? answer[..MaxShown] : answer)}"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception problem) when (problem is HttpRequestException || (problem is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            error.WriteLine(problem is HttpRequestException
                ? $"health: no answer from {url}: {problem.Message}"
                : string.Create(CultureInfo.InvariantCulture, $"health: no answer from {url} within {longest.TotalSeconds} s"));
            return 1;
        }
    }
}
