namespace Telemetry.Rules.Alarms;

/// <summary>What one operator position, or one district, had to bear. An alarm here is a call: an alarm of kind <c>alarm</c> that is newly unacknowledged and sounds.</summary>
/// <param name="Since">Log time from which there are figures, Unix ms; 0 before the first entry.</param>
/// <param name="From">Log time from which the figures count that are of neither the last 10 min nor the last day.</param>
/// <param name="LastDay">In the 143 finished windows of 10 min before now and the present one.</param>
/// <param name="WindowsOver10">Share of the windows of 10 min with more than 10 alarms, 0 to 1.</param>
/// <param name="Flood">The one that lasts now; null for none.</param>
/// <param name="FloodTime">Milliseconds in flood.</param>
/// <param name="FloodShare">Of the time, 0 to 1.</param>
/// <param name="Chattering">How often an alarm began to chatter: three occurrences within a minute.</param>
/// <param name="Fleeting">Alarms over within 30 s before anybody did anything, and not chattering.</param>
/// <param name="Ended">Occurrences that ended.</param>
/// <param name="WithoutAction">Of those, the ones that nobody answered by more than an acknowledgement.</param>
/// <param name="TopTenShare">Of the ten most frequent alarms (device, rule, instance), 0 to 1; null without alarms.</param>
/// <param name="Standing">Alarms that are active now and not shelved, suppressed or out of service.</param>
/// <param name="Stale">Of those, active for more than 24 h.</param>
/// <param name="Shelved">In the order of their ids.</param>
public sealed record LoadFigures(
    LoadOf Of,
    string Name,
    long Since,
    long From,
    int Last10Minutes,
    int LastDay,
    double? WindowsOver10,
    Flood? Flood,
    int Floods,
    long FloodTime,
    int FloodPeak,
    double? FloodShare,
    int Alarms,
    int Critical,
    int High,
    int MediumAndLow,
    int Chattering,
    int Fleeting,
    int Ended,
    int WithoutAction,
    double? TopTenShare,
    IReadOnlyList<LoadCount> TopAlarms,
    IReadOnlyList<LoadCount> TopRules,
    LoadLength Acknowledge,
    LoadLength Clear,
    int Standing,
    int Stale,
    IReadOnlyList<Alarm> Shelved);

public enum LoadOf : byte
{
    Position,
    District,
}

/// <param name="Name"><c>PS-1 level_high/2</c> of an alarm, <c>drainage_pump/level_high</c> of a rule.</param>
public sealed record LoadCount(string Name, int Count);

/// <summary>Milliseconds, within 6 %; null without a single one.</summary>
public sealed record LoadLength(int Count, long? Median, long? Percentile95);
