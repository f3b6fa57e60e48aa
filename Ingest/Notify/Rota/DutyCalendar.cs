using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;

namespace Telemetry.Ingest.Notify.Rota;

/// <summary>
/// A rota that is kept in a calendar program and exported as iCalendar (RFC 5545). Each event is a duty of the person whom its summary names, by id or by
/// name, or whose mail is among its attendees. Where two overlap, the one that began later has it: a swap is laid over the series. Times without a zone, and
/// whole days, are China's.
/// </summary>
internal sealed class DutyCalendar
{
    // Events of different zones are in order up to the widest difference of two zones.
    private static readonly TimeSpan Slack = TimeSpan.FromDays(2);

    private const int MostAsked = 64;

    /// <summary>How much of it must be workable, from its first event on, ms.</summary>
    private const long Proof = 60 * LocalTime.Week;

    /// <summary>Days or hours in a row in which a recurrence that asks for something finds nothing: a rule that never comes true ends there.</summary>
    private const int MostUnmatched = 20_000;

    private readonly Dictionary<CalendarEvent, string> _personOf;
    private readonly TimeSpan _longest;
    private readonly Dictionary<(long From, long To), IReadOnlyList<Duty>> _asked = [];
    private readonly Lock _gate = new();

    // Instances of a series that an event of their own replaces, a cancelled one too. By the moment: one program writes it in the series' zone, another one in UTC.
    private readonly HashSet<(string? Series, long At)> _replaced;

    private DutyCalendar(Calendar calendar, Dictionary<CalendarEvent, string> personOf)
    {
        var instances = calendar.Events.Where(@event => @event.RecurrenceIdentifier is not null).GroupBy(@event => (@event.Uid, At: Time(@event.RecurrenceIdentifier!.StartTime))).ToList();
        _replaced = [.. instances.Select(versions => versions.Key)];
        // Of several versions the newest.
        foreach (var older in instances.SelectMany(versions => versions.OrderBy(@event => @event.Sequence).SkipLast(1)))
            personOf.Remove(older);
        _personOf = personOf;
        _longest = personOf.Keys.Select(@event => @event.EffectiveDuration.ToTimeSpanUnspecified()).DefaultIfEmpty().Max();
        People = [.. personOf.Values.Distinct().Order(StringComparer.Ordinal)];
    }

    public IReadOnlyList<string> People { get; }

    /// <summary>The calendar, or what is wrong with it.</summary>
    public static (DutyCalendar? Calendar, IReadOnlyList<string> Errors) Read(string text, IReadOnlyList<Person> people)
    {
        Calendar? calendar;
        try
        {
            calendar = Calendar.Load(text);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The library lets some mistakes out as exceptions of its own workings.
            return (null, [$"not iCalendar: {error.Message}"]);
        }
        if (calendar is null)
            return (null, ["empty; expected BEGIN:VCALENDAR"]);
        var errors = new List<string>();
        var personOf = new Dictionary<CalendarEvent, string>(ReferenceEqualityComparer.Instance);
        foreach (var @event in calendar.Events.Where(@event => !string.Equals(@event.Status, EventStatus.Cancelled, StringComparison.OrdinalIgnoreCase)))
        {
            if (@event.Start is null)
                errors.Add($"the event '{@event.Summary}' has no DTSTART");
            else if (@event.RecurrenceRule?.Frequency is FrequencyType.Secondly or FrequencyType.Minutely)
                errors.Add($"the event '{@event.Summary}' repeats by the minute or second; a duty lasts an hour at least");
            else if (@event.RecurrenceIdentifier is { Range: not RecurrenceRange.ThisInstance })
                errors.Add($"the event '{@event.Summary}' of {@event.Start.Date:yyyy-MM-dd} changes all instances from there on (RANGE=THISANDFUTURE), which is not read; end the series there and begin another one");
            else if (PersonOf(@event, people) is { } person)
                personOf.Add(@event, person.Id);
            else
                errors.Add($"the event '{@event.Summary}' of {@event.Start.Date:yyyy-MM-dd} names nobody of people; its summary is a person's id or name, or a person's mail is among its attendees");
        }
        if (personOf.Count == 0 && errors.Count == 0)
            errors.Add("no events; each duty is one (VEVENT)");
        if (errors.Count > 0)
            return (null, errors);
        try
        {
            var read = new DutyCalendar(calendar, personOf);
            var begin = Time(personOf.Keys.Min(@event => @event.Start)!);
            read.Occurring(begin, begin + Proof);
            return (read, []);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A zone that nobody knows, a rule that never comes true.
            return (null, [$"its events can't be worked out: {error.Message}"]);
        }
    }

    /// <summary>Duties that overlap the span, the earliest begin first.</summary>
    public IEnumerable<Duty> Between(long from, long to)
    {
        // In a storm everyone asks for moments of the same weeks.
        var weeks = (From: from / LocalTime.Week * LocalTime.Week, To: ((to / LocalTime.Week) + 1) * LocalTime.Week);
        lock (_gate)
        {
            if (!_asked.TryGetValue(weeks, out var duties))
            {
                if (_asked.Count == MostAsked)
                    _asked.Clear();
                _asked[weeks] = duties = OccurringOrNone(weeks.From, weeks.To);
            }
            return [.. duties.Where(duty => duty.From < to && duty.To > from)];
        }
    }

    // What could be worked out at the start and can't be for later is a gap, in which the next best is asked: no calendar may end the telling.
    private List<Duty> OccurringOrNone(long from, long to)
    {
        try
        {
            return Occurring(from, to);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return [];
        }
    }

    private List<Duty> Occurring(long from, long to)
    {
        var begin = DateTimeOffset.FromUnixTimeMilliseconds(from).UtcDateTime - _longest - Slack;
        var end = DateTimeOffset.FromUnixTimeMilliseconds(to).UtcDateTime + Slack;
        return
        [
            .. _personOf.SelectMany(pair => pair.Key.GetOccurrences(new CalDateTime(begin, CalDateTime.UtcTzId), new EvaluationOptions { MaxUnmatchedIncrementsLimit = MostUnmatched })
                    .TakeWhile(occurrence => occurrence.Period.StartTime.AsUtc < end)
                    .Select(occurrence => new Duty(Time(occurrence.Period.StartTime), End(occurrence.Period), pair.Value, "calendar"))
                    .Where(duty => pair.Key.RecurrenceIdentifier is not null || !_replaced.Contains((pair.Key.Uid, duty.From))))
                .OrderBy(duty => duty.From).ThenByDescending(duty => duty.To).ThenBy(duty => duty.Person, StringComparer.Ordinal),
        ];
    }

    private static Person? PersonOf(CalendarEvent @event, IReadOnlyList<Person> people)
    {
        var summary = @event.Summary?.Trim();
        return people.FirstOrDefault(person => person.Id == summary || person.Name == summary)
            ?? people.FirstOrDefault(person => person.Mail is { } mail && @event.Attendees.Any(attendee => string.Equals(attendee.Value?.OriginalString, "mailto:" + mail, StringComparison.OrdinalIgnoreCase)));
    }

    // Hours are hours also over the night in which clocks are set back, when the library takes the end for the first of two equal times of day.
    private static long End(Period period) =>
        period.EffectiveDuration is { HasDate: false } hours ? Time(period.StartTime) + (long)hours.ToTimeSpanUnspecified().TotalMilliseconds : Time(period.EffectiveEndTime!);

    private static long Time(CalDateTime time) => time.IsFloating ? LocalTime.Of(DateTime.SpecifyKind(time.Value, DateTimeKind.Unspecified)) : new DateTimeOffset(time.AsUtc, TimeSpan.Zero).ToUnixTimeMilliseconds();
}
