using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Rules.Families.Reading;

/// <summary>One entry of <c>rules</c>.</summary>
/// <param name="names">All rules of the family and their named steps.</param>
/// <param name="builtIn">The family has no channels: its rules are raised by the service itself.</param>
internal sealed class RuleReader(ConditionTexts conditions, IReadOnlyCollection<string> names, bool builtIn)
{
    private const string Silent = "silent", ServiceRaised = "built_in";

    public Rule Read(YamlText key, Section section, Section parent, int index)
    {
        var name = key.Value;
        if (!Vocabulary.IsName(name))
            parent.Fail(key, name, $"'{name}' is not a rule's name; write lower-case letters, digits and _, a letter first");
        if (name == Vocabulary.UnknownRule)
            parent.Fail(key, name, "'unknown' is the service's own rule for what cannot be told; choose another name");
        if (name == Vocabulary.ResponseOverdueRule && !builtIn)
            parent.Fail(key, name, $"'{name}' is the service's own rule; choose another name");
        var kind = section.Choice("kind", Vocabulary.Kinds) ?? AlarmKind.Alarm;
        var each = Each(section);
        var trigger = Trigger(section);
        var steps = new StepReader(section, conditions, kind, each).Read(trigger);
        var say = section.Text("say");
        var said = say is null ? null : conditions.Template(conditions.Family with { Each = each }, new ConditionText(say, section.Inner("say")));
        var (suppresses, gathers) = (Names(section, "suppresses", name), Names(section, "gathers", name));
        var escalates = section.Text("escalates");
        if (escalates is not null)
            CheckName(section, escalates, "escalates", name);
        foreach (var text in suppresses.Where(text => Vocabulary.NeverSuppressed.Contains(text.Value)))
            section.Fail(text, "suppresses", $"nothing suppresses '{text.Value}': people depend on it; name the rules that '{name}' explains");
        foreach (var text in gathers.Where(text => Vocabulary.NeverSuppressed.Contains(text.Value)))
            section.Fail(text, "gathers", $"'{text.Value}' stands beneath nothing: people depend on it; name the rules that '{name}' makes one alarm of");
        var place = Place(section, steps, each);
        if (gathers.Count > 0 && place is null)
            section.Fail(gathers[0], "gathers", "only a rule of a place gathers; write when: count_in(street, cover_open, 30m) >= 3");
        var rule = new Rule
        {
            Name = name,
            Index = index,
            Title = section.Title("title", "write title: {en: Sump level high, zh: 集水池水位高}") ?? new Title(name, name),
            Trigger = trigger,
            Kind = steps.Count > 0 ? steps[0].Kind : kind,
            Each = each,
            Place = place,
            Steps = steps,
            Unknown = section.Choice("unknown", Vocabulary.UnknownPolicies) ?? UnknownPolicy.Keep,
            Consequence = Consequence(section),
            RespondIn = section.Duration("respond_in"),
            Who = section.Text("who")?.Value,
            Action = section.Title("action"),
            Bring = section.Title("bring"),
            Source = section.Text("source", "say where the limit comes from, such as source: engineering default")?.Value,
            Say = said,
            ResetOnSite = ResetOnSite(section, steps),
            Escalates = escalates?.Value,
            Suppresses = [.. suppresses.Select(text => text.Value)],
            Gathers = [.. gathers.Select(text => text.Value)],
            Line = key.Line,
        };
        RequireWhatAnOperatorNeeds(section, rule);
        section.RefuseOthers();
        return rule;
    }

    private RuleTrigger Trigger(Section section)
    {
        var (when, watch) = (section.Find("when"), section.Find("watch"));
        var text = (when as YamlText)?.Value;
        if (when is not null && watch is not null)
            section.Fail(watch, "watch", "a rule has when, or watch and ladder, not both");
        else if (when is null && watch is null)
            section.Missing("when", builtIn ? "write when: built_in" : "write when: CONDITION, when: silent, or watch and ladder");
        else if (when is not null and not YamlText)
            section.Fail(when, "when", $"expected a condition, found {when.Shown}");
        else if (builtIn != (text == ServiceRaised))
            section.Fail(when ?? watch!, when is null ? "watch" : "when", builtIn ? "a family without channels has only rules with when: built_in" : "only the service's own families have built_in rules; write a condition");
        return text switch { Silent => RuleTrigger.Silence, ServiceRaised => RuleTrigger.BuiltIn, _ => RuleTrigger.Condition };
    }

    private string? Each(Section section)
    {
        if (section.Text("each") is not { } each)
            return null;
        var groups = conditions.Family.Channels.Select(channel => channel.Group).OfType<string>().Distinct().ToArray();
        if (groups.Contains(each.Value))
            return each.Value;
        section.Fail(each, "each", $"no channel has instances '{{{each.Value}}}'{NearestName.Hint(each.Value, groups)}{(groups.Length == 0 ? "" : $"; there are {string.Join(", ", groups)}")}");
        return null;
    }

    /// <summary>The kind of place that the rule is raised for; null where it is a device.</summary>
    private static string? Place(Section section, IReadOnlyList<Step> steps, string? each)
    {
        var conditions = steps.Select(step => step.Condition).OfType<Condition>().ToList();
        if (conditions.Count == 0 || each is not null || !conditions.All(condition => condition.IsOfPlacesAlone))
            return null;
        var places = conditions.SelectMany(condition => condition.Counts).Select(count => count.Place).Distinct().ToList();
        if (places.Count > 1)
            section.Fail(section.Find("when") ?? section.Map, "when", $"counts by {string.Join(" and by ", places)}, and asks nothing of a device: the alarm is one place's; write a rule for each");
        return places[0];
    }

    private IReadOnlyList<YamlText> Names(Section section, string key, string own)
    {
        var listed = section.Texts(key);
        foreach (var text in listed)
            CheckName(section, text, key, own);
        return listed;
    }

    private void CheckName(Section section, YamlText text, string key, string own)
    {
        if (text.Value == own)
            section.Fail(text, key, "a rule does not name itself");
        else if (!names.Contains(text.Value))
            section.Fail(text, key, $"there is no rule or step '{text.Value}' in this family{NearestName.Hint(text.Value, names)}");
    }

    private static string? Consequence(Section section)
    {
        if (section.Text("consequence") is not { } text)
            return null;
        if (!Vocabulary.Consequences.Contains(text.Value))
            section.Fail(text, "consequence", $"'{text.Value}' is not one of {string.Join(", ", Vocabulary.Consequences)}{NearestName.Hint(text.Value, Vocabulary.Consequences)}");
        return text.Value;
    }

    private static bool ResetOnSite(Section section, IReadOnlyList<Step> steps)
    {
        if (section.Text("reset") is not { } reset)
            return false;
        if (reset.Value != "on site")
            section.Fail(reset, "reset", $"'{reset.Value}' is no way to reset; write on site, or leave it out for a reset from the desk");
        if (!steps.Any(step => step.Latched))
            section.Fail(reset, "reset", "only a latched rule is reset; write latched: true");
        return true;
    }

    private static void RequireWhatAnOperatorNeeds(Section section, Rule rule)
    {
        if (!rule.Steps.Any(step => step.Kind == AlarmKind.Alarm))
            return;
        foreach (var (key, why) in new[]
        {
            ("consequence", "an alarm says what happens if nobody responds: life, road closed, damage or comfort"),
            ("respond_in", "an alarm says how soon someone must respond, such as 10m"),
            ("who", "an alarm says who responds"),
            ("action", "an alarm says what to do, in English and Chinese; without an action it is an event"),
        })
        {
            if (section.Find(key) is null)
                section.Missing(key, why);
        }
    }
}
