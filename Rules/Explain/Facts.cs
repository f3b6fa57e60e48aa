using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Families.Plain;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Explain;

/// <summary>What a rule looked at, and what it made of it.</summary>
internal sealed class Facts
{
    private readonly Question _question;
    private readonly Rule _rule;
    private readonly PastView _then;
    private readonly PastView? _now;
    private readonly int _instance;

    /// <param name="then">With the readings that were known then.</param>
    /// <param name="now">With those that came later, too; null where none did.</param>
    public Facts(Question question, Rule rule, PastView then, PastView? now, int instance)
    {
        (_question, _rule, _then, _now, _instance) = (question, rule, then, now, instance);
        Steps = rule.Trigger == RuleTrigger.Silence ? [] : [.. rule.Steps.Select(StepOf)];
        Comparisons = [.. rule.Steps.SelectMany((step, index) => ComparisonsOf(step, index)).DistinctBy(comparison => (comparison.Text, comparison.Channel))];
        Channels = [.. rule.Steps.SelectMany(step => step.Condition?.Channels ?? []).Distinct().SelectMany(ChannelsOf)];
        Settings = [.. rule.Steps.SelectMany(step => step.Condition?.Settings ?? []).Distinct().Select(SettingOf)];
    }

    public IReadOnlyList<ExplainedStep> Steps { get; }

    public IReadOnlyList<ExplainedComparison> Comparisons { get; }

    public IReadOnlyList<ExplainedChannel> Channels { get; }

    public IReadOnlyList<ExplainedSetting> Settings { get; }

    /// <summary>With the readings that came later some step stands.</summary>
    public bool StandsLater => _now is not null && _rule.Steps.Where((_, step) => _now.StepOf(_rule, _instance, step).Stands).Any();

    /// <summary>With the readings that came later no step is unknown.</summary>
    public bool IsKnownLater => _now is not null && _rule.Steps.Select((_, step) => _now.StepOf(_rule, _instance, step).Truth).All(truth => truth is Truth.True or Truth.False);

    public static string Word(Truth truth) => truth switch { Truth.True => "true", Truth.False => "false", Truth.Unknown => "unknown", _ => "absent" };

    private ExplainedStep StepOf(Step step, int index)
    {
        var (truth, since, due, stands) = _then.StepOf(_rule, _instance, index);
        var plain = step.Condition is { } condition
            ? new Title(new PlainCondition(_question.Family, English.Phrases).Of(condition.Text), new PlainCondition(_question.Family, Chinese.Phrases).Of(condition.Text))
            : _rule.Title;
        var counts = Limits.CountsElsewhere(step);
        return new ExplainedStep(
            step.Name, step.Condition?.Text ?? _rule.Name, plain, counts ? "unknown" : Word(truth), _now is null || counts ? null : Word(_now.StepOf(_rule, _instance, index).Truth),
            counts ? null : since, step.OnDelay, counts ? null : due, stands && !counts);
    }

    private IEnumerable<ExplainedComparison> ComparisonsOf(Step step, int index)
    {
        if (step.Condition is null || _rule.Trigger == RuleTrigger.Silence || Limits.CountsElsewhere(step) || _then.InputsOf(_rule, _instance, index) is not { } inputs)
            yield break;
        foreach (var comparison in step.Condition.Comparisons)
        {
            var outer = inputs.Instance;
            var states = StatesOf(comparison, step.Condition);
            foreach (var instance in comparison.Group is { } group ? inputs.Instances(group).ToArray() : [outer])
            {
                inputs.Instance = instance;
                var (channel, holds) = (comparison.Channel, Word(comparison.Holds(inputs)));
                var (value, limit) = (comparison.Value(inputs), comparison.Limit(inputs));
                inputs.Instance = outer;
                yield return new ExplainedComparison(
                    comparison.Text, channel is null ? null : NameOf(channel, channel.Group is null ? 0 : instance), Shown(value, channel, states), Shown(limit, channel, states), channel?.Unit, holds);
            }
        }
    }

    /// <summary>Of the setting that is compared, the names of its states; none where it has none, or a channel is compared.</summary>
    private static IReadOnlyList<string> StatesOf(Comparison comparison, Condition condition) =>
        comparison.Channel is null && condition.Settings.FirstOrDefault(setting => comparison.Text.StartsWith(setting.Name + " ", StringComparison.Ordinal)) is { } compared ? compared.States : [];

    private IEnumerable<ExplainedChannel> ChannelsOf(Channel channel)
    {
        var instances = channel.Group is not { } group ? [0] : group == _rule.Each ? [_instance] : _then.InstancesOf(group).ToArray();
        foreach (var instance in instances)
        {
            var (slot, entry) = _then.NewestOf(channel, instance);
            var name = NameOf(channel, instance);
            if (!slot.Present)
            {
                yield return new ExplainedChannel(name, null, channel.Unit, null, null, null, null, channel.Hold, false);
                continue;
            }
            var counts = slot.At(channel, _question.At).State is NumState.Known or NumState.Over;
            var jump = _then.JumpOf(channel, instance) is { } waits ? new ExplainedJump(waits.Value.Value, waits.Value.Time, waits.Value.Time + Jump.Wait) : null;
            yield return new ExplainedChannel(name, Shown(Num.Of(slot.Value), channel), channel.Unit, slot.Quality, slot.Time, entry?.Time, _question.At - slot.Time, channel.Hold, counts, jump);
        }
    }

    private ExplainedSetting SettingOf(Setting setting)
    {
        var value = _then.SettingOf(setting);
        var model = _question.Device.Model is { } name && _question.Family.Models.TryGetValue(name, out var known) && known.Settings.ContainsKey(setting.Index);
        object? shown = double.IsNaN(value) ? null : setting.IsHours ? OpenHours.Shown(value) : setting.States.Count > 0 ? setting.States[(int)value] : value;
        var of = double.IsNaN(value) ? null : _question.Device.Settings.ContainsKey(setting.Name) ? "device" : model ? "model" : "family";
        return new ExplainedSetting(setting.Name, shown, setting.Unit, of);
    }

    private static string NameOf(Channel channel, int instance) =>
        channel.Link is { } role ? $"{role}.{channel.Name}" : instance == 0 ? channel.Name : FormattableString.Invariant($"{channel.Name}.{instance}");

    private static object? Shown(Num number, Channel? channel, IReadOnlyList<string>? states = null)
    {
        if (number.State is NumState.Unknown or NumState.Absent || !double.IsFinite(number.Value))
            return null;
        if (states is { Count: > 0 })
            return states.ElementAtOrDefault((int)number.Value);
        return channel?.Type switch
        {
            ChannelType.Boolean => number.Value != 0,
            ChannelType.State => channel.States.ElementAtOrDefault((int)number.Value),
            // What a limit is computed from is not always what a person would write: 2.8000000000000003.
            _ => Math.Round(number.Value, 9),
        };
    }
}
