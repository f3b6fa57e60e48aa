using System.Text;
using System.Text.Json;

namespace Telemetry.Ingest.Decoding;

/// <summary>Times that stand as texts in JSON.</summary>
internal static class TextTime
{
    private const int MaxLength = 64;

    /// <summary>Unix ms of RFC 3339 (digits past the millisecond are cut) or of compact ISO 8601 in UTC (<c>20151212T121212Z</c>); null where the member is missing or empty.</summary>
    /// <exception cref="MalformedMessageException">There is one, and it can't be understood.</exception>
    public static long? Of(JsonElement holder, string name) =>
        TryOf(holder, name, out var time, out var problem) ? time : throw new MalformedMessageException(RejectReason.BadTime, problem);

    /// <summary>As <see cref="Of"/>.</summary>
    public static bool TryOf(JsonElement holder, string name, out long? time, out string problem)
    {
        (time, problem) = (null, "");
        if (holder.Member(name) is not { } member || (member.ValueKind == JsonValueKind.String && member.ValueEquals("")))
            return true;
        if (member.ValueKind == JsonValueKind.String && TryParse(member.GetString()!, out var milliseconds))
        {
            time = milliseconds;
            return true;
        }
        problem = $"{name}: expected a time with its zone, such as 2026-03-01T08:00:00.250+08:00";
        return false;
    }

    /// <summary>As <see cref="Of"/>.</summary>
    public static bool TryParse(string text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length > MaxLength || !Ascii.IsValid(text))
            return false;
        Span<byte> bytes = stackalloc byte[MaxLength];
        var length = Encoding.ASCII.GetBytes(text, bytes);
        return Rfc3339.TryParse(bytes[..length], out milliseconds)
            || (length == 16 && bytes[8] == 'T' && bytes[15] == 'Z' && TryParseDigits(text[..8] + text[9..15], TimeSpan.Zero, out milliseconds));
    }

    /// <summary>Of <c>yyyyMMddHHmmss</c>.</summary>
    /// <param name="offset">Of the clock that wrote it, ahead of UTC.</param>
    public static bool TryParseDigits(string text, TimeSpan offset, out long milliseconds)
    {
        milliseconds = 0;
        if (!DateTime.TryParseExact(text, "yyyyMMddHHmmss", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var time))
            return false;
        milliseconds = (long)(time - DateTime.UnixEpoch - offset).TotalMilliseconds;
        return true;
    }
}
