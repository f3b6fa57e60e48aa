using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>A year of random rotas against someone who counts handovers on a wall calendar.</summary>
public class RotaTests
{
    private static readonly long From = Files.At("2026-01-01 00:00"), To = Files.At("2027-01-01 00:00");

    private static readonly string[] Everyone = ["a", "b", "c", "d", "e"];

    private static readonly DayOfWeek[] Weekdays = Enum.GetValues<DayOfWeek>();

    // Shifts that don't overlap: one all day, or the day cut in two, some of them not on every day.
    private static readonly Gen<Shift[]> Shifts =
        from cuts in Gen.Int[0, 23].Array[1, 3]
        from seeds in Gen.Select(Gen.Int[1, 127], Gen.Int[1, 5], Gen.Int[-1, 6], Gen.Int[0, 400]).Array[3]
        select Of([.. cuts.Distinct().Order()], seeds);

    private static readonly Gen<Team> Teams =
        from shifts in Shifts
        from holidays in Gen.Int[0, 364].Array[0, 12]
        from onHolidays in Gen.Int[0, 3]
        from stands in Gen.Int[0, 525_599].Array[0, 8]
        select new Team
        {
            Name = "t",
            Title = new Title("T", "队"),
            Shifts = shifts,
            Holidays = [.. holidays.Distinct().Order().Select(day => new DateOnly(2026, 1, 1).AddDays(day))],
            OnHolidays = Everyone[..onHolidays],
            Overrides = [.. stands.Distinct().Order().Chunk(2).Where(pair => pair.Length == 2).Select((pair, i) => new DutyOverride(From + (pair[0] * 60_000L), From + (pair[1] * 60_000L), Everyone[i % 5]))],
        };

    [Fact]
    public void Every_minute_of_a_year_has_one_person_or_a_named_gap() => Teams.Repeatably().Sample(
        team =>
        {
            var duties = team.Between(From, To);
            Assert.Equal((From, To), (duties[0].From, duties[^1].To));
            foreach (var (one, next) in duties.Zip(duties.Skip(1)))
                Assert.Equal(one.To, next.From);
            Assert.All(duties, duty => Assert.True(duty.From < duty.To && duty.Why.Length > 0));
            foreach (var duty in duties)
            {
                // The edges and the middle: nothing changes in between.
                foreach (var at in new[] { duty.From, duty.From + ((duty.To - duty.From) / 2), duty.To - 1 })
                {
                    Assert.Equal(Model(team, at), duty.Person);
                    Assert.Equal(duty.Person, team.At(at).Person);
                }
            }
        },
        iter: 60, print: Shown);

    [Fact]
    public void A_span_gives_the_same_as_the_year_it_is_cut_from() => Gen.Select(Teams, Gen.Long[0, 525_599], Gen.Long[1, 40_000]).Repeatably().Sample(
        (team, begin, length) =>
        {
            var (from, to) = (From + (begin * 60_000), Math.Min(To, From + ((begin + length) * 60_000)));
            var cut = team.Between(From, To).Where(duty => duty.To > from && duty.From < to).Select(duty => duty with { From = Math.Max(duty.From, from), To = Math.Min(duty.To, to) });
            Assert.Equal(cut, team.Between(from, to));
        },
        iter: 150);

    [Fact]
    public void A_gap_is_named_with_its_team_and_why()
    {
        var file = Files.Right(Files.Small.Replace("people: [wang, li]", "shifts: {day: {hours: 08:00-20:00, people: [wang]}}", StringComparison.Ordinal));

        var (team, gap) = Gaps.Of(file, Files.At("2026-11-29 12:00"), Files.At("2026-11-30 12:00")).Single();

        Assert.Equal("duty", team.Name);
        Assert.Equal("nobody is on call from 2026-11-29 20:00 to 2026-11-30 08:00 (duty: no shift); who is next in the rota, or the leader, is told instead", Gaps.Shown(gap));
    }

    [Fact]
    public void On_holidays_others_take_turns_from_handover_to_handover()
    {
        var file = Files.Right(Files.Small.Replace("people: [wang, li]", "people: [wang]\n    on_holidays: [li, chen]", StringComparison.Ordinal) + "\nholidays: [2026-10-01..2026-10-02]");

        var duties = file.Team("duty")!.Between(Files.At("2026-09-30 00:00"), Files.At("2026-10-04 00:00"));

        Assert.Equal(
            ["2026-09-30 00:00 wang", "2026-10-01 08:00 li", "2026-10-02 08:00 chen", "2026-10-03 08:00 wang"],
            duties.Select(duty => $"{LocalTime.Shown(duty.From)} {duty.Person}"));
    }

    private static Shift[] Of(int[] begins, (int Days, int People, int Handover, int Starts)[] seeds) =>
    [
        .. begins.Select((begin, i) => new Shift(
            $"s{i}",
            new TimeOnly(begin, 0),
            TimeSpan.FromHours(begins.Length == 1 ? 24 : (begins[(i + 1) % begins.Length] - begin + 24) % 24),
            [.. Weekdays.Where(day => (seeds[i].Days & (1 << (int)day)) != 0)],
            Everyone[..seeds[i].People],
            seeds[i].Handover < 0 ? null : (DayOfWeek)seeds[i].Handover,
            new DateOnly(2025, 6, 1).AddDays(seeds[i].Starts))),
    ];

    private static string? Model(Team team, long at)
    {
        if (team.Overrides.FirstOrDefault(stand => stand.From <= at && at < stand.To) is { } stand)
            return stand.Person;
        var local = LocalTime.At(at);
        foreach (var shift in team.Shifts)
        {
            // It began today, or yesterday and runs over midnight.
            foreach (var day in new[] { DateOnly.FromDateTime(local), DateOnly.FromDateTime(local).AddDays(-1) })
            {
                var begin = day.ToDateTime(shift.Begins);
                if (local < begin || local >= begin + shift.Length || !shift.Days.Contains(day.DayOfWeek) || day < shift.Starts)
                    continue;
                if (team.OnHolidays.Count > 0 && team.Holidays.Contains(day))
                    return team.OnHolidays[team.Holidays.Count(holiday => holiday < day) % team.OnHolidays.Count];
                var handovers = 0;
                for (var next = shift.Starts.AddDays(1); next <= day; next = next.AddDays(1))
                    handovers += shift.Handover is not { } weekday || next.DayOfWeek == weekday ? 1 : 0;
                return shift.People[handovers % shift.People.Count];
            }
        }
        return null;
    }

    private static string Shown(Team team) =>
        string.Join("; ", team.Shifts.Select(shift => $"{shift.Name} {shift.Begins} {shift.Length} {string.Join(',', shift.Days)} {string.Join(',', shift.People)} {shift.Handover} {shift.Starts}"));
}
