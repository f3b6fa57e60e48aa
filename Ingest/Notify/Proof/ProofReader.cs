using Telemetry.Ingest.Notify.Rota;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Notify.Proof;

/// <summary><c>proof: {day: monday, at: "10:00", to: duty, within: 4h}</c>.</summary>
internal static class ProofReader
{
    // Beyond a day a test is forgotten.
    private const long LongestWithin = 24 * LocalTime.Hour;

    /// <summary>Null where the file has none.</summary>
    public static ProofPlan? Read(Section root, IReadOnlyList<Team> teams)
    {
        if (root.Child("proof") is not { } section)
            return null;
        var day = Day(section);
        var at = At(section);
        var team = To(section, teams);
        var within = section.Duration("within") ?? ProofPlan.DefaultWithin;
        if (within is < LocalTime.Minute or > LongestWithin)
            section.Fail(section.Find("within")!, "within", "from 1min to 24h: how long the answer may take");
        section.RefuseOthers();
        return day is null || at is null || team is null ? null : new ProofPlan(day.Value, at.Value, team, within);
    }

    private static DayOfWeek? Day(Section section)
    {
        if (section.Text("day", "write day: monday") is not { } text)
            return null;
        if (TeamReader.Weekdays.TryGetValue(text.Value, out var day))
            return day;
        section.Fail(text, "day", $"'{text.Value}' is no day of the week{NearestName.Hint(text.Value, TeamReader.Weekdays.Keys)}; write day: monday");
        return null;
    }

    private static TimeOnly? At(Section section)
    {
        if (section.Text("at", "write at: \"10:00\", China's time") is not { } text)
            return null;
        var at = LocalTime.ParseTime(text.Value);
        if (at is null)
            section.Fail(text, "at", $"'{text.Value}' is not a time of day; write at: \"10:00\"");
        return at;
    }

    private static string? To(Section section, IReadOnlyList<Team> teams)
    {
        if (section.Text("to", "name the team whose person on call gets the tests: to: duty") is not { } text)
            return null;
        if (teams.Any(team => team.Name == text.Value))
            return text.Value;
        section.Fail(text, "to", $"'{text.Value}' is no team{NearestName.Hint(text.Value, teams.Select(team => team.Name))}");
        return null;
    }
}
