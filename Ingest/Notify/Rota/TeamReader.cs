using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Ingest.Notify.Rota;

/// <summary><c>teams:</c> with their rotas.</summary>
/// <param name="open">A calendar's text by its file's name, or why it cannot be read.</param>
internal sealed class TeamReader(IReadOnlyDictionary<string, Person> people, Func<string, (string? Text, string? Problem)> open)
{
    private const string Forms = "people: [a, b] (a week each), shifts:, always: a, or ical: duty.ics";

    /// <summary>A Monday: a rota without a start has always run.</summary>
    private static readonly DateOnly AlwaysRan = new(2024, 1, 1);

    public static readonly IReadOnlyDictionary<string, DayOfWeek> Weekdays = Enum.GetValues<DayOfWeek>().ToDictionary(day => day.ToString().ToLowerInvariant());

    public IReadOnlyList<Team> Read(Section root)
    {
        var teams = new List<Team>();
        var holidays = Holidays(root);
        var sections = (root.Child("teams", "write teams: and beneath it duty: {title: {en: Duty crew, zh: 值班班组}, people: [wang, li]}")?.Children() ?? []).ToList();
        foreach (var (name, body) in sections)
        {
            teams.Add(ReadTeam(name, body, holidays, [.. sections.Select(section => section.Name.Value)]));
            if (people.ContainsKey(name.Value))
                root.Fail(name, $"teams.{name.Value}", "is a person's id too; a leader could be either");
        }
        return teams;
    }

    private Team ReadTeam(YamlText name, Section body, List<DateOnly> holidays, List<string> teams)
    {
        var title = body.Title("title", "write title: {en: Duty crew, zh: 值班班组}");
        var always = body.Text("always") is { } text ? PeopleReader.Known(body, text, "always", people) : null;
        var calendar = Calendar(body);
        var shifts = Shifts(body);
        string[] forms = ["people", "shifts", "always", "ical"];
        var given = forms.Where(form => body.Find(form) is not null).ToList();
        if (given.Count != 1)
            body.Missing("its rota", given.Count == 0 ? $"write one of {Forms}" : $"it has {string.Join(" and ", given)}; write one of {Forms}");
        var team = new Team
        {
            Name = name.Value,
            Title = title ?? new Rules.Families.Title(name.Value, name.Value),
            Always = always,
            Calendar = calendar,
            Shifts = shifts,
            Holidays = holidays,
            OnHolidays = Persons(body, "on_holidays"),
            Overrides = Overrides(body),
            Leader = Leader(body, name.Value, teams),
        };
        if (body.Find("on_holidays") is { } other && shifts.Count == 0)
            body.Fail(other, "on_holidays", "only people: and shifts: change on holidays; enter them in the calendar, or as overrides");
        body.RefuseOthers();
        return team;
    }

    private List<Shift> Shifts(Section body)
    {
        if (body.Find("people") is not null)
        {
            var (handover, at) = WeeklyHandover(body);
            return Persons(body, "people") is { Count: > 0 } turns ? [new Shift("rota", at, TimeSpan.FromDays(1), [.. Weekdays.Values], turns, handover, Starts(body))] : [];
        }
        var shifts = new List<Shift>();
        var section = body.Child("shifts");
        if (section is { Map.Entries.Count: 0 })
            body.Fail(section.Map, "shifts", "empty; write at least one, such as day: {hours: 08:00-20:00, people: [li]}");
        foreach (var (name, shift) in section?.Children() ?? [])
        {
            if (ReadShift(name.Value, shift) is not { } read)
                continue;
            if (shifts.FirstOrDefault(other => Overlap(other, read)) is { } other)
                section!.Fail(name, name.Value, $"overlaps '{other.Name}': at one moment one person is on call");
            shifts.Add(read);
        }
        return shifts;
    }

    private Shift? ReadShift(string name, Section shift)
    {
        var hours = Routing.HoursReader.Read(shift, "hours", "write hours: 08:00-20:00");
        var turns = Persons(shift, "people", "write people: [wang, li]");
        var days = Days(shift);
        DayOfWeek? handover = shift.Text("handover") is not { Value: not "daily" } text ? shift.Find("handover") is null ? DayOfWeek.Monday : null : Weekday(shift, text, text.Value, "monday, or daily");
        var starts = Starts(shift);
        shift.RefuseOthers();
        if (hours is not { } of || turns.Count == 0)
            return null;
        var length = of.To > of.From ? of.To - of.From : TimeSpan.FromDays(1) - (of.From - of.To);
        return new Shift(name, of.From, length, days, turns, handover, starts);
    }

    /// <summary>In any two days that follow each other.</summary>
    private static bool Overlap(Shift one, Shift other)
    {
        var monday = AlwaysRan.AddDays(7);
        var begun = Enumerable.Range(-1, 9).Select(day => monday.AddDays(day)).ToList();
        var duties = begun.Select(day => (one with { Starts = AlwaysRan }).On(day, [], [])).OfType<Duty>().ToList();
        return begun.Select(day => (other with { Starts = AlwaysRan }).On(day, [], [])).OfType<Duty>().Any(duty => duties.Exists(mine => mine.From < duty.To && duty.From < mine.To));
    }

    private static (DayOfWeek? Day, TimeOnly At) WeeklyHandover(Section body)
    {
        if (body.Text("handover") is not { } text)
            return (DayOfWeek.Monday, new TimeOnly(8, 0));
        var words = text.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 2 && LocalTime.ParseTime(words[1]) is { } at)
            return (words[0] == "daily" ? null : Weekday(body, text, words[0], "monday 08:00, or daily 08:00"), at);
        body.Fail(text, "handover", $"'{text.Value}': write monday 08:00, or daily 08:00");
        return (DayOfWeek.Monday, default);
    }

    private static DayOfWeek? Weekday(Section body, YamlText text, string word, string right)
    {
        if (Weekdays.TryGetValue(word, out var day))
            return day;
        body.Fail(text, "handover", $"'{word}' is no day of the week{NearestName.Hint(word, Weekdays.Keys)}; write {right}");
        return null;
    }

    private static List<DayOfWeek> Days(Section shift)
    {
        if (shift.Find("days") is null)
            return [.. Weekdays.Values];
        var days = new List<DayOfWeek>();
        foreach (var text in shift.Texts("days"))
        {
            if (Weekdays.TryGetValue(text.Value, out var day))
                days.Add(day);
            else
                shift.Fail(text, "days", $"'{text.Value}' is no day of the week{NearestName.Hint(text.Value, Weekdays.Keys)}; write days: [saturday, sunday]");
        }
        return days;
    }

    private static DateOnly Starts(Section body)
    {
        if (body.Text("starts") is not { } text)
            return AlwaysRan;
        if (LocalTime.ParseDay(text.Value) is { } day)
            return day;
        body.Fail(text, "starts", $"'{text.Value}' is not a day; write starts: 2026-12-07");
        return AlwaysRan;
    }

    private List<string> Persons(Section body, string key, string? required = null)
    {
        var node = body.Find(key);
        if (node is null && required is not null)
            body.Missing(key, required);
        var texts = body.Texts(key);
        if (node is YamlList && texts.Count == 0)
            body.Fail(node, key, "empty; name at least one person");
        return [.. texts.Select(text => PeopleReader.Known(body, text, key, people)).OfType<string>()];
    }

    private List<DutyOverride> Overrides(Section body)
    {
        var overrides = new List<DutyOverride>();
        foreach (var section in body.Sections("overrides"))
        {
            var (from, to) = (Moment(section, "from"), Moment(section, "to"));
            var person = section.Text("person", "write person: li, who stands in") is { } text ? PeopleReader.Known(section, text, "person", people) : null;
            section.RefuseOthers();
            if (from is null || to is null || person is null)
                continue;
            if (to <= from)
                section.Fail(section.Find("to")!, "to", "must lie after from");
            else if (overrides.Find(other => other.From < to && from < other.To) is { } other)
                section.Fail(section.Map, "", $"overlaps the override of {other.Person} from {LocalTime.Shown(other.From)} to {LocalTime.Shown(other.To)}: at one moment one person is on call");
            else
                overrides.Add(new DutyOverride(from.Value, to.Value, person));
        }
        return overrides;
    }

    private static long? Moment(Section section, string key)
    {
        if (section.Text(key, $"write {key}: 2026-12-01 08:00, China's time") is not { } text)
            return null;
        var moment = LocalTime.Parse(text.Value);
        if (moment is null)
            section.Fail(text, key, $"'{text.Value}' is not a moment; write {key}: 2026-12-01 08:00, China's time");
        return moment;
    }

    private string? Leader(Section body, string team, List<string> teams)
    {
        if (body.Text("leader") is not { } text)
            return null;
        if (people.ContainsKey(text.Value) || (teams.Contains(text.Value) && text.Value != team))
            return text.Value;
        body.Fail(text, "leader", $"'{text.Value}' is neither a person nor another team{NearestName.Hint(text.Value, people.Keys.Concat(teams))}");
        return null;
    }

    private DutyCalendar? Calendar(Section body)
    {
        if (body.Text("ical") is not { } file)
            return null;
        var (text, problem) = open(file.Value);
        var (calendar, errors) = text is null ? (null, [problem!]) : DutyCalendar.Read(text, [.. people.Values]);
        foreach (var error in errors)
            body.Fail(file, "ical", $"{file.Value}: {error}");
        return calendar;
    }

    /// <summary>Days, or <c>2026-10-01..2026-10-07</c>.</summary>
    private static List<DateOnly> Holidays(Section root)
    {
        const int longest = 31;
        var days = new SortedSet<DateOnly>();
        foreach (var text in root.Texts("holidays"))
        {
            var ends = text.Value.Split("..");
            if (ends.Length > 2 || LocalTime.ParseDay(ends[0]) is not { } first || LocalTime.ParseDay(ends[^1]) is not { } last || last < first || last.DayNumber - first.DayNumber >= longest)
                root.Fail(text, "holidays", string.Create(CultureInfo.InvariantCulture, $"'{text.Value}': write a day, 2026-10-01, or {longest} days at most, 2026-10-01..2026-10-07"));
            else
                days.UnionWith(Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays));
        }
        return [.. days];
    }
}
