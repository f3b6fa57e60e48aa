using System.Globalization;

namespace Telemetry.Ingest.Notify;

/// <summary>China's time, UTC+8 all year: what rotas and digests are written in, and what crews read. Unix ms on the other side.</summary>
internal static class LocalTime
{
    public const long Minute = 60_000, Hour = 60 * Minute, Day = 24 * Hour, Week = 7 * Day;

    private const long Offset = 8 * Hour;

    public static long Of(DateTime local) => new DateTimeOffset(local, TimeSpan.FromMilliseconds(Offset)).ToUnixTimeMilliseconds();

    /// <summary>A day's midnight.</summary>
    public static long Of(DateOnly day) => Of(day.ToDateTime(TimeOnly.MinValue));

    public static DateTime At(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time + Offset).DateTime;

    public static DateOnly DayOf(long time) => DateOnly.FromDateTime(At(time));

    /// <summary>The next time of day from a moment on, inclusive.</summary>
    public static long Next(TimeOnly timeOfDay, long from)
    {
        var today = Of(DayOf(from)) + (long)timeOfDay.ToTimeSpan().TotalMilliseconds;
        return today >= from ? today : today + Day;
    }

    public static string Shown(long time, string format = "yyyy-MM-dd HH:mm") => At(time).ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Of this century: what a rota can be asked for.</summary>
    public static bool IsUsual(long time) => time is >= 946_656_000_000 and < 4_102_416_000_000;

    public static TimeOnly? ParseTime(string text) =>
        TimeOnly.TryParseExact(text.Trim(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    public static DateOnly? ParseDay(string text) =>
        DateOnly.TryParseExact(text.Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and < 2100 ? day : null;

    /// <summary><c>2026-12-01 08:00</c>; null for anything else.</summary>
    public static long? Parse(string text) =>
        DateTime.TryParseExact(text.Trim(), "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) && local.Year is >= 2000 and < 2100 ? Of(local) : null;
}
