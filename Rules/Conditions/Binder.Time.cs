using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

internal sealed partial class Binder
{
    // What each source that is being bound is made of so far.
    private readonly Stack<(HashSet<Channel> Channels, HashSet<Source> Parts)> _made = new();

    /// <param name="unit">Of the first argument that is a number.</param>
    private Bound? BindOverTime(Node node, Function function, IReadOnlyList<Node> arguments, Unit? unit)
    {
        if (function.Name == "newer")
            return BindNewer(arguments);
        if (function.Name == "sequence")
            return BindSequence(arguments);
        if (function.Name == "alarm")
            return BindAlarm(node, ((NameNode)arguments[0]).Name, arguments.Count > 1 ? Milliseconds(arguments[1]) : 0);
        var span = arguments.Count > 1 ? Milliseconds(arguments[1]) : 0;
        if (SourceOf(arguments[0]) is not { } source)
            return null;
        var hold = source.Hold;
        switch (function.Name)
        {
            case "rate":
                source.KeepFor(span);
                return Number(inputs => Windows.Rate(inputs.Trace(source), inputs.At, span, hold), (unit ?? Units.One).Per(Units.Second));
            case "increase" when source.Channel is { Type: ChannelType.Counter }:
                source.KeepFor(span);
                return Number(inputs => Windows.Count(inputs.Trace(source), inputs.At, span, hold), unit);
            case "increase":
                source.KeepFor(span);
                return Number(inputs => Windows.Climb(inputs.Trace(source), inputs.At, span, hold), unit);
            case "mean":
                source.KeepFor(span);
                return Number(inputs => Windows.Mean(inputs.Trace(source), inputs.At, span, hold), unit);
            case "lowest" or "highest":
                source.KeepFor(span);
                Func<double, double, double> further = function.Name == "lowest" ? Math.Min : Math.Max;
                return Number(inputs => Windows.Furthest(inputs.Trace(source), inputs.At, span, hold, further), unit);
            case "total":
                source.KeepFor(span);
                return Number(inputs => Windows.Total(inputs.Trace(source), inputs.At, span, hold), unit);
            case "reports":
                source.KeepFor(span);
                return Number(inputs => Windows.Reports(inputs.Trace(source), inputs.At, span), Units.One);
            case "rising" or "falling":
                source.KeepFor(span);
                var least = Num.Of(function.Name == "rising" ? Noise(source) : -Noise(source));
                return function.Name == "rising"
                    ? Condition(inputs => NumMath.Greater(Windows.Difference(inputs.Trace(source), inputs.At, span, hold), least, orEqual: false))
                    : Condition(inputs => NumMath.Greater(least, Windows.Difference(inputs.Trace(source), inputs.At, span, hold), orEqual: false));
            case "stuck":
                return Condition(inputs => Windows.Stuck(inputs.Trace(source), inputs.At, span, hold));
            case "changed":
                source.WakeAfter(span);
                return Condition(inputs => Windows.Changed(inputs.Trace(source), inputs.At, span, hold));
            case "held":
                source.WakeAfter(span);
                return Condition(inputs => Windows.Held(inputs.Trace(source), inputs.At, span, hold));
            case "times":
                source.KeepFor(span);
                return Number(inputs => Windows.Times(inputs.Trace(source), inputs.At, span), Units.One);
            default:
                return Number(inputs => Windows.Last(inputs.Trace(source)), unit);
        }

        BoundNumber Number(Func<ConditionInputs, Num> evaluate, Unit? of) => new(evaluate, of) { Channels = [.. source.Channels] };
    }

    private static BoundCondition Condition(Func<ConditionInputs, Truth> evaluate) => new(evaluate);

    private BoundCondition? BindNewer(IReadOnlyList<Node> arguments)
    {
        if (SourceOf(arguments[0]) is not { } source)
            return null;
        var isAlarm = arguments[1] is NameNode { Name: var name } && IsRule(name);
        if ((isAlarm ? AlarmOf(arguments[1], ((NameNode)arguments[1]).Name) : SourceOf(arguments[1])) is not { } than)
            return null;
        return Condition(inputs => Windows.Newer(inputs.Trace(source), inputs.Trace(than)));
    }

    private BoundCondition? BindSequence(IReadOnlyList<Node> arguments)
    {
        if (SourceOf(arguments[0]) is not { } first || SourceOf(arguments[1]) is not { } second)
            return null;
        var span = Milliseconds(arguments[2]);
        foreach (var source in (Source[])[first, second])
        {
            source.KeepFor(span);
            source.WakeAfter(span);
        }
        return Condition(inputs => Windows.Sequence(inputs.Trace(first), inputs.Trace(second), inputs.At, span));
    }

    private BoundCondition? BindAlarm(Node node, string rule, long span)
    {
        if (AlarmOf(node, rule) is not { } source)
            return null;
        source.WakeAfter(span);
        return Condition(inputs => Windows.Alarm(inputs.Trace(source), inputs.At, span));
    }

    /// <summary>The alarm of a rule, or of a named step, of the same device.</summary>
    private Source? AlarmOf(Node node, string rule)
    {
        var group = scope.RuleGroups.GetValueOrDefault(rule);
        if (group is not null && !EnterGroup(node, group))
            return null;
        return Use(scope.Sources.Get($"alarm({rule})", group, index => new Source
        {
            Index = index, Text = rule, Group = group, Channels = [], Parts = [], Evaluate = _ => Num.Absent, ChangesOnly = true, Rule = rule,
        }));
    }

    private Source? SourceOf(Node node)
    {
        var (group, widening) = (_group, _widening);
        (_group, _widening) = (null, 0);
        _made.Push(([], []));
        var bound = Bind(node);
        var (channels, parts) = _made.Pop();
        var own = _group;
        (_group, _widening) = (own ?? group, widening);
        if (bound is null)
            return null;
        var evaluate = bound switch
        {
            BoundNumber number => number.Evaluate,
            BoundState state => state.Evaluate,
            BoundCondition condition => inputs => AsNumber(condition.Evaluate(inputs)),
            _ => throw new InvalidOperationException($"'{Quote(node)}' has no value"),
        };
        var text = string.Join(' ', Quote(node).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return Use(scope.Sources.Get(text, own, index => new Source
        {
            Index = index,
            Text = text,
            Group = own,
            Channels = channels,
            Parts = parts,
            Evaluate = evaluate,
            ChangesOnly = bound is not BoundNumber,
            Channel = node switch
            {
                NameNode name => FindChannel(name.Name),
                LinkNode => channels.Single(),
                _ => null,
            },
            Hold = channels.Select(channel => channel.Hold).Min(),
        }));
    }

    private Source Use(Source source)
    {
        if (_quiet == 0 && !_elsewhere && !Sources.Contains(source))
            Sources.Add(source);
        foreach (var made in _made)
            made.Parts.Add(source);
        return source;
    }

    /// <summary>Half of the smallest change that the device promises to report: less is no movement.</summary>
    private static double Noise(Source source) =>
        source.Channel?.OnChange is { } text && Quantity.TryParse(text, out var quantity, out _) && quantity.Unit is null ? quantity.Value / 2 : 0;

    private static long Milliseconds(Node node) => node is NumberNode { Unit: { } unit } number ? Quantity.Milliseconds(new Quantity(number.Value, unit.Text)) ?? 0 : 0;
}
