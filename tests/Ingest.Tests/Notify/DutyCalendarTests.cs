using System.Globalization;
using System.Text;
using CsCheck;
using Telemetry.Ingest.Notify;
using Telemetry.Ingest.Notify.Rota;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Notify;

/// <summary>Rotas from calendar programs: recurrences, and zones with daylight saving, which China has not.</summary>
public class DutyCalendarTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static readonly Person[] People =
        [.. new[] { "a", "b", "c" }.Select(id => new Person(id, id.ToUpperInvariant(), Language.Zh, "110000", id + "@example.cn", new Dictionary<string, string>()))];

    private static readonly long From = Files.At("2026-01-01 00:00"), To = Files.At("2027-01-01 00:00");

    /// <summary>A series in Berlin's time: begins on a day, by the hour, some hours long, every so many days.</summary>
    private sealed record Series(int Person, int Day, int Hour, int Hours, int Every);

    private static readonly Gen<Series[]> AnySeries =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 300], Gen.Int[0, 23], Gen.Int[1, 40], Gen.Int[1, 9], (person, day, hour, hours, every) => new Series(person, day, hour, hours, every)).Array[1, 5];

    [Fact]
    public void Every_moment_of_a_year_in_Berlin_has_who_began_last_or_a_gap() => AnySeries.Repeatably().Sample(
        series =>
        {
            var team = TeamOf(Calendar([.. series.Select(Event)]));
            var duties = team.Between(From, To);
            Assert.Equal((From, To), (duties[0].From, duties[^1].To));
            foreach (var (one, next) in duties.Zip(duties.Skip(1)))
                Assert.Equal(one.To, next.From);
            var occurrences = series.SelectMany(Occurrences).ToList();
            foreach (var duty in duties)
            {
                foreach (var at in new[] { duty.From, duty.From + ((duty.To - duty.From) / 2), duty.To - 1 })
                {
                    var covering = occurrences.Where(occurrence => occurrence.From <= at && at < occurrence.To).ToList();
                    var newest = covering.Where(occurrence => occurrence.From == covering.Max(other => other.From)).Select(occurrence => occurrence.Person).ToList();
                    Assert.True(covering.Count == 0 ? duty.Person is null : newest.Contains(duty.Person!), $"{LocalTime.Shown(at)}: {duty}");
                    Assert.Equal(duty.Person, team.At(at).Person);
                }
            }
        },
        iter: 20, print: series => string.Join("; ", series.Select(each => each.ToString())));

    [Fact]
    public void The_night_in_which_Berlin_changes_its_clocks_moves_the_handover_by_an_hour_here()
    {
        var team = TeamOf(Calendar("DTSTART;TZID=Europe/Berlin:20260327T080000", "DURATION:PT12H", "RRULE:FREQ=DAILY;COUNT=4", "SUMMARY:a"));

        var begins = team.Between(Files.At("2026-03-27 00:00"), Files.At("2026-03-31 23:00")).Where(duty => duty.Person == "a").Select(duty => LocalTime.Shown(duty.From));

        Assert.Equal(["2026-03-27 15:00", "2026-03-28 15:00", "2026-03-29 14:00", "2026-03-30 14:00"], begins);
    }

    [Fact]
    public void Whole_days_and_times_without_a_zone_are_China_s()
    {
        var team = TeamOf(Calendar(["DTSTART;VALUE=DATE:20260301", "SUMMARY:a"], ["DTSTART:20260302T080000", "DTEND:20260302T200000", "SUMMARY:B"], ["DTSTART:20260303T000000Z", "DTEND:20260303T120000Z", "SUMMARY:c"]));

        Assert.Equal(
            ["2026-03-01 00:00 a", "2026-03-02 00:00 ", "2026-03-02 08:00 b", "2026-03-02 20:00 ", "2026-03-03 08:00 c"],
            team.Between(Files.At("2026-03-01 00:00"), Files.At("2026-03-03 20:00")).Select(duty => $"{LocalTime.Shown(duty.From)} {duty.Person}"));
    }

    [Fact]
    public void A_swapped_instance_and_one_that_is_cancelled_are_as_the_calendar_shows_them()
    {
        var team = TeamOf(Calendar(
            ["UID:x", "DTSTART:20260302T080000", "DTEND:20260303T080000", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260304T080000", "SUMMARY:a"],
            ["UID:x", "RECURRENCE-ID:20260303T080000", "DTSTART:20260303T080000", "DTEND:20260304T080000", "SUMMARY:b"],
            ["UID:y", "DTSTART:20260302T080000", "DTEND:20260303T080000", "STATUS:CANCELLED", "SUMMARY:nobody"]));

        Assert.Equal(
            ["2026-03-02 08:00 a", "2026-03-03 08:00 b", "2026-03-04 08:00 ", "2026-03-05 08:00 a"],
            team.Between(Files.At("2026-03-02 08:00"), Files.At("2026-03-06 08:00")).Select(duty => $"{LocalTime.Shown(duty.From)} {duty.Person}"));
    }

    [Theory]
    [InlineData("RECURRENCE-ID:20260303T000000Z")]
    [InlineData("RECURRENCE-ID;TZID=Europe/Berlin:20260303T010000")]
    [InlineData("RECURRENCE-ID;TZID=Asia/Shanghai:20260303T080000")]
    public void A_swapped_instance_replaces_its_own_in_whichever_zone_its_time_is_written(string instance)
    {
        // The swapped one is b's; of two that begin together it would be c's otherwise.
        var team = TeamOf(Calendar(
            ["UID:x", "DTSTART;TZID=Asia/Shanghai:20260302T080000", "DTEND;TZID=Asia/Shanghai:20260303T080000", "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:c"],
            ["UID:x", instance, "DTSTART;TZID=Asia/Shanghai:20260303T080000", "DTEND;TZID=Asia/Shanghai:20260304T080000", "SUMMARY:b"]));

        Assert.Equal(
            ["2026-03-02 08:00 c", "2026-03-03 08:00 b", "2026-03-04 08:00 c"],
            team.Between(Files.At("2026-03-02 08:00"), Files.At("2026-03-05 08:00")).Select(duty => $"{LocalTime.Shown(duty.From)} {duty.Person}"));
    }

    [Fact]
    public void A_day_that_is_taken_out_is_taken_out_in_whichever_zone_it_is_written()
    {
        var team = TeamOf(Calendar("DTSTART;TZID=Asia/Shanghai:20260302T080000", "DTEND;TZID=Asia/Shanghai:20260303T080000", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260303T000000Z", "SUMMARY:a"));

        Assert.Null(team.At(Files.At("2026-03-03 12:00")).Person);
    }

    [Fact]
    public void An_attendee_s_mail_names_the_person() =>
        Assert.Equal("c", TeamOf(Calendar("DTSTART:20260302T080000", "DTEND:20260303T080000", "ATTENDEE:mailto:C@example.cn", "SUMMARY:on call")).At(Files.At("2026-03-02 12:00")).Person);

    [Theory]
    [InlineData("SUMMARY:Meeting|DTSTART:20260302T080000", "the event 'Meeting' of 2026-03-02 names nobody of people")]
    [InlineData("SUMMARY:a|DTSTART:20260302T080000|RRULE:FREQ=MINUTELY", "repeats by the minute")]
    [InlineData("SUMMARY:a", "has no DTSTART")]
    [InlineData("SUMMARY:a|DTSTART:20260302T080000|RECURRENCE-ID;RANGE=THISANDFUTURE:20260302T080000", "RANGE=THISANDFUTURE")]
    [InlineData("SUMMARY:a|DTSTART;TZID=Mars/Olympus:20260302T080000|DURATION:PT8H", "can't be worked out")]
    [InlineData("SUMMARY:a|DTSTART:20260302T080000|DURATION:PT8H|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "can't be worked out")]
    public void What_cannot_be_a_duty_is_an_error(string lines, string expected)
    {
        var (calendar, errors) = DutyCalendar.Read(Calendar(lines.Split('|')), People);

        Assert.Null(calendar);
        Assert.Contains(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("BEGIN:VCALENDAR\nEND:VCALENDAR")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:yesterday\nSUMMARY:a\nEND:VEVENT\nEND:VCALENDAR")]
    public void What_is_no_calendar_is_an_error_and_no_exception(string text) => Assert.NotEmpty(DutyCalendar.Read(text, People).Errors);

    private static Team TeamOf(string calendar)
    {
        var (read, errors) = DutyCalendar.Read(calendar, People);
        Assert.Empty(errors);
        return new Team { Name = "t", Title = new Title("T", "队"), Calendar = read };
    }

    private static string[] Event(Series series)
    {
        var begin = Begin(series, 0);
        return
        [
            $"DTSTART;TZID=Europe/Berlin:{begin.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}",
            FormattableString.Invariant($"DURATION:PT{series.Hours}H"),
            FormattableString.Invariant($"RRULE:FREQ=DAILY;INTERVAL={series.Every}"),
            $"SUMMARY:{People[series.Person].Id}",
        ];
    }

    private static DateTime Begin(Series series, int number) => new DateTime(2026, 1, 1).AddDays(series.Day + (number * series.Every)).AddHours(series.Hour);

    private static IEnumerable<(long From, long To, string Person)> Occurrences(Series series)
    {
        for (var i = 0; Begin(series, i).Year < 2027; i++)
        {
            var local = Begin(series, i);
            // RFC 5545: a time that the clocks skip is read with the offset before the gap, one that comes twice is the first.
            var offset = Berlin.IsInvalidTime(local) ? Berlin.GetUtcOffset(local.AddHours(-2)) : Berlin.IsAmbiguousTime(local) ? Berlin.GetAmbiguousTimeOffsets(local).Max() : Berlin.GetUtcOffset(local);
            var from = new DateTimeOffset(local, offset).ToUnixTimeMilliseconds();
            yield return (from, from + (series.Hours * 3_600_000L), People[series.Person].Id);
        }
    }

    private static string Calendar(params string[] lines) => Calendar([lines]);

    private static string Calendar(params string[][] events)
    {
        var text = new StringBuilder("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n");
        foreach (var (i, lines) in events.Index())
        {
            text.Append("BEGIN:VEVENT\r\n");
            if (!lines.Any(line => line.StartsWith("UID:", StringComparison.Ordinal)))
                text.Append(CultureInfo.InvariantCulture, $"UID:{i}\r\n");
            text.AppendJoin("\r\n", lines).Append("\r\nEND:VEVENT\r\n");
        }
        return text.Append("END:VCALENDAR\r\n").ToString();
    }
}
