using System.Globalization;

namespace Telemetry.Rules.Conditions;

/// <summary>
/// Opening hours of one day, such as <c>06:00-22:00</c>, in China's time (UTC+8 all year); <c>22:00-02:00</c> runs over midnight,
/// <c>00:00-24:00</c> never closes. As the value of a setting they are one number.
/// </summary>
public static class OpenHours
{
    private const long Minute = 60_000, Day = 24 * 60 * Minute, Offset = 8 * 60 * Minute;
    private const int MinutesOfDay = 24 * 60;

    /// <param name="hours">The setting's value.</param>
    public static bool TryParse(string text, out double hours)
    {
        hours = 0;
        var parts = text.Split('-');
        if (parts.Length != 2 || MinuteOf(parts[0]) is not { } from || MinuteOf(parts[1]) is not { } to || from == MinutesOfDay || from == to)
            return false;
        hours = (from * (MinutesOfDay + 1)) + to;
        return true;
    }

    public static string Shown(double hours)
    {
        var (from, to) = Of(hours);
        return string.Create(CultureInfo.InvariantCulture, $"{from / 60:00}:{from % 60:00}-{to / 60:00}:{to % 60:00}");
    }

    /// <param name="at">Unix ms.</param>
    public static bool IsOpen(double hours, long at)
    {
        var (from, to) = Of(hours);
        var minute = (at + Offset) % Day / Minute;
        return from < to ? minute >= from && minute < to : minute >= from || minute < to;
    }

    /// <summary>The next opening or closing after a moment, Unix ms.</summary>
    public static long NextChange(double hours, long after)
    {
        var (from, to) = Of(hours);
        var (opening, closing) = (Next(from), Next(to));
        return Math.Min(opening, closing);

        long Next(int minute)
        {
            var midnight = after - ((after + Offset) % Day);
            var at = midnight + (minute * Minute);
            return at > after ? at : at + Day;
        }
    }

    private static (int From, int To) Of(double hours) => ((int)hours / (MinutesOfDay + 1), (int)hours % (MinutesOfDay + 1));

    private static int? MinuteOf(string text) =>
        text.Length == 5 && text[2] == ':' && int.TryParse(text.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var hour)
            && int.TryParse(text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var minute) && minute < 60 && (hour * 60) + minute <= MinutesOfDay
            ? (hour * 60) + minute
            : null;
}
