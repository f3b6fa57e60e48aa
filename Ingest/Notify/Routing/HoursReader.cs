using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Notify.Routing;

/// <summary><c>22:00-06:00</c>.</summary>
internal static class HoursReader
{
    /// <param name="required">What the missing key would say; null if it may be left out.</param>
    public static Hours? Read(Section section, string key, string? required = null)
    {
        if (section.Text(key, required) is not { } text)
            return null;
        var ends = text.Value.Split('-');
        if (ends.Length == 2 && LocalTime.ParseTime(ends[0]) is { } from && LocalTime.ParseTime(ends[1] == "24:00" ? "00:00" : ends[1]) is { } to && from != to)
            return new Hours(from, to);
        section.Fail(text, key, $"'{text.Value}': write the begin and the end, 22:00-06:00; all day is no hours at all");
        return null;
    }
}
