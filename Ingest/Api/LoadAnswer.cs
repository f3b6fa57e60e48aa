using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>A figure beside what it should be.</summary>
/// <param name="Target">At most, but for the shares of priorities: about. Null where there is none.</param>
/// <param name="Maximum">What can just be managed, where that is another number.</param>
public sealed record LoadFigure(double? Value, double? Target = null, double? Maximum = null);

/// <param name="Since">Null while there is none.</param>
/// <param name="Minutes">In flood, all together.</param>
public sealed record LoadFloods(bool Now, string? Since, int Count, double Minutes, int PeakPer10Minutes);

public sealed record LoadPriorities(LoadFigure LowAndMediumPercent, LoadFigure HighPercent, LoadFigure CriticalPercent);

/// <param name="Median">Seconds, within 6 %; null without a single one.</param>
/// <param name="Percentile95">Seconds.</param>
public sealed record LoadSeconds(int Count, double? Median, double? Percentile95);

/// <param name="Until">When it ends by itself.</param>
public sealed record LoadShelved(string Alarm, string Device, string Rule, string? Instance, string? Until);

/// <summary>The operators' load at one position or in one district.</summary>
/// <param name="Position">Null for a district.</param>
/// <param name="District">Null for a position; <c>_</c> for alarms without one.</param>
/// <param name="Since">From when there are figures at all; null before the first second.</param>
/// <param name="From">From when everything counts but the last ten minutes and the last day.</param>
public sealed record LoadAnswer(
    string? Position,
    string? District,
    string? Since,
    string? From,
    LoadFigure AlarmsPer10Minutes,
    LoadFigure AlarmsPerDay,
    LoadFigure WindowsOver10Percent,
    LoadFloods Floods,
    LoadFigure TimeInFloodPercent,
    int Alarms,
    LoadPriorities Priorities,
    LoadFigure Chattering,
    LoadFigure Fleeting,
    LoadFigure Standing,
    LoadFigure Stale,
    LoadFigure TopTenPercent,
    IReadOnlyList<LoadCount> TopAlarms,
    IReadOnlyList<LoadCount> TopRules,
    LoadSeconds Acknowledge,
    LoadSeconds Clear,
    LoadFigure EndedWithoutActionPercent,
    IReadOnlyList<LoadShelved> Shelved)
{
    public static LoadAnswer Of(LoadFigures figures) => new(
        figures.Of == LoadOf.Position ? figures.Name : null,
        figures.Of == LoadOf.District ? figures.Name : null,
        figures.Since == 0 ? null : Iso.Time(figures.Since),
        figures.From == 0 ? null : Iso.Time(figures.From),
        new LoadFigure(figures.Last10Minutes, 1, 2),
        new LoadFigure(figures.LastDay, 150, 300),
        new LoadFigure(Percent(figures.WindowsOver10), 1),
        new LoadFloods(figures.Flood is not null, figures.Flood is { } flood ? Iso.Time(flood.Begin) : null, figures.Floods, Math.Round(figures.FloodTime / 60_000.0, 1), figures.FloodPeak),
        new LoadFigure(Percent(figures.FloodShare), 1),
        figures.Alarms,
        new LoadPriorities(
            new LoadFigure(Percent(figures.MediumAndLow, figures.Alarms), 80), new LoadFigure(Percent(figures.High, figures.Alarms), 15), new LoadFigure(Percent(figures.Critical, figures.Alarms), 5)),
        new LoadFigure(figures.Chattering, 0),
        new LoadFigure(figures.Fleeting),
        new LoadFigure(figures.Standing),
        new LoadFigure(figures.Stale, 5),
        new LoadFigure(Percent(figures.TopTenShare), 5),
        figures.TopAlarms,
        figures.TopRules,
        Seconds(figures.Acknowledge),
        Seconds(figures.Clear),
        new LoadFigure(Percent(figures.WithoutAction, figures.Ended)),
        [.. figures.Shelved.Select(alarm => new LoadShelved(alarm.Id, alarm.Device, alarm.Rule, alarm.Instance, alarm.Overlay?.Until is { } until ? Iso.Time(until) : null))]);

    private static double? Percent(double? share) => share is { } value ? Math.Round(value * 100, 2) : null;

    private static double? Percent(int part, int whole) => whole == 0 ? null : Percent((double)part / whole);

    private static LoadSeconds Seconds(LoadLength length) => new(length.Count, length.Median / 1000.0, length.Percentile95 / 1000.0);
}
