using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Rota;

namespace Telemetry.Ingest.OperatorPage.OnDuty;

/// <summary>One stretch within one day.</summary>
/// <param name="From">Unix ms; where it began before the day, the day's midnight.</param>
/// <param name="Begins">It begins on this day.</param>
/// <param name="Person">Null for a gap.</param>
internal readonly record struct DayDuty(long From, bool Begins, string? Person, string Why);

/// <summary>A team's rota as a row of days, China's.</summary>
internal static class RotaWeek
{
    /// <returns>By day, each day's stretches in order: together they tile it.</returns>
    public static IReadOnlyList<IReadOnlyList<DayDuty>> Of(Team team, DateOnly first, int days)
    {
        var duties = team.Between(LocalTime.Of(first), LocalTime.Of(first.AddDays(days)));
        return [.. Enumerable.Range(0, days).Select(day => OfDay(duties, LocalTime.Of(first.AddDays(day)), isFirst: day == 0))];
    }

    private static IReadOnlyList<DayDuty> OfDay(IReadOnlyList<Duty> duties, long midnight, bool isFirst) =>
    [
        .. duties
            .Where(duty => duty.From < midnight + LocalTime.Day && duty.To > midnight)
            // What was asked for begins with the first day: whether the duty did nobody has asked.
            .Select(duty => new DayDuty(Math.Max(duty.From, midnight), duty.From > midnight || (duty.From == midnight && !isFirst), duty.Person, duty.Why)),
    ];
}
