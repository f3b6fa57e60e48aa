namespace Telemetry.Ingest.Notify.Rota;

/// <summary>
/// A stretch of each day that is handed on through a list of people. A weekly rota is one shift of 24 h that begins at the handover's time. Times are
/// China's. A shift belongs to the day on which it begins, also for holidays.
/// </summary>
/// <param name="Length">More than 0, 24 h at most.</param>
/// <param name="Days">Days of the week on which it begins.</param>
/// <param name="Handover">The day of the week from whose shift on the next person has it; null hands on every day.</param>
/// <param name="Starts">The first of <paramref name="People"/> has it in this day's week, or on this day; before that nobody has it.</param>
internal sealed record Shift(string Name, TimeOnly Begins, TimeSpan Length, IReadOnlyList<DayOfWeek> Days, IReadOnlyList<string> People, DayOfWeek? Handover, DateOnly Starts)
{
    /// <param name="day">On which it begins.</param>
    /// <param name="onHolidays">Who takes turns on the days of <paramref name="holidays"/> instead; empty for no difference.</param>
    public Duty? On(DateOnly day, IReadOnlyList<DateOnly> holidays, IReadOnlyList<string> onHolidays)
    {
        if (day < Starts || !Days.Contains(day.DayOfWeek))
            return null;
        var from = LocalTime.Of(day) + (long)Begins.ToTimeSpan().TotalMilliseconds;
        var to = from + (long)Length.TotalMilliseconds;
        var holiday = onHolidays.Count == 0 ? -1 : holidays.ToList().IndexOf(day);
        return holiday >= 0 ? new Duty(from, to, onHolidays[holiday % onHolidays.Count], "holiday") : new Duty(from, to, People[Turn(day) % People.Count], Name);
    }

    private int Turn(DateOnly day)
    {
        if (Handover is not { } weekday)
            return day.DayNumber - Starts.DayNumber;
        var before = ((int)Starts.DayOfWeek - (int)weekday + 7) % 7;
        return (day.DayNumber - Starts.DayNumber + before) / 7;
    }
}
