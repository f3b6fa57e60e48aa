using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Notify.Rota;

/// <summary>Somebody stands in. Unix ms; from inclusive, to exclusive.</summary>
internal sealed record DutyOverride(long From, long To, string Person);

/// <summary>Who is on call for a team, as the file says it.</summary>
internal sealed record Team
{
    public required string Name { get; init; }

    public required Title Title { get; init; }

    /// <summary>One person at all times, beneath overrides; null for shifts or a calendar.</summary>
    public string? Always { get; init; }

    public IReadOnlyList<Shift> Shifts { get; init; } = [];

    /// <summary>An imported calendar in place of shifts.</summary>
    public DutyCalendar? Calendar { get; init; }

    /// <summary>In order, each once.</summary>
    public IReadOnlyList<DateOnly> Holidays { get; init; } = [];

    public IReadOnlyList<string> OnHolidays { get; init; } = [];

    /// <summary>No two overlap.</summary>
    public IReadOnlyList<DutyOverride> Overrides { get; init; } = [];

    /// <summary>A person, or a team whose person on call leads; null for nobody.</summary>
    public string? Leader { get; init; }

    /// <summary>Everyone who may be on call, each once: in the order in which the file names them, or of the alphabet for a calendar.</summary>
    public IReadOnlyList<string> People =>
        [.. (Always is { } always ? [always] : Calendar is { } calendar ? calendar.People : Shifts.SelectMany(shift => shift.People)).Concat(OnHolidays).Concat(Overrides.Select(stand => stand.Person)).Distinct()];

    /// <summary>Duties and gaps that tile the span, in order.</summary>
    public IReadOnlyList<Duty> Between(long from, long to)
    {
        if (from >= to)
            return [];
        var duties = new DutyList(from, to, $"{Name}: {(Calendar is null ? "no shift" : "nothing in the calendar")}");
        if (Always is not null)
            duties.Lay(new Duty(from, to, Always, "always"));
        foreach (var duty in Calendar?.Between(from, to) ?? OfShifts(from, to))
            duties.Lay(duty);
        foreach (var stand in Overrides)
            duties.Lay(new Duty(stand.From, stand.To, stand.Person, "override"));
        return duties.Merged();
    }

    /// <summary>The duty or the gap of a moment; its ends are those of the moment alone.</summary>
    public Duty At(long at) => Between(at, at + 1)[0];

    // A shift that began the day before may reach into the span.
    private IEnumerable<Duty> OfShifts(long from, long to)
    {
        for (var day = LocalTime.DayOf(from).AddDays(-1); day <= LocalTime.DayOf(to); day = day.AddDays(1))
        {
            foreach (var shift in Shifts)
            {
                if (shift.On(day, Holidays, OnHolidays) is { } duty)
                    yield return duty;
            }
        }
    }
}
