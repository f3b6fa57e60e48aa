using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Notify.Delivery;

namespace Telemetry.Ingest.Notify.Channels;

/// <summary>What the robots of group chats have in common: one JSON post, and an answer whose code says more than its status.</summary>
internal static class RobotCall
{
    /// <summary>15 a minute, as lanes let through: what has waited for a robot that was away must not come all at once, or DingTalk takes nothing for ten minutes.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromSeconds(4);

    private static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="code">The answer's member that is 0 for a yes.</param>
    /// <param name="verdict">What another code means.</param>
    public static async Task<Outcome> PostAsync(HttpCaller http, string address, object body, string code, Func<string, Outcome> verdict, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, Json)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        var (problem, answer) = await http.SendAsync(request, cancellationToken);
        if (problem is not null)
            return problem;
        return JsonPath.Find(answer, code) switch
        {
            null => Outcome.BadAnswer($"no {code}"),
            "0" => Outcome.Sent,
            var other => verdict(other),
        };
    }

    /// <summary>At most so many bytes of UTF-8; what is cut ends in ….</summary>
    public static string Cut(string text, int most)
    {
        if (Encoding.UTF8.GetByteCount(text) <= most)
            return text;
        var (bytes, length) = (Encoding.UTF8.GetByteCount("…"), 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > most)
                break;
            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }
        return text[..length] + "…";
    }
}
