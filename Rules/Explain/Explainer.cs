using Telemetry.Rules.Alarms;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Explain;

/// <summary>Answers a <see cref="Question"/> from the log: the journal says what stood, the readings say why, or why not.</summary>
public static class Explainer
{
    /// <summary>Milliseconds before the moment that are looked at in any case: since when something holds is known so far back.</summary>
    private const long LooksAt = 3_600_000;

    private const int MostLater = 100;

    /// <exception cref="ArgumentException">The family has no such rule.</exception>
    public static Explained Explain(Question question)
    {
        var plan = new FamilyPlan(question.Family);
        var rule = question.Rule == plan.Unknown.Name ? plan.Unknown
            : question.Family.Rules.FirstOrDefault(rule => rule.Name == question.Rule) ?? throw new ArgumentException(question.Rule, nameof(question));
        var standing = Standing.At(question.Journal, question.Device.Id, rule.Name, question.Instance, question.At);
        var notEvaluated = WhyNotEvaluated(question, rule);
        if (notEvaluated is not null && standing is not { WasKnown: true })
            return new Explained { Answer = Reason.NotEvaluated, Sentence = notEvaluated, Instance = question.Instance, Limits = Limits.Of(question, rule) };

        var rules = Asked(question.Family, rule);
        var begin = PastReadings.LastLookBefore(question, question.At - Math.Max(LooksAt, rules.Max(FamilyPlan.WarmUpOf)));
        var channels = rules.SelectMany(asked => asked.Steps).SelectMany(step => step.Condition?.Channels ?? []).Select(channel => channel.Name).ToHashSet(StringComparer.Ordinal);
        var readings = new PastReadings(question, begin - rules.Max(FamilyPlan.WarmUpOf), begin, channels);
        var then = new PastView(question, rule, readings, readings.WasKnown, begin);
        var later = readings.Entries.Where(entry => !readings.WasKnown(entry)).ToList();
        var now = later.Count == 0 ? null : new PastView(question, rule, readings, _ => true, begin);
        var instance = rule.Each is null ? 0 : question.Instance > 0 ? question.Instance : standing is not null ? Standing.InstanceOf(standing.Alarm) : Nearest(then, rule);
        if (rule.Escalates is { } lifted)
            standing ??= Standing.At(question.Journal, question.Device.Id, lifted, 0, question.At) is { WasKnown: true } other && other.Alarm.EscalatedBy == rule.Name ? other : null;

        var facts = new Facts(question, rule, then, now, instance);
        var reason = rule.Trigger == RuleTrigger.Silence ? Silence.ReasonOf(question, standing, then, now) : ReasonOf(question, rule, standing, facts, then, now);
        if (reason == Reason.Event)
            standing = Standing.LastEvent(question.Journal, question.Device.Id, rule.Name, question.Instance, question.At) is { } last ? new Standing(last, [], true) : null;
        var ofRule = later.Where(entry => rule.Trigger != RuleTrigger.Condition || entry.Reading.Values.Any(value => channels.Contains(value.Channel.Split('.')[0]))).ToList();
        var answer = new Explained
        {
            Answer = reason,
            Sentence = new Title("", ""),
            Instance = instance,
            Alarm = standing?.Alarm,
            Transitions = standing?.Transitions ?? [],
            Conditions = rule.Trigger == RuleTrigger.Silence ? [Silence.StepOf(question, standing, then, now)] : facts.Steps,
            Comparisons = facts.Comparisons,
            Channels = facts.Channels,
            Settings = facts.Settings,
            ReadingsLater = [.. ofRule.TakeLast(MostLater).Select(entry => new LaterReading(entry.Reading.Device, entry.Reading.EventTime, entry.Time, entry.Reading.Sequence, entry.Reading.Values))],
            ReadingsLaterCount = ofRule.Count,
            Limits = Limits.Of(question, rule),
        };
        return answer with { Sentence = Sentences.Of(question.At, rule, answer, standing) };
    }

    /// <summary>For what no device of the register stands for, a gateway, a place, the service: what the journal says, and no more.</summary>
    public static Explained FromJournal(string subject, Rule rule, long at, IReadOnlyList<AlarmTransition> journal)
    {
        var standing = Standing.At(journal, subject, rule.Name, 0, at);
        var reason = Stood(standing) ?? (standing is { WasKnown: false } ? Reason.AlarmStood : Reason.ConditionFalse);
        var answer = new Explained { Answer = reason, Sentence = rule.Title, Alarm = standing?.Alarm, Transitions = standing?.Transitions ?? [], Limits = ["journal: the alarm of what is no device is told from the journal alone"] };
        return answer with { Sentence = Sentences.Of(at, rule, answer, standing) };
    }

    private static Reason ReasonOf(Question question, Rule rule, Standing? standing, Facts facts, PastView then, PastView? now)
    {
        if (Stood(standing) is { } stood)
            return stood;
        if (standing is { WasKnown: false })
            return now is null ? Reason.AlarmStood : Reason.DataLate;
        var (steps, gatewayDown) = (facts.Steps, GatewayIsDown(question, then));
        if (!then.Heard.Any() && steps.All(step => step.Truth is "absent" or "unknown"))
            return now is not null ? Reason.DataLate : gatewayDown ? Reason.GatewayDown : Reason.NoDataYet;
        if (steps.Any(step => step.Stands))
            return rule.Steps.All(step => step.Kind == AlarmKind.Event) ? Reason.Event : Reason.NotEvaluated;
        if (now is not null && facts.StandsLater)
            return Reason.DataLate;
        if (steps.Any(step => step.Truth == "true"))
            return Reason.DelayRunning;
        if (steps.Any(step => step.Truth == "unknown"))
            return facts.IsKnownLater ? Reason.DataLate : gatewayDown ? Reason.GatewayDown : Reason.ConditionUnknown;
        return steps.Any(step => step.Truth == "false") ? Reason.ConditionFalse : Reason.NoDataYet;
    }

    /// <summary>What the journal alone says; null where nothing stood.</summary>
    internal static Reason? Stood(Standing? standing) => standing switch
    {
        null or { WasKnown: false } or { Alarm.Underlying: AlarmState.Normal } => null,
        { Alarm.Mode: not null } => Reason.TestOrDrill,
        { Alarm.State: AlarmState.Shelved } => Reason.Shelved,
        { Alarm.State: AlarmState.Suppressed } => Reason.Suppressed,
        { Alarm.State: AlarmState.OutOfService } => Reason.OutOfService,
        _ => Reason.AlarmStood,
    };

    /// <summary>By the journal, the gateway that the device was heard through last was offline.</summary>
    internal static bool GatewayIsDown(Question question, PastView then) =>
        (then.Heard.LastOrDefault()?.Reading.Gateway ?? question.Device.Gateway) is { } gateway && Standing.At(question.Journal, gateway, "offline", 0, question.At) is { WasKnown: true, Alarm: { Family: "gateway", Holds: true } };

    private static Title? WhyNotEvaluated(Question question, Rule rule) => (rule, question.Device) switch
    {
        ({ Place: { } place }, _) => new Title($"The rule is judged for a whole {place}, not for a device: ask with the place's id as device.", $"该规则按整个区域（{place}）判断，不针对单台设备：请用区域编号查询。"),
        (_, { State: "commissioning" }) => new Title("The device is in commissioning: its rules are not evaluated.", "设备处于调试状态：不计算其规则。"),
        _ when question.AwaitsAdoption => new Title("The device is provisional and waits for adoption: its rules are not evaluated.", "设备为临时登记，等待确认：不计算其规则。"),
        _ => null,
    };

    /// <summary>The rule, and those whose alarms it asks for.</summary>
    private static List<Rule> Asked(Family family, Rule rule)
    {
        var asked = new List<Rule> { rule };
        for (var i = 0; i < asked.Count; i++)
        {
            var names = asked[i].Steps.SelectMany(step => step.Condition?.Sources ?? []).Select(source => source.Rule).OfType<string>();
            asked.AddRange(names.SelectMany(name => family.Rules.Where(other => other.Name == name || other.Steps.Any(step => step.Name == name))).Except(asked));
        }
        if (rule.Trigger == RuleTrigger.BuiltIn)
            asked.AddRange(family.Rules.Where(other => other.Unknown != UnknownPolicy.Keep));
        return asked;
    }

    /// <summary>Of the instances, the one that was nearest to an alarm; 0 where there is none.</summary>
    private static int Nearest(PastView then, Rule rule) =>
        then.Instances(rule).OrderByDescending(instance => rule.Steps.Select((_, step) => then.StepOf(rule, instance, step)).Max(state => state.Stands ? 4 : state.Truth switch { Truth.True => 3, Truth.Unknown => 2, Truth.False => 1, _ => 0 })).FirstOrDefault();
}
