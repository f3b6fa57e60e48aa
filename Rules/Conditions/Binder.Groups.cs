namespace Telemetry.Rules.Conditions;

internal sealed partial class Binder
{
    /// <summary>What an <c>any(…)</c> or its like runs over, once a channel within it has said so; null outside.</summary>
    private Frame? _frame;

    /// <summary>The group whose one instance the part that is being bound looks at; null so far.</summary>
    private string? _group;

    private sealed class Frame
    {
        public string? Group { get; set; }
    }

    /// <summary>A channel with instances needs one instance at a time.</summary>
    private bool EnterGroup(Node node, string group)
    {
        if (_frame is { Group: null })
            _frame.Group = group;
        var current = _frame is null ? scope.Each : _frame.Group;
        if (current == group)
        {
            _group = group;
            return true;
        }
        Report<Bound>(node, current is null
            ? $"there is one '{Quote(node)}' per {group}; write any({Quote(node)}), all(…), count(…) or sum(…), or give the rule 'each: {group}'"
            : $"there is one '{Quote(node)}' per {group}, but this runs over each {current}");
        return false;
    }

    /// <summary>Binds what is asked of each instance, and finds out of which group.</summary>
    private (T? Body, string? Group) BindPerInstance<T>(CallNode call, Func<Node, T?> bind)
        where T : Bound
    {
        var (outer, outerGroup) = (_frame, _group);
        var frame = _frame = new Frame();
        var firstComparison = Comparisons.Count;
        var body = bind(call.Arguments[0]);
        (_frame, _group) = (outer, outerGroup);
        if (body is null)
            return (null, null);
        if (frame.Group is null)
        {
            Report<Bound>(call.Arguments[0], $"'{Quote(call.Arguments[0])}' has no channel with instances for {call.Name}(…) to run over");
            return (null, null);
        }
        for (var index = firstComparison; index < Comparisons.Count; index++)
            Comparisons[index] = Comparisons[index] with { Group = Comparisons[index].Group ?? frame.Group };
        return (body, frame.Group);
    }

    private BoundCondition? BindAny(CallNode call)
    {
        var (body, group) = BindPerInstance(call, BindCondition);
        return body is null ? null : body with { Evaluate = Folded(body.Evaluate, group!, Truth.True, Logic.Or) };
    }

    private BoundCondition? BindAll(CallNode call)
    {
        var (body, group) = BindPerInstance(call, BindCondition);
        return body is null ? null : body with { Evaluate = Folded(body.Evaluate, group!, Truth.False, Logic.And) };
    }

    /// <summary>Over the instances that have a truth of their own; absent where none has.</summary>
    private static Func<ConditionInputs, Truth> Folded(Func<ConditionInputs, Truth> body, string group, Truth settled, Func<Truth, Truth, Truth> fold) => inputs =>
    {
        var outer = inputs.Instance;
        var result = Truth.Absent;
        foreach (var instance in inputs.Instances(group))
        {
            inputs.Instance = instance;
            var truth = body(inputs);
            if (truth == Truth.Absent)
                continue;
            result = result == Truth.Absent ? truth : fold(result, truth);
            if (result == settled)
                break;
        }
        inputs.Instance = outer;
        return result;
    };

    private BoundNumber? BindCount(CallNode call)
    {
        if (call.Arguments[0] is NameNode { Name: var name } && !IsKnownName(name) && scope.Channels.Any(channel => channel.Group == name))
            return new BoundNumber(inputs => inputs.Instances(name).Length is > 0 and var length ? Num.Of(length) : Num.Absent, Units.One);
        var (body, group) = BindPerInstance(call, BindCondition);
        if (body is null)
            return null;
        var evaluate = body.Evaluate;
        return new BoundNumber(Summed(inputs => AsNumber(evaluate(inputs)), group!, NumMath.Add), Units.One);
    }

    private static Num AsNumber(Truth truth) => truth switch
    {
        Truth.True => Num.Of(1),
        Truth.False => Num.Of(0),
        Truth.Unknown => Num.Unknown,
        _ => Num.Absent,
    };

    private BoundNumber? BindOverInstances(CallNode call, Func<Num, Num, Num> fold)
    {
        var (body, group) = BindPerInstance(call, BindNumber);
        return body is null ? null : body with { Evaluate = Summed(body.Evaluate, group!, fold), Constant = null };
    }

    private BoundNumber? BindMean(CallNode call)
    {
        var (body, group) = BindPerInstance(call, BindNumber);
        if (body is null)
            return null;
        var sum = Summed(body.Evaluate, group!, NumMath.Add);
        var evaluate = body.Evaluate;
        var count = Summed(inputs => evaluate(inputs).State == NumState.Absent ? Num.Absent : Num.Of(1), group!, NumMath.Add);
        return body with { Evaluate = inputs => NumMath.Divide(sum(inputs), count(inputs)), Constant = null };
    }

    /// <summary>Over the instances that are not absent; absent where all are.</summary>
    private static Func<ConditionInputs, Num> Summed(Func<ConditionInputs, Num> body, string group, Func<Num, Num, Num> fold) => inputs =>
    {
        var outer = inputs.Instance;
        var result = Num.Absent;
        foreach (var instance in inputs.Instances(group))
        {
            inputs.Instance = instance;
            var number = body(inputs);
            if (number.State != NumState.Absent)
                result = result.State == NumState.Absent ? number : fold(result, number);
        }
        inputs.Instance = outer;
        return result;
    };
}
