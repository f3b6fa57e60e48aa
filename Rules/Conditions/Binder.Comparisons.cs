using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

internal sealed partial class Binder
{
    /// <summary>
    /// How a standing alarm shifts a comparison by its deadband: 1 makes it hold longer, -1 (under a <c>!</c>) fail longer, 0 leaves it
    /// alone where neither can be said.
    /// </summary>
    private int _widening = 1;

    private static readonly Dictionary<TokenKind, string> Symbols = new()
    {
        [TokenKind.Equal] = "==",
        [TokenKind.NotEqual] = "!=",
        [TokenKind.Less] = "<",
        [TokenKind.LessOrEqual] = "<=",
        [TokenKind.Greater] = ">",
        [TokenKind.GreaterOrEqual] = ">=",
    };

    private BoundCondition? BindComparison(BinaryNode node)
    {
        var widening = _widening;
        var (leftSign, rightSign) = node.Operator switch
        {
            TokenKind.Greater or TokenKind.GreaterOrEqual => (1, -1),
            TokenKind.Less or TokenKind.LessOrEqual => (-1, 1),
            _ => (0, 0),
        };
        _widening = widening * leftSign;
        var left = BindOperand(node.Left, StatesOf(node.Right));
        _widening = widening * rightSign;
        var right = BindOperand(node.Right, StatesOf(node.Left));
        _widening = widening;
        if (left is null || right is null)
            return null;

        if (leftSign != 0 && (left is not BoundNumber || right is not BoundNumber))
        {
            var culprit = left is BoundNumber ? node.Right : node.Left;
            return Report<BoundCondition>(culprit, $"'{Quote(culprit)}' is no number and has no order; compare it by == or !=");
        }
        return (left, right) switch
        {
            (BoundNumber a, BoundNumber b) => CompareNumbers(node, a, b),
            (BoundState a, BoundState b) => CompareStates(node, a, b),
            (BoundCondition a, BoundCondition b) => CompareConditions(node, a, b),
            _ => Report<BoundCondition>(node.Right, $"'{Quote(node.Right)}' is {Kind(right)} and '{Quote(node.Left)}' {Kind(left)}: they never compare"),
        };
    }

    private static string Kind(Bound bound) => bound switch
    {
        BoundNumber => "a number",
        BoundState state => $"a state ({List(state.States)})",
        _ => "true or false",
    };

    /// <summary>Beside a state, a name is one of its states first.</summary>
    private Bound? BindOperand(Node node, IReadOnlyList<string>? states)
    {
        if (states is null || node is not NameNode name)
            return Bind(node);
        for (var index = 0; index < states.Count; index++)
        {
            if (states[index] != name.Name)
                continue;
            var value = Num.Of(index);
            return new BoundState(_ => value, states, Channel: null);
        }
        return IsKnownName(name.Name)
            ? Bind(node)
            : Report<Bound>(node, $"unknown state '{name.Name}', known are {List(states)}{NearestName.Hint(name.Name, states)}");
    }

    private IReadOnlyList<string>? StatesOf(Node node) => node switch
    {
        NameNode name => NullIfEmpty(FindChannel(name.Name)?.States ?? scope.Settings.FirstOrDefault(setting => setting.Name == name.Name)?.States),
        LinkNode link => scope.Links.TryGetValue(link.Role, out var channels) ? NullIfEmpty(channels.FirstOrDefault(channel => channel.Name == link.Channel)?.States) : null,
        _ => null,
    };

    private static IReadOnlyList<string>? NullIfEmpty(IReadOnlyList<string>? states) => states is null or { Count: 0 } or ["false", "true"] ? null : states;

    private static BoundCondition CompareConditions(BinaryNode node, BoundCondition a, BoundCondition b)
    {
        var (first, second) = (a.Evaluate, b.Evaluate);
        return node.Operator == TokenKind.Equal
            ? new BoundCondition(inputs => Logic.Same(first(inputs), second(inputs)))
            : new BoundCondition(inputs => Logic.Not(Logic.Same(first(inputs), second(inputs))));
    }

    private BoundCondition? CompareStates(BinaryNode node, BoundState a, BoundState b)
    {
        if (!a.States.Intersect(b.States).Any())
            return Report<BoundCondition>(node.Right, $"'{Quote(node.Right)}' ({List(b.States)}) and '{Quote(node.Left)}' ({List(a.States)}) share no state");
        var (value, limit) = (a.Evaluate, Translated(b, a.States));
        var truth = Equality(node.Operator, value, limit);
        var isLeft = a.Channel is not null || b.Channel is null;
        NoteComparison(node, a.Channel ?? b.Channel, truth, isLeft ? value : b.Evaluate, isLeft ? limit : Translated(a, b.States));
        return new BoundCondition(truth);
    }

    /// <summary>The index among other states: a fan's command knows no fault, its state does.</summary>
    private static Func<ConditionInputs, Num> Translated(BoundState state, IReadOnlyList<string> into)
    {
        var evaluate = state.Evaluate;
        if (state.States.SequenceEqual(into))
            return evaluate;
        var indexes = state.States.Select(name => Num.Of(into.ToList().IndexOf(name))).ToArray();
        return inputs =>
        {
            var value = evaluate(inputs);
            return value.State != NumState.Known ? value : (uint)value.Value < (uint)indexes.Length ? indexes[(int)value.Value] : Num.Unknown;
        };
    }

    private BoundCondition? CompareNumbers(BinaryNode node, BoundNumber a, BoundNumber b)
    {
        if (!Harmonise(node, ref a, ref b))
            return null;
        var isLeft = a.Channels.Count > 0 || b.Channels.Count == 0;
        var channel = (isLeft ? a : b).Channels is [var first, ..] ? first : null;
        if (channel is not null && a.Unit is not null && Units.TryFind(channel.Unit ?? "1", out var unit) && unit.Fits(a.Unit))
            (a, b) = (a.In(unit), b.In(unit));
        else
            channel = null;

        var limit = Widened(node, a, b);
        var (left, right) = (a.Evaluate, limit);
        var read = (left.Target as ChannelAlone)?.Channel;
        Func<ConditionInputs, Truth> truth = node.Operator switch
        {
            TokenKind.Greater when read is not null => inputs => NumMath.Greater(inputs.Value(read), right(inputs), orEqual: false),
            TokenKind.GreaterOrEqual when read is not null => inputs => NumMath.Greater(inputs.Value(read), right(inputs), orEqual: true),
            TokenKind.Less when read is not null => inputs => NumMath.Greater(right(inputs), inputs.Value(read), orEqual: false),
            TokenKind.LessOrEqual when read is not null => inputs => NumMath.Greater(right(inputs), inputs.Value(read), orEqual: true),
            TokenKind.Greater => inputs => NumMath.Greater(left(inputs), right(inputs), orEqual: false),
            TokenKind.GreaterOrEqual => inputs => NumMath.Greater(left(inputs), right(inputs), orEqual: true),
            TokenKind.Less => inputs => NumMath.Greater(right(inputs), left(inputs), orEqual: false),
            TokenKind.LessOrEqual => inputs => NumMath.Greater(right(inputs), left(inputs), orEqual: true),
            _ => Equality(node.Operator, left, right),
        };
        NoteComparison(node, channel, truth, (isLeft ? a : b).Evaluate, (isLeft ? b : a).Evaluate);
        return new BoundCondition(truth);
    }

    private static Func<ConditionInputs, Truth> Equality(TokenKind symbol, Func<ConditionInputs, Num> a, Func<ConditionInputs, Num> b) => symbol == TokenKind.Equal
        ? inputs => NumMath.Same(a(inputs), b(inputs))
        : inputs => Logic.Not(NumMath.Same(a(inputs), b(inputs)));

    /// <summary>The right side, moved by the deadband while the alarm stands.</summary>
    private Func<ConditionInputs, Num> Widened(BinaryNode node, BoundNumber a, BoundNumber b)
    {
        var limit = b.Evaluate;
        if (node.Operator is TokenKind.Equal or TokenKind.NotEqual || _widening == 0 || a.Unit is null || _quiet > 0)
            return limit;
        if (DeadbandOf([.. a.Channels, .. b.Channels], a.Unit) is not { } deadband)
            return limit;
        var width = deadband.Evaluate;
        var isBelow = node.Operator is TokenKind.Less or TokenKind.LessOrEqual;
        if (b.Constant is { } at && deadband.Constant is { } by)
        {
            var (usual, held) = (Num.Of(at), isBelow == _widening > 0 ? NumMath.Add(Num.Of(at), Num.Of(by)) : NumMath.Subtract(Num.Of(at), Num.Of(by)));
            if ((a.Evaluate.Target as ChannelAlone)?.Channel is { } channel)
                CheckEnd(channel, node.Operator, at, held.Value);
            return inputs => inputs.Holding ? held : usual;
        }
        return isBelow == _widening > 0
            ? inputs => inputs.Holding ? NumMath.Add(limit(inputs), width(inputs)) : limit(inputs)
            : inputs => inputs.Holding ? NumMath.Subtract(limit(inputs), width(inputs)) : limit(inputs);
    }

    private void NoteComparison(BinaryNode node, Channel? channel, Func<ConditionInputs, Truth> truth, Func<ConditionInputs, Num> value, Func<ConditionInputs, Num> limit)
    {
        if (_quiet > 0 || _widening == 0)
            return;
        Comparisons.Add(new Comparison
        {
            Text = $"{Quote(node.Left)} {Symbols[node.Operator]} {Quote(node.Right)}",
            Channel = channel,
            Group = null,
            Holds = _widening > 0 ? truth : inputs => Logic.Not(truth(inputs)),
            Value = value,
            Limit = limit,
        });
    }
}
