namespace Telemetry.Rules.Conditions;

/// <summary>The text of a condition to a delegate that reads no text and allocates nothing.</summary>
public static class ConditionCompiler
{
    /// <summary>Never throws for what stands in <paramref name="text"/> or in the scope's texts: every mistake is an error in the result.</summary>
    public static ConditionResult Compile(string text, ConditionScope scope) => CompileAll([text], scope);

    /// <summary>All of several conditions at once, as <c>when</c> and <c>critical_when</c> make the upper step.</summary>
    /// <param name="texts">At least one.</param>
    public static ConditionResult CompileAll(IReadOnlyList<string> texts, ConditionScope scope)
    {
        ArgumentOutOfRangeException.ThrowIfZero(texts.Count);
        var binder = new Binder(scope);
        var sources = texts.Select(binder.Read).OfType<SourceNode>().ToList();
        var whole = texts.Count == 1 ? texts[0] : string.Join(" && ", texts.Select(text => $"({text})"));
        Node? tree = sources.Count < texts.Count ? null : sources.Count == 1 ? sources[0] : new ChainNode(0, 0, TokenKind.And, sources);
        return Finish(binder, tree, whole);
    }

    /// <summary>A rung of a ladder: <paramref name="subject"/> beyond <paramref name="limit"/>, with the scope's deadband.</summary>
    public static ConditionResult CompileLimit(string subject, LimitSide side, string limit, ConditionScope scope)
    {
        var binder = new Binder(scope);
        var (left, right) = (binder.Read(subject), binder.Read(limit));
        var (kind, symbol) = side switch
        {
            LimitSide.Above => (TokenKind.Greater, ">"),
            LimitSide.AtOrAbove => (TokenKind.GreaterOrEqual, ">="),
            LimitSide.Below => (TokenKind.Less, "<"),
            _ => (TokenKind.LessOrEqual, "<="),
        };
        Node? tree = left is null || right is null ? null : new SourceNode(0, limit.Length, limit, new BinaryNode(0, limit.Length, kind, left, right));
        return Finish(binder, tree, $"{subject} {symbol} {limit}");
    }

    /// <summary>A numeric expression.</summary>
    /// <param name="unit">UCUM unit of the result; null for the expression's own.</param>
    public static NumberResult CompileNumber(string text, ConditionScope scope, string? unit = null)
    {
        var binder = new Binder(scope);
        var bound = binder.Read(text) is { } source ? binder.BindNumber(source) : null;
        if (bound is null || binder.Errors.Count > 0)
            return new NumberResult(null, null, binder.Errors);
        if (unit is null)
        {
            var named = bound.Unit is null ? null : Units.Named(bound.Unit);
            return new NumberResult(bound.In(named).Evaluate, named?.Text, []);
        }
        if (!Units.TryFind(unit, out var wanted))
            return Refused($"unknown unit '{unit}'");
        if (bound.Unit is { } own && !own.Fits(wanted))
            return Refused($"'{text}' is in {own.Text}, {unit} is needed");
        return new NumberResult(bound.In(wanted).Evaluate, unit, []);

        NumberResult Refused(string message) => new(null, null, [new ConditionError(1, message, text)]);
    }

    private static ConditionResult Finish(Binder binder, Node? tree, string text)
    {
        binder.CheckDeadbands();
        var bound = tree is null ? null : binder.BindCondition(tree);
        if (bound is null || binder.Errors.Count > 0)
            return new ConditionResult(null, binder.Errors);
        return new ConditionResult(
            new Condition
            {
                Text = text,
                Evaluate = bound.Evaluate,
                Channels = binder.Channels,
                Settings = binder.Settings,
                Sources = binder.Sources,
                Counts = binder.Counts,
                Neighbours = binder.Neighbours,
                AsksCalendar = binder.AsksCalendar,
                WorkOrders = binder.WorkOrders,
                AsksOpenHours = binder.AsksOpenHours,
                Comparisons = binder.Comparisons,
            },
            []);
    }
}
