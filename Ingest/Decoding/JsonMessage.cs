using System.Text.Json;
using System.Text.Unicode;

namespace Telemetry.Ingest.Decoding;

/// <summary>A payload in JSON as a document, and members of it as what they should be.</summary>
internal static class JsonMessage
{
    public const string HalfSurrogate = "half a surrogate pair (\\ud800 to \\udfff) in a string";

    private static readonly JsonReaderOptions Options = new() { MaxDepth = NativeDecoder.MaxDepth };

    /// <exception cref="MalformedMessageException"/>
    /// <exception cref="JsonException"/>
    public static JsonDocument Parse(ReadOnlySpan<byte> payload)
    {
        if (!Utf8.IsValid(payload))
            throw new MalformedMessageException(RejectReason.Malformed, "not UTF-8");
        if (payload.StartsWith("\uFEFF"u8))
            payload = payload[3..];
        if (payload.IsEmpty)
            throw new MalformedMessageException(RejectReason.Malformed, "empty payload; expected JSON");
        var reader = new Utf8JsonReader(payload, Options);
        var document = JsonDocument.ParseValue(ref reader);
        try
        {
            // Throws on anything behind the message's end.
            reader.Read();
            return document;
        }
        catch (JsonException)
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>What was wrong and where, for a person.</summary>
    public static string Problem(JsonException error)
    {
        // The runtime's messages end with a position that stands in the detail already.
        var what = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end ? error.Message[..end] : error.Message;
        return $"not JSON at byte {error.BytePositionInLine} of line {error.LineNumber + 1}: {what}";
    }

    /// <summary>Whether that is why reading the message failed. The runtime says so only once the string is looked at, and by an exception that a mistake of ours may throw too.</summary>
    public static bool HasHalfSurrogate(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload.StartsWith("\uFEFF"u8) ? payload[3..] : payload, Options);
        try
        {
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                    _ = reader.GetString();
            }
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
        return false;
    }

    /// <summary>The member, or null where it is missing, null, or the element is no object.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>A text that is not empty, or null.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } member && member.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>A whole number, also one written as a text (protobuf writes 64-bit numbers so), or null.</summary>
    public static long? Whole(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) => whole,
        { ValueKind: JsonValueKind.String } text when long.TryParse(text.GetString(), System.Globalization.CultureInfo.InvariantCulture, out var whole) => whole,
        _ => null,
    };

    /// <summary>A member that the format can't do without.</summary>
    /// <exception cref="MalformedMessageException"/>
    public static JsonElement Needed(this JsonElement element, string name) =>
        element.Member(name) ?? throw new MalformedMessageException(RejectReason.Malformed, $"{name} is missing");
}
