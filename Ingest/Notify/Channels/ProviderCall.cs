using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>One call of a provider's HTTP.</summary>
internal sealed class ProviderCall(ProviderOptions options, HttpCaller http)
{
    /// <summary>The message's key, for providers that know one.</summary>
    private const string KeyHeader = "Idempotency-Key";

    public async Task<Outcome> SendAsync(string phone, string text, string key, string code, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>
        {
            ["phone"] = phone, ["text"] = text, ["key"] = key, ["code"] = code, ["sender"] = options.Sender, ["secret"] = options.Secret?.Read() ?? "",
        };
        using var request = new HttpRequestMessage(new HttpMethod(options.Method), Fill(options.Url, values, Uri.EscapeDataString));
        request.Headers.Add(KeyHeader, key);
        if (options.Header?.Split(": ", 2) is [var header, var value])
            request.Headers.TryAddWithoutValidation(header, Fill(value, values, plain => plain));
        if (options.Body is { } body)
        {
            request.Content = new StringContent(Fill(body, values, options.ContentType == ProviderChannel.Json ? EscapeJson : Uri.EscapeDataString), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(options.ContentType) { CharSet = "utf-8" };
        }
        var (problem, answer) = await http.SendAsync(request, cancellationToken);
        return problem ?? OutcomeOf(answer);
    }

    private Outcome OutcomeOf(string answer)
    {
        if (options.Success is not { } success)
            return Outcome.Sent;
        var found = JsonPath.Find(answer, success.Path);
        if (found is null)
            return Outcome.BadAnswer($"no {success.Path}");
        // Some providers say for each number what is wrong with it, others that they are busy: tried again, then the next way.
        return found == success.Value ? Outcome.Sent : Outcome.Failed($"{success.Path}={SafeCode(found)}");
    }

    /// <summary>A code may be shown; a sentence may repeat a number.</summary>
    private static string SafeCode(string found) => found.Length <= 40 && found.Count(char.IsDigit) < 8 ? found : "…";

    private static string EscapeJson(string plain) => JsonEncodedText.Encode(plain, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    /// <summary>In one pass: a text that holds {phone} is a text.</summary>
    internal static string Fill(string template, Dictionary<string, string> values, Func<string, string> escape)
    {
        var filled = new StringBuilder();
        var at = 0;
        while (at < template.Length)
        {
            var open = template.IndexOf('{', at);
            var close = open < 0 ? -1 : template.IndexOf('}', open);
            if (close < 0)
                break;
            if (values.TryGetValue(template[(open + 1)..close], out var value))
                filled.Append(template, at, open - at).Append(escape(value));
            else
            {
                // JSON's own brackets.
                filled.Append(template, at, open + 1 - at);
                at = open + 1;
                continue;
            }
            at = close + 1;
        }
        return filled.Append(template, at, template.Length - at).ToString();
    }
}
