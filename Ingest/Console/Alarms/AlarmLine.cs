using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.OperatorPage.Alarms;

/// <summary>How far alarms are gathered into one line.</summary>
public enum Grouping
{
    /// <summary>A line an alarm.</summary>
    None,

    /// <summary>One line a rule in a district.</summary>
    Rule,

    /// <summary>One line a family in a district.</summary>
    Family,

    /// <summary>One line a family in the whole city.</summary>
    City,
}

/// <summary>One line of the list: an alarm, or several that share what the grouping shares. What is critical never stands in a line with what is not, nor what is real with a test's or a drill's.</summary>
/// <param name="Key">Stays the same for as long as the line is there.</param>
/// <param name="Alarms">Most severe first, the oldest first among equals; at least one.</param>
/// <param name="Rule">Null where several rules are gathered.</param>
/// <param name="District">Null where they lie in several, or in none.</param>
/// <param name="Explains">Alarms that are suppressed because one of these explains them.</param>
public sealed record AlarmLine(string Key, Grouping Grouping, IReadOnlyList<Alarm> Alarms, string Family, string? Rule, string? District, int Explains)
{
    public bool IsGroup => Alarms.Count > 1;

    public Alarm First => Alarms[0];

    public Severity Severity { get; } = Alarms.Max(alarm => alarm.Severity);

    /// <summary>When the oldest was raised, Unix ms.</summary>
    public long Since { get; } = Alarms.Min(alarm => alarm.RaisedAt);

    public int Unacknowledged { get; } = Alarms.Count(alarm => alarm.State is AlarmState.ActiveUnacknowledged or AlarmState.ClearedUnacknowledged or AlarmState.LatchedUnacknowledged);

    public int Holding { get; } = Alarms.Count(alarm => alarm.Holds);

    public int Accepted { get; } = Alarms.Count(alarm => alarm.AcceptedBy is not null);

    public int OnSite { get; } = Alarms.Count(alarm => alarm.OnSiteAt is not null);
}

/// <summary>Gathers alarms into lines. A function of what stands and nothing else.</summary>
public static class AlarmLines
{
    /// <summary>Up to so many alarms each has a line of its own.</summary>
    public const int MostSingles = 20;

    /// <summary>More lines than these, and the next coarser grouping is taken; it is left again once the finer one needs two thirds of them at most.</summary>
    public const int MostLines = 12;

    /// <summary>Most severe first, the newest first among equals.</summary>
    /// <param name="shown">Alarms to be gathered.</param>
    /// <param name="explained">By alarm: how many others are suppressed because of it.</param>
    public static IReadOnlyList<AlarmLine> Of(IEnumerable<Alarm> shown, Grouping grouping, IReadOnlyDictionary<string, int> explained) =>
    [
        .. shown
            .GroupBy(alarm => KeyOf(alarm, grouping))
            .Select(group => LineOf(group.Key, grouping, [.. group.OrderByDescending(alarm => alarm.Severity).ThenBy(alarm => alarm.RaisedAt).ThenBy(alarm => alarm.Id, StringComparer.Ordinal)], explained))
            .OrderByDescending(line => line.Severity).ThenByDescending(line => line.Since).ThenBy(line => line.Key, StringComparer.Ordinal),
    ];

    /// <summary>The finest grouping that a person can take in; not finer than the one before unless that leaves room, so that the list does not flap between two.</summary>
    public static Grouping Choose(IReadOnlyCollection<Alarm> shown, Grouping before)
    {
        for (var grouping = Grouping.None; grouping < Grouping.City; grouping++)
        {
            var most = grouping == Grouping.None ? MostSingles : MostLines;
            if (grouping < before)
                most = most * 2 / 3;
            if ((grouping == Grouping.None ? shown.Count : shown.Select(alarm => KeyOf(alarm, grouping)).Distinct().Count()) <= most)
                return grouping;
        }
        return Grouping.City;
    }

    /// <summary>By alarm: how many of the open ones are suppressed because of it.</summary>
    public static IReadOnlyDictionary<string, int> Explained(IEnumerable<Alarm> open) =>
        open.Where(alarm => alarm.SuppressedBy is not null).GroupBy(alarm => alarm.SuppressedBy!).ToDictionary(group => group.Key, group => group.Count());

    private static AlarmLine LineOf(string key, Grouping grouping, IReadOnlyList<Alarm> alarms, IReadOnlyDictionary<string, int> explained)
    {
        return new AlarmLine(key, grouping, alarms, alarms[0].Family, Shared(alarm => alarm.Rule), Shared(alarm => alarm.District), alarms.Sum(alarm => explained.GetValueOrDefault(alarm.Id)));

        string? Shared(Func<Alarm, string?> of) => alarms.All(alarm => of(alarm) == of(alarms[0])) ? of(alarms[0]) : null;
    }

    // The unit separator stands in no id and no name.
    private static string KeyOf(Alarm alarm, Grouping grouping) => grouping switch
    {
        Grouping.None => alarm.Id,
        Grouping.Rule => string.Join('\u001f', IsCritical(alarm), alarm.Mode, alarm.Family, alarm.Rule, alarm.District),
        Grouping.Family => string.Join('\u001f', IsCritical(alarm), alarm.Mode, alarm.Family, alarm.District),
        _ => string.Join('\u001f', IsCritical(alarm), alarm.Mode, alarm.Family),
    };

    private static string IsCritical(Alarm alarm) => alarm.Severity == Severity.Critical ? "critical" : "other";
}
