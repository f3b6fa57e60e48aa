using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary><c>Notify:Sms:*</c> and <c>Notify:Voice:*</c>: one provider's HTTP. In URL, header and body stand {phone}, {text}, {key}, {code}, {sender} and {secret}.</summary>
/// <param name="Url">Its placeholders are escaped as a URL needs it.</param>
/// <param name="Method">POST or GET.</param>
/// <param name="Header"><c>Name: value</c>; null for none.</param>
/// <param name="Body">Its placeholders are escaped as its content type needs it; null for none.</param>
/// <param name="ContentType">application/json or application/x-www-form-urlencoded.</param>
/// <param name="Sender">The sender's identity as the provider has registered it.</param>
/// <param name="Secret">Null where the provider wants none.</param>
/// <param name="Success">What the answer says where it is a yes: path and value. Null: a status 2xx is enough.</param>
internal sealed record ProviderOptions(string Url, string Method, string? Header, string? Body, string ContentType, string Sender, SecretFile? Secret, (string Path, string Value)? Success);

/// <summary>SMS or voice through a provider.</summary>
/// <param name="text">What is said: an SMS's text, or a call's.</param>
internal sealed class ProviderChannel(string name, ProviderOptions options, Func<Envelope, string> text, HttpCaller http) : INotifyChannel
{
    public const string Json = "application/json", Form = "application/x-www-form-urlencoded";

    /// <summary>The message's key, for providers that know one.</summary>
    private const string KeyHeader = "Idempotency-Key";

    public string Name => name;

    // Five failures in a row end the waiting for a provider that hangs: more than that must be under way at once.
    public int AtOnce => 8;

    public async Task<Outcome> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.Person?.Phone is not { } phone)
            return Outcome.UnknownRecipient;
        var values = new Dictionary<string, string>
        {
            ["phone"] = phone, ["text"] = text(envelope), ["key"] = envelope.Key, ["code"] = envelope.Code, ["sender"] = options.Sender, ["secret"] = options.Secret?.Read() ?? "",
        };
        using var request = new HttpRequestMessage(new HttpMethod(options.Method), Fill(options.Url, values, Uri.EscapeDataString));
        request.Headers.Add(KeyHeader, envelope.Key);
        if (options.Header?.Split(": ", 2) is [var header, var value])
            request.Headers.TryAddWithoutValidation(header, Fill(value, values, plain => plain));
        if (options.Body is { } body)
        {
            request.Content = new StringContent(Fill(body, values, options.ContentType == Json ? EscapeJson : Uri.EscapeDataString), Encoding.UTF8);
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
