using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Families.Plain;

/// <summary>A rule in plain sentences: what it raises and when, how it ends, who responds, and what it needs to know.</summary>
public static class PlainRule
{
    public static IReadOnlyList<string> InEnglish(Family family, Rule rule) => Sentences(family, rule, English.Phrases);

    public static IReadOnlyList<string> InChinese(Family family, Rule rule) => Sentences(family, rule, Chinese.Phrases);

    private static List<string> Sentences(Family family, Rule rule, Phrases phrases)
    {
        var conditions = new PlainCondition(family, phrases);
        var sentences = new List<string>();
        foreach (var step in rule.Steps)
            sentences.Add(Raising(rule, step, conditions, phrases));
        if (rule.Each is { } each)
            sentences.Add(Phrases.Fill(phrases.Each, each));
        if (rule.Escalates is { } escalated)
            sentences.Add(Phrases.Fill(phrases.Escalates, Titles(family, [escalated], phrases)));
        if (rule.Kind != AlarmKind.Event || rule.Steps.Count > 1)
            sentences.Add(Ending(rule, phrases));
        if (rule.Trigger == RuleTrigger.Condition)
            sentences.Add(rule.Unknown == UnknownPolicy.Keep ? phrases.UnknownKeep : Phrases.Fill(phrases.UnknownRaises, Called(rule.Unknown == UnknownPolicy.Alarm ? AlarmKind.Alarm : AlarmKind.Ticket, null, phrases)));
        if (rule.Suppresses.Count > 0)
            sentences.Add(Phrases.Fill(phrases.Suppresses, Titles(family, rule.Suppresses, phrases)));
        if (rule.Gathers.Count > 0)
            sentences.Add(Phrases.Fill(phrases.Gathers, Titles(family, rule.Gathers, phrases)));
        if (rule is { Who: { } who, RespondIn: { } within, Consequence: { } consequence })
            sentences.Add(Phrases.Fill(phrases.Responds, who, phrases.Duration(within), phrases.Term(consequence)));
        if (rule.Action is { } action)
            sentences.Add(Phrases.Fill(phrases.ToDo, phrases.Of(action)));
        if (rule.Bring is { } bring)
            sentences.Add(Phrases.Fill(phrases.ToBring, phrases.Of(bring)));
        // A word may use words.
        for (var i = 0; i < conditions.Words.Count; i++)
            sentences.Add(Phrases.Fill(phrases.Where, $"“{conditions.Words[i]}”", conditions.Of(family.Words[conditions.Words[i]])));
        sentences.AddRange(Needs(rule, phrases));
        return sentences;
    }

    private static string Raising(Rule rule, Step step, PlainCondition conditions, Phrases phrases)
    {
        var called = Called(step.Kind, step, phrases);
        if (step.Condition is not { } condition)
            return Phrases.Fill(rule.Trigger == RuleTrigger.Silence ? phrases.Silent : phrases.BuiltIn, called);
        var text = condition.Text;
        if (step.Qualifies || rule.Trigger == RuleTrigger.Silence)
        {
            // Its text is that of the first step and its own.
            var first = rule.Steps[0].Condition is { } lowest ? $"({lowest.Text}) && " : "";
            return Phrases.Fill(phrases.Qualifies, called, conditions.Of(text.StartsWith(first, StringComparison.Ordinal) ? text[first.Length..] : text));
        }
        return step.OnDelay == 0
            ? Phrases.Fill(phrases.Raises, called, conditions.Of(text))
            : Phrases.Fill(phrases.RaisesDelayed, called, conditions.Of(text), phrases.Duration(step.OnDelay));
    }

    private static string Ending(Rule rule, Phrases phrases)
    {
        if (rule.Steps.Any(step => step.Latched))
            return rule.ResetOnSite ? phrases.LatchedOnSite : phrases.Latched;
        var delay = rule.Steps[0].OffDelay;
        return delay == 0 ? phrases.Clears : Phrases.Fill(phrases.ClearsDelayed, phrases.Duration(delay));
    }

    private static IEnumerable<string> Needs(Rule rule, Phrases phrases)
    {
        foreach (var channel in rule.Steps.SelectMany(step => step.Condition?.Channels ?? []).Distinct())
        {
            var name = channel.Link is { } role ? $"{role}.{channel.Name}" : channel.Group is { } group ? $"{channel.Name}.{{{group}}}" : channel.Name;
            yield return Phrases.Fill(phrases.NeedsChannel, name, Joined(phrases, phrases.Of(channel.Title), PlainCondition.UnitText(channel.Unit)));
        }
        foreach (var setting in rule.Steps.SelectMany(step => step.Condition?.Settings ?? []).Distinct())
        {
            var what = Joined(phrases, phrases.Of(setting.Title), PlainCondition.UnitText(setting.Unit));
            yield return setting.Default is not { } value
                ? Phrases.Fill(phrases.MustBeSet, setting.Name, what)
                : Phrases.Fill(phrases.NeedsSetting, setting.Name, what, setting.IsHours ? OpenHours.Shown(value) : setting.States.Count > 0 ? setting.States[(int)value] : PlainCondition.Amount(value, setting.Unit));
        }
    }

    private static string Joined(Phrases phrases, string title, string unit) => unit.Length == 0 ? title : title + phrases.Comma + unit;

    private static string Called(AlarmKind kind, Step? step, Phrases phrases)
    {
        var name = kind switch { AlarmKind.Alarm => "alarm", AlarmKind.Ticket => "ticket", _ => "event" };
        var term = phrases.Term(name);
        if (kind == AlarmKind.Alarm && step is not null)
            term = Phrases.Fill(phrases.Graded, phrases.Term(step.Severity.ToString().ToLowerInvariant()), term);
        if (step?.Name is { } own)
            term += $" ({own})";
        // English has an article.
        return ReferenceEquals(phrases, English.Phrases) ? (name[0] is 'a' or 'e' && term.StartsWith(name, StringComparison.Ordinal) ? "an " : "a ") + term : term;
    }

    private static string Titles(Family family, IEnumerable<string> names, Phrases phrases) =>
        string.Join(phrases.Comma, names.Select(name => family.Rules.FirstOrDefault(rule => rule.Name == name) is { } rule ? $"“{phrases.Of(rule.Title)}”" : name));
}
