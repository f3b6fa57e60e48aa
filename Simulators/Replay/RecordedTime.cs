using System.Globalization;

namespace Telemetry.Simulators.Replay;

/// <summary>Times as people and files write them.</summary>
internal static class RecordedTime
{
    public const string Expected = "RFC 3339 with a zone (2026-07-01T08:00:00+08:00) or Unix ms";

    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK"];

    /// <summary>Unix ms; null for what is neither form.</summary>
    public static long? Parse(string? text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return Math.Abs(number) < 1L << 52 ? number : null;
        var isZoned = text is { Length: > 19 } && (text[^1] == 'Z' || text.LastIndexOfAny(['+', '-']) >= 19);
        return isZoned && DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.ToUnixTimeMilliseconds() : null;
    }
}
