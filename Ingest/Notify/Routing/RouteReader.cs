using Telemetry.Ingest.Notify.Rota;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Yaml;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Notify.Routing;

/// <summary><c>routes:</c>, the first that fits first.</summary>
/// <param name="positions">Null leaves them unchecked.</param>
internal sealed class RouteReader(
    IReadOnlyCollection<Family> families, IReadOnlyList<Team> teams, IReadOnlyDictionary<string, Person> people, IReadOnlyDictionary<string, Robot> robots, IReadOnlyCollection<string>? positions)
{
    public static readonly IReadOnlyDictionary<string, CalendarKinds> Calendars = new Dictionary<string, CalendarKinds>
    {
        ["work_order"] = CalendarKinds.WorkOrder, ["rain_forecast"] = CalendarKinds.RainForecast, ["holiday"] = CalendarKinds.Holiday,
    };

    // An event calls nobody.
    private static readonly Dictionary<string, AlarmKind> Kinds = new() { ["alarm"] = AlarmKind.Alarm, ["ticket"] = AlarmKind.Ticket };

    public IReadOnlyList<AlarmRoute> Read(Section root)
    {
        var routes = new List<AlarmRoute>();
        if (root.Find("routes") is not { } node)
        {
            root.Missing("routes", "write routes: and beneath it - to: duty");
            return routes;
        }
        foreach (var section in root.Sections("routes"))
        {
            if (routes.Find(route => route.FitsAll) is { } all)
                section.Fail(section.Map, "", $"never reached: route {all.Number} takes everything. Put it last");
            routes.Add(ReadRoute(section, routes.Count + 1));
            section.RefuseOthers();
        }
        if (routes.Count == 0 || !routes[^1].FitsAll)
            root.Fail(node, "routes", "the last route takes what no other one has, so that no alarm is told to nobody: - to: duty");
        return routes;
    }

    private AlarmRoute ReadRoute(Section section, int number)
    {
        var named = Words(section, "family");
        var wanted = Checked(section, "family", named, [.. families.Select(family => family.Name)]);
        var team = To(section);
        return new AlarmRoute
        {
            Number = number,
            Families = wanted,
            Rules = Checked(section, "rule", Words(section, "rule"), [.. RulesOf(wanted).Append(Vocabulary.UnknownRule).Distinct()]),
            Severities = Choices(section, "severity", Vocabulary.Severities),
            Kinds = Choices(section, "kind", Kinds),
            Districts = [.. Words(section, "district").Select(text => text.Value)],
            Streets = [.. Words(section, "street").Select(text => text.Value)],
            Hours = HoursReader.Read(section, "hours"),
            Calendar = Choices(section, "calendar", Calendars).Aggregate(CalendarKinds.None, (all, kind) => all | kind),
            Team = team?.Name ?? "",
            Position = Position(section),
            Steps = Steps(section, team),
            Copies = Checked(section, "copy", Words(section, "copy"), [.. robots.Keys]),
        };
    }

    /// <summary>The alarm of a place stands in the family area, whichever file has its rule.</summary>
    private IEnumerable<string> RulesOf(List<string> wanted) =>
        families.SelectMany(family => family.Rules.Where(rule => wanted.Count == 0 || wanted.Contains(rule.Place is null ? family.Name : Fleet.AreaFamily))).Select(rule => rule.Name);

    private string? Position(Section section)
    {
        if (section.Text("position") is not { } text)
            return null;
        if (positions?.Contains(text.Value) == false)
            section.Fail(text, "position", $"'{text.Value}' is no operator position{NearestName.Hint(text.Value, positions)}; those of Operators:Positions are {string.Join(", ", positions)}");
        return text.Value;
    }

    private Team? To(Section section)
    {
        if (section.Text("to", "name the team that is told: to: duty") is not { } text)
            return null;
        var team = teams.FirstOrDefault(team => team.Name == text.Value);
        if (team is null)
            section.Fail(text, "to", $"'{text.Value}' is no team{NearestName.Hint(text.Value, teams.Select(known => known.Name))}{(people.ContainsKey(text.Value) ? "; a person is told as a team that is always: " + text.Value : "")}");
        return team;
    }

    private List<RouteStep>? Steps(Section section, Team? team)
    {
        if (section.Find("steps") is not { } node)
            return null;
        var steps = new List<RouteStep>();
        foreach (var inner in section.Sections("steps"))
        {
            var after = inner.Duration("after", "write after: 3min, since the alarm was announced");
            var target = Target(inner, team);
            var by = ChannelReader.List(inner, "by");
            inner.RefuseOthers();
            if (after is null || target is null)
                continue;
            if (steps.Count == 0 ? after != 0 : after <= steps[^1].After)
                inner.Fail(inner.Find("after")!, "after", steps.Count == 0 ? "the first step is taken at once; write after: 0min" : "each step comes after the one before it");
            if (by is { Count: > 0 } && team is not null)
                ReachCheck.Missing(inner, "by", by, ReachCheck.Targets(team, target.Value, teams), people);
            steps.Add(new RouteStep(after.Value, target.Value, by));
        }
        if (steps.Count == 0)
            section.Fail(node, "steps", "empty; leave steps: out for those of the severity, or write - {after: 0min, to: on_call}");
        return steps;
    }

    private StepTarget? Target(Section step, Team? team)
    {
        if (step.Text("to", "write to: on_call, next, leader, or a person") is not { } text)
            return null;
        if (text.Value == StepTarget.Leader.Word && team is { Leader: null })
            step.Fail(text, "to", $"the team {team.Name} has no leader; give it one: leader: chen");
        if (StepTarget.Words.Contains(text.Value) || people.ContainsKey(text.Value))
            return new StepTarget(text.Value);
        step.Fail(text, "to", $"'{text.Value}' is none of {string.Join(", ", StepTarget.Words)} and nobody of people{NearestName.Hint(text.Value, people.Keys.Concat(StepTarget.Words))}");
        return null;
    }

    /// <summary>One word, or a list of them.</summary>
    private static IReadOnlyList<YamlText> Words(Section section, string key) => section.Find(key) is YamlText word ? [word] : section.Texts(key);

    private static List<string> Checked(Section section, string key, IReadOnlyList<YamlText> words, IReadOnlyList<string> known)
    {
        foreach (var word in words.Where(word => !known.Contains(word.Value)))
            section.Fail(word, key, $"there is no {(key == "copy" ? "robot" : key)} '{word.Value}'{NearestName.Hint(word.Value, known)}");
        return [.. words.Select(word => word.Value)];
    }

    private static List<T> Choices<T>(Section section, string key, IReadOnlyDictionary<string, T> choices)
    {
        var chosen = new List<T>();
        foreach (var word in Words(section, key))
        {
            if (choices.TryGetValue(word.Value, out var choice))
                chosen.Add(choice);
            else
                section.Fail(word, key, $"'{word.Value}' is not one of {string.Join(", ", choices.Keys)}{NearestName.Hint(word.Value, choices.Keys)}");
        }
        return chosen;
    }
}
