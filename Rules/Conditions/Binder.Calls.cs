namespace Telemetry.Rules.Conditions;

internal sealed partial class Binder
{
    private Bound? BindCall(CallNode call) => (call.Name, call.Arguments.Count) switch
    {
        ("any", 1) => BindAny(call),
        ("all", 1) => BindAll(call),
        ("count", 1) => BindCount(call),
        ("sum", 1) => BindOverInstances(call, NumMath.Add),
        ("mean", 1) => BindMean(call),
        ("min", 1) => BindOverInstances(call, NumMath.Smaller),
        ("max", 1) => BindOverInstances(call, NumMath.Larger),
        ("min", > 1) => BindOfSeveral(call, NumMath.Smaller),
        ("max", > 1) => BindOfSeveral(call, NumMath.Larger),
        ("abs", 1) => BindAbs(call),
        ("unknown", 1) => BindUnknown(call),
        _ when Functions.Find(call.Name) is { } function => BindFunction(call, function, call.Arguments),
        _ => Report<Bound>(call, CallMistake(call)),
    };

    private string CallMistake(CallNode call)
    {
        var (name, usage) = Functions.OfThePresent.FirstOrDefault(function => function.Name == call.Name);
        if (name is not null)
            return $"{name} takes other arguments: {usage}";
        return IsKnownName(call.Name) ? $"'{call.Name}' is no function; write it without parentheses" : $"unknown function '{call.Name}'{NearestName.Hint(call.Name, Functions.Names)}";
    }

    private BoundNumber? BindOfSeveral(CallNode call, Func<Num, Num, Num> fold)
    {
        var result = BindNumber(call.Arguments[0]);
        foreach (var argument in call.Arguments.Skip(1))
        {
            var next = BindNumber(argument);
            if (result is null || next is null || !Harmonise(call.Arguments[0], argument, ref result, ref next))
                return null;
            result = Combine(result, next, result.Unit, fold);
        }
        return result;
    }

    private BoundNumber? BindAbs(CallNode call)
    {
        if (BindNumber(call.Arguments[0]) is not { } operand)
            return null;
        var evaluate = operand.Evaluate;
        return operand with { Evaluate = inputs => NumMath.Abs(evaluate(inputs)), Constant = operand.Constant is { } constant ? Math.Abs(constant) : null };
    }

    private BoundCondition? BindUnknown(CallNode call)
    {
        var argument = call.Arguments[0];
        var isValue = argument is LinkNode || (argument is NameNode name && !scope.Words.ContainsKey(name.Name) && Functions.Find(name.Name) is null);
        if (!isValue)
            return Report<BoundCondition>(argument, "unknown(…) asks of one channel or setting: unknown(sump_level)");
        // Nothing but a channel of the device itself can have a value on its way.
        var channel = argument is NameNode own ? scope.Channels.FirstOrDefault(channel => channel.Name == own.Name) : null;
        return Bind(argument) switch
        {
            BoundNumber number => OfState(number.Evaluate),
            BoundState state => OfState(state.Evaluate),
            BoundCondition { Evaluate: var evaluate } => new BoundCondition(inputs => Lost(inputs, evaluate(inputs) is Truth.Unknown or Truth.Absent)),
            _ => null,
        };

        BoundCondition OfState(Func<ConditionInputs, Num> evaluate) =>
            new(inputs => Lost(inputs, evaluate(inputs).State is NumState.Unknown or NumState.Absent));

        Truth Lost(ConditionInputs inputs, bool isLost) => isLost && channel is not null && inputs.MayBeOnItsWay(channel) ? Truth.Unknown : Logic.Of(isLost);
    }

    private Bound? BindFunction(Node node, Function function, IReadOnlyList<Node> arguments)
    {
        if (arguments.Count < function.Required || arguments.Count > function.Arguments.Length)
            return Report<Bound>(node, $"{function.Name} takes other arguments: {function.Usage}");
        _quiet++;
        Unit? unit = null;
        var right = true;
        for (var index = 0; index < arguments.Count; index++)
        {
            right &= CheckArgument(function, function.Arguments[index], arguments[index], out var bound);
            unit ??= (bound as BoundNumber)?.Unit;
        }
        _quiet--;
        if (!right)
            return null;
        return Functions.Elsewhere.Contains(function.Name) ? BindElsewhere(node, function, arguments) : BindOverTime(node, function, arguments, unit);
    }

    private bool CheckArgument(Function function, ArgumentKind kind, Node argument, out Bound? bound)
    {
        bound = null;
        var name = (argument as NameNode)?.Name;
        switch (kind)
        {
            case ArgumentKind.Number:
                return (bound = BindNumber(argument)) is not null;
            case ArgumentKind.Condition:
                return (bound = BindCondition(argument)) is not null;
            case ArgumentKind.Value:
                return (bound = Bind(argument)) is not null;
            case ArgumentKind.RuleOrCondition:
                return IsRule(name) || (bound = BindCondition(argument)) is not null;
            case ArgumentKind.RuleOrValue:
                return IsRule(name) || (bound = Bind(argument)) is not null;
            case ArgumentKind.Rule:
                return IsRule(name) || Report<Bound>(argument, $"'{Quote(argument)}' is no rule of this family{NearestName.Hint(Quote(argument), scope.Rules)}") is not null;
            case ArgumentKind.Place:
                string[] places = [.. Functions.Places, .. scope.Links.Keys];
                return places.Contains(name) || Report<Bound>(argument, $"'{Quote(argument)}' is no place; places are {List(places)}") is not null;
            case ArgumentKind.Duration:
                return argument is NumberNode { Unit: { } given } length && Quantity.Milliseconds(new Quantity(length.Value, given.Text)) > 0
                    || Report<Bound>(argument, $"'{Quote(argument)}' is no duration; write it as in {function.Usage}, in s, m (minutes), h or d") is not null;
            default:
                return argument is TextNode || Report<Bound>(argument, $"'{Quote(argument)}' is no text; write it as in {function.Usage}") is not null;
        }
    }

    private bool IsRule(string? name) => name is not null && scope.Rules.Contains(name);
}
