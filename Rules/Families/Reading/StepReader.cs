using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Rules.Families.Reading;

/// <summary>
/// The steps of one rule, lowest first: one for <c>when</c>, a further one for each <c>…_when</c>, or one a rung of its <c>ladder</c>.
/// </summary>
internal sealed class StepReader(Section rule, ConditionTexts conditions, AlarmKind kind, string? each)
{
    private static readonly IReadOnlyDictionary<string, LimitSide> Sides = new Dictionary<string, LimitSide>(StringComparer.Ordinal)
    {
        ["above"] = LimitSide.Above,
        ["at_least"] = LimitSide.AtOrAbove,
        ["below"] = LimitSide.Below,
        ["at_most"] = LimitSide.AtOrBelow,
    };

    private readonly (long On, long Off) _delay = Delay(rule, (0, 0));
    private readonly bool _latched = rule.Flag("latched") ?? false;

    public IReadOnlyList<Step> Read(RuleTrigger trigger)
    {
        var (scope, deadbands) = WithDeadband(rule, conditions.Family with { Each = each }, []);
        return rule.Find("watch") is null ? ReadWhen(trigger, scope, deadbands) : ReadLadder(scope, deadbands);
    }

    private List<Step> ReadWhen(RuleTrigger trigger, ConditionScope scope, IReadOnlyList<ConditionText> deadbands)
    {
        var severity = rule.Choice("severity", Vocabulary.Severities);
        if (severity is null && kind == AlarmKind.Alarm && rule.Find("severity") is null)
            rule.Missing("severity", "write severity: low, medium, high or critical");
        var when = trigger == RuleTrigger.Condition && rule.Find("when") is YamlText text ? new ConditionText(text, rule.Inner("when")) : null;
        var steps = new List<Step> { Make(null, kind, severity ?? Severity.Low, when is null ? null : conditions.All(scope, deadbands, when)) };
        foreach (var (word, upper) in Vocabulary.Severities)
        {
            var key = word + "_when";
            if (rule.Text(key) is not { } condition)
                continue;
            var also = new ConditionText(condition, rule.Inner(key));
            if (kind == AlarmKind.Alarm && upper <= severity)
                rule.Fail(condition, key, $"the rule is {Spelled(severity.Value)} already; {key} names a higher severity");
            steps.Add(Make(null, AlarmKind.Alarm, upper, when is null ? conditions.All(scope, deadbands, also) : conditions.All(scope, deadbands, when, also)) with { Qualifies = true });
        }
        return steps;
    }

    private List<Step> ReadLadder(ConditionScope scope, IReadOnlyList<ConditionText> deadbands)
    {
        var steps = new List<Step>();
        if (rule.Text("watch") is not { } watch)
            return steps;
        var subject = new ConditionText(watch, rule.Inner("watch"));
        var limits = new Dictionary<bool, (YamlText Text, double At, long Delay)>();
        if (rule.Find("ladder") is not YamlList { Items.Count: > 0 } ladder)
        {
            rule.Missing("ladder", "watch needs rungs: ladder: [{above: 2.2 m, severity: high}]");
            return steps;
        }
        for (var i = 0; i < ladder.Items.Count; i++)
        {
            var key = $"ladder[{i}]";
            if (ladder.Items[i] is not YamlMap map)
            {
                rule.Fail(ladder.Items[i], key, $"expected a rung such as {{above: 2.2 m, severity: high}}, found {ladder.Items[i].Shown}");
                continue;
            }
            var rung = rule.Of(map, key);
            if (ReadRung(rung, subject, scope, deadbands) is not { } step)
                continue;
            CheckOrder(rung, step, limits);
            if (steps.Count > 0 && Rank(step).CompareTo(Rank(steps[^1])) < 0)
                rule.Fail(map, key, "ranks below the rung before it; rungs stand from the least severe to the most");
            steps.Add(step);
        }
        return steps;
    }

    private Step? ReadRung(Section rung, ConditionText subject, ConditionScope ruleScope, IReadOnlyList<ConditionText> ruleDeadbands)
    {
        var name = rung.Text("name");
        if (name is not null && !Vocabulary.IsName(name.Value))
            rung.Fail(name, "name", $"'{name.Value}' is not a step's name; write lower-case letters, digits and _, a letter first");
        var ownKind = rung.Choice("kind", Vocabulary.Kinds) ?? kind;
        var severity = rung.Choice("severity", Vocabulary.Severities);
        if (severity is null && ownKind == AlarmKind.Alarm && rung.Find("severity") is null)
            rung.Missing("severity", "each rung has one: low, medium, high or critical");
        var (scope, deadbands) = WithDeadband(rung, ruleScope, ruleDeadbands);
        Condition? condition = null;
        var said = Sides.Where(side => rung.Find(side.Key) is not null).ToArray();
        if (said.Length != 1)
            rung.Missing("the limit", "write one of above, at_least, below, at_most");
        else if (rung.Text(said[0].Key) is { } limit)
            condition = conditions.Limit(scope, deadbands, subject, said[0].Value, new ConditionText(limit, rung.Inner(said[0].Key)));
        var step = Make(name?.Value, ownKind, severity ?? Severity.Low, condition) with { Latched = rung.Flag("latched") ?? _latched };
        (var on, var off) = Delay(rung, _delay);
        rung.RefuseOthers();
        return severity is null && ownKind == AlarmKind.Alarm ? null : step with { OnDelay = on, OffDelay = off };
    }

    /// <summary>A worse rung whose limit is reached before that of a lesser one leaves that one nothing. One that waits longer may ask for less.</summary>
    /// <param name="before">The rungs' latest limits that stand in the file, by whether the value climbs to them.</param>
    private static void CheckOrder(Section rung, Step step, Dictionary<bool, (YamlText Text, double At, long Delay)> before)
    {
        var (key, side) = Sides.FirstOrDefault(side => rung.Find(side.Key) is not null);
        if (step.Condition?.Comparisons is not [{ Channel: { } channel }] || rung.Find(key) is not YamlText text || !Quantity.TryParse(text.Value, out var limit, out _) || !limit.TryIn(channel.Unit, out var at))
            return;
        var isUp = side is LimitSide.Above or LimitSide.AtOrAbove;
        if (before.TryGetValue(isUp, out var lesser) && (isUp ? at < lesser.At : at > lesser.At) && step.OnDelay <= lesser.Delay)
            rung.Fail(text, key, $"'{text.Value}' is reached before the '{lesser.Text.Value}' of a rung before it; rungs stand from the least severe to the most: exchange the two limits");
        before[isUp] = (text, at, step.OnDelay);
    }

    private Step Make(string? name, AlarmKind stepKind, Severity severity, Condition? condition) => new()
    {
        Name = name,
        Kind = stepKind,
        Severity = severity,
        Condition = condition,
        OnDelay = _delay.On,
        OffDelay = _delay.Off,
        Latched = _latched,
    };

    private static (long On, long Off) Delay(Section section, (long On, long Off) inherited)
    {
        if (section.Child("delay") is not { } delay)
            return inherited;
        var (on, off) = (delay.Duration("on"), delay.Duration("off"));
        delay.RefuseOthers();
        return (on ?? inherited.On, off ?? inherited.Off);
    }

    /// <summary>One for all channels that its unit fits (<c>deadband: 0.2 m</c>), or one a channel (<c>deadband: {tilt_angle: 5 deg}</c>).</summary>
    private static (ConditionScope, IReadOnlyList<ConditionText>) WithDeadband(Section section, ConditionScope scope, IReadOnlyList<ConditionText> inherited)
    {
        var node = section.Find("deadband");
        if (node is null)
            return (scope, inherited);
        if (node is YamlText one)
            return (scope with { Deadband = one.Value, Deadbands = new Dictionary<string, string>() }, [new ConditionText(one, section.Inner("deadband"))]);
        if (node is not YamlMap map)
        {
            section.Fail(node, "deadband", $"expected 0.2 m or {{tilt_angle: 5 deg}}, found {node.Shown}");
            return (scope, inherited);
        }
        var texts = new List<ConditionText>();
        var byChannel = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (channel, value) in map.Entries)
        {
            if (value is not YamlText text)
                section.Fail(value, $"deadband.{channel.Value}", $"expected a text such as 5 deg, found {value.Shown}");
            else
            {
                texts.Add(new ConditionText(text, section.Inner($"deadband.{channel.Value}")));
                byChannel[channel.Value] = text.Value;
            }
        }
        return (scope with { Deadband = null, Deadbands = byChannel }, texts);
    }

    private static (int Kind, Severity Severity) Rank(Step step) => (-(int)step.Kind, step.Severity);

    private static string Spelled(Severity severity) => Vocabulary.Severities.First(pair => pair.Value == severity).Key;
}
