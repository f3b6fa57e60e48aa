namespace Telemetry.Rules.Conditions;

internal sealed partial class Binder
{
    private BoundCondition? BindNot(UnaryNode node)
    {
        _widening = -_widening;
        var operand = BindCondition(node.Operand);
        _widening = -_widening;
        if (operand is null)
            return null;
        var evaluate = operand.Evaluate;
        return new BoundCondition(inputs => Logic.Not(evaluate(inputs)));
    }

    private BoundCondition? BindChain(ChainNode node)
    {
        // Under a ! it is the other way round.
        var isEndedByAny = (node.Operator == TokenKind.Or) == (_widening < 0);
        _beside += isEndedByAny ? 1 : 0;
        var bound = node.Operands.Select(BindCondition).ToArray();
        _beside -= isEndedByAny ? 1 : 0;
        if (bound.Contains(null))
            return null;
        var parts = Array.ConvertAll(bound, part => part!.Evaluate);
        return node.Operator == TokenKind.Or
            ? new BoundCondition(inputs => AnyOf(parts, inputs))
            : new BoundCondition(inputs => AllOf(parts, inputs));
    }

    private static Truth AnyOf(Func<ConditionInputs, Truth>[] parts, ConditionInputs inputs)
    {
        var result = Truth.Absent;
        foreach (var part in parts)
        {
            result = Logic.Or(result, part(inputs));
            if (result == Truth.True)
                break;
        }
        return result;
    }

    private static Truth AllOf(Func<ConditionInputs, Truth>[] parts, ConditionInputs inputs)
    {
        var result = Truth.True;
        foreach (var part in parts)
        {
            result = Logic.And(result, part(inputs));
            if (result == Truth.False)
                break;
        }
        return result;
    }

    private BoundNumber? BindMinus(UnaryNode node)
    {
        if (BindNumber(node.Operand) is not { } operand)
            return null;
        if (operand.Constant is { } constant)
            return BoundNumber.Of(-constant, operand.Unit);
        var evaluate = operand.Evaluate;
        return operand with { Evaluate = inputs => NumMath.Negate(evaluate(inputs)) };
    }

    private BoundNumber? BindSum(BinaryNode node)
    {
        var (left, right) = (BindNumber(node.Left), BindNumber(node.Right));
        if (left is null || right is null || !Harmonise(node, ref left, ref right))
            return null;
        return Combine(left, right, left.Unit, node.Operator == TokenKind.Plus ? NumMath.Add : NumMath.Subtract);
    }

    private BoundNumber? BindProduct(BinaryNode node)
    {
        var (left, right) = (BindNumber(node.Left), BindNumber(node.Right));
        if (left is null || right is null)
            return null;
        if (node.Operator == TokenKind.Of && left.Unit is not { Dimension: 0 })
            return Report<BoundNumber>(node.Left, "a percentage stands before 'of', such as 20 % of rated_flow");
        var divides = node.Operator == TokenKind.Divide;
        var product = Combine(left, right, null, divides ? NumMath.Divide : NumMath.Multiply);
        return (left.Unit, right.Unit) switch
        {
            (null, null) => product,
            ({ } unit, null) => product with { Unit = unit },
            (null, { } unit) => product with { Unit = divides ? Units.One.Per(unit) : unit },
            // A ratio takes the other's unit, so that 20 % of 5 m is 1 m.
            ({ Dimension: 0 } ratio, { } unit) when !divides => product.Scaled(ratio.Numerator, ratio.Denominator, unit),
            ({ } unit, { Dimension: 0 } ratio) => divides ? product.Scaled(ratio.Denominator, ratio.Numerator, unit) : product.Scaled(ratio.Numerator, ratio.Denominator, unit),
            ({ } unit, { } same) when divides && unit.Fits(same) => product.Scaled(unit.Numerator * same.Denominator, unit.Denominator * same.Numerator, Units.One),
            ({ } unit, { } by) => product with { Unit = divides ? unit.Per(by) : unit.Times(by) },
        };
    }

    private static BoundNumber Combine(BoundNumber left, BoundNumber right, Unit? unit, Func<Num, Num, Num> operation)
    {
        if (left.Constant is { } a && right.Constant is { } b && operation(Num.Of(a), Num.Of(b)) is { State: NumState.Known } folded)
            return BoundNumber.Of(folded.Value, unit);
        var (first, second) = (left.Evaluate, right.Evaluate);
        return new BoundNumber(inputs => operation(first(inputs), second(inputs)), unit)
        {
            Channels = [.. left.Channels, .. right.Channels],
        };
    }

    /// <summary>Both in the first's unit, or an error.</summary>
    private bool Harmonise(BinaryNode node, ref BoundNumber left, ref BoundNumber right) => Harmonise(node.Left, node.Right, ref left, ref right);

    private bool Harmonise(Node leftNode, Node rightNode, ref BoundNumber left, ref BoundNumber right)
    {
        if (left.Unit is { } a && right.Unit is { } b && !a.Fits(b))
        {
            Report<Bound>(rightNode, $"'{Quote(rightNode)}' is in {b.Text} and '{Quote(leftNode)}' in {a.Text}: give both in units of one kind");
            return false;
        }
        var unit = left.Unit ?? right.Unit;
        (left, right) = (left.In(unit), right.In(unit));
        return true;
    }
}
