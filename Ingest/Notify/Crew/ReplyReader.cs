using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Telemetry.Ingest.Notify.Channels;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary>What a provider posts, to replies. Pure but for the secret's file.</summary>
internal static class ReplyReader
{
    /// <summary>A signature of longer ago may be a copy, s.</summary>
    private const long OldestSignature = 300;

    // As JsonPath shows it: a reply without a number must not be taken for the one before.
    private const string JsonNull = "null";

    /// <summary>Whether it is the provider who calls.</summary>
    /// <param name="header">A header's value by its name, empty for none.</param>
    /// <param name="now">Unix ms.</param>
    public static bool IsFromProvider(ReplyOptions options, Func<string, string> header, ReadOnlySpan<byte> body, long now)
    {
        if (options.Header?.Split(": ", 2) is [var name, var value])
            return IsSame(header(name), value.Replace("{secret}", options.Secret.Read(), StringComparison.Ordinal));
        var signature = header(WebhookChannel.SignatureHeader);
        return signature.Split(',')[0].Split('=') is ["t", var at] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && Math.Abs((now / 1000) - seconds) <= OldestSignature
            && IsSame(signature, WebhookChannel.Sign(options.Secret.Bytes(), seconds, body));
    }

    /// <summary>The replies of a body; a provider may hand on several as an array. Null where it is neither JSON nor a form.</summary>
    /// <param name="problem">What is missing.</param>
    public static IReadOnlyList<Reply>? Read(ReplyOptions options, string body, bool isForm, out string? problem)
    {
        problem = null;
        try
        {
            var replies = new List<Reply>();
            foreach (var find in isForm ? [Form(body)] : Json(body))
            {
                var (phone, text, message) = (find(options.Phone), find(options.Text), options.Message is { } where ? find(where) : null);
                problem = phone is null ? options.Phone : text is null ? options.Text : options.Message is not null && message is null ? options.Message : null;
                if (problem is not null)
                    return null;
                replies.Add(new Reply(phone!, text!, message, options.Id is { } id && find(id) is { Length: > 0 } number && number != JsonNull ? number : null));
            }
            return replies;
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            return null;
        }
    }

    private static Func<string, string?> Form(string body)
    {
        using var reader = new FormReader(body);
        var fields = reader.ReadForm();
        return name => fields.TryGetValue(name, out var values) ? values[0] : null;
    }

    private static List<Func<string, string?>> Json(string body)
    {
        using var document = JsonDocument.Parse(body);
        IEnumerable<JsonElement> each = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray() : [document.RootElement];
        return [.. each.Select(one => one.GetRawText()).Select(text => (Func<string, string?>)(path => JsonPath.Find(text, path)))];
    }

    private static bool IsSame(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
