namespace Telemetry.Rules.Conditions;

/// <summary>
/// Tokens to a tree, by precedence, loosest first: <c>||</c>, <c>&amp;&amp;</c>, <c>!</c>, comparisons, <c>+ -</c>, <c>* / of</c>, sign.
/// <c>!</c> binds looser than a comparison, as <c>not</c> reads; for two conditions <c>!a == b</c> is the same either way.
/// </summary>
internal sealed class Parser
{
    /// <summary>Deeper nesting is an error: it would be unreadable, and it would exhaust the stack.</summary>
    public const int MaxDepth = 64;

    private const int NotPrecedence = 3, ComparisonPrecedence = 4, SignPrecedence = 7;

    private readonly string _text;
    private readonly IReadOnlyList<Token> _tokens;
    private int _next;
    private int _depth;
    private ConditionError? _error;

    private Parser(string text, IReadOnlyList<Token> tokens)
    {
        _text = text;
        _tokens = tokens;
    }

    /// <summary>The tree, or the first mistake.</summary>
    public static (Node? Tree, ConditionError? Error) Read(string text)
    {
        var (tokens, error) = Lexer.Read(text);
        if (error is not null)
            return (null, error);
        var parser = new Parser(text, tokens);
        var tree = parser.ReadExpression(0);
        if (tree is not null && parser.Current.Kind != TokenKind.End)
            tree = parser.Fail(parser.Current, parser.Current.Kind == TokenKind.Close ? "')' closes nothing" : $"unexpected {parser.Shown()}; an operator such as && or > is missing before it");
        return (tree, parser._error);
    }

    private Token Current => _tokens[_next];

    private Node? ReadExpression(int loosest)
    {
        if (_depth == MaxDepth)
            return FailDepth(Current.Start);
        _depth++;
        var left = ReadPrefix();
        while (left is not null && Precedence(Current.Kind) is var precedence && precedence > loosest)
            left = ReadInfix(left, precedence);
        _depth--;
        return left;
    }

    private Node? ReadInfix(Node left, int precedence)
    {
        var symbol = _tokens[_next++];
        if (ReadExpression(precedence) is not { } right)
            return null;
        if (precedence == ComparisonPrecedence && Precedence(Current.Kind) == ComparisonPrecedence)
            return Fail(Current, "comparisons do not chain; write 1 < x && x < 3");
        if (symbol.Kind is not (TokenKind.Or or TokenKind.And))
            return Checked(new BinaryNode(left.Start, right.End, symbol.Kind, left, right));
        IReadOnlyList<Node> operands = left is ChainNode chain && chain.Operator == symbol.Kind ? [.. chain.Operands, right] : [left, right];
        return Checked(new ChainNode(left.Start, right.End, symbol.Kind, operands));
    }

    private Node? ReadPrefix()
    {
        var token = _tokens[_next];
        if (token.Kind != TokenKind.End)
            _next++;
        switch (token.Kind)
        {
            case TokenKind.Number:
                return new NumberNode(token.Start, token.End, token.Value, token.Unit);
            case TokenKind.Text:
                return new TextNode(token.Start, token.End, token.Text);
            case TokenKind.Name:
                return ReadName(token);
            case TokenKind.Not or TokenKind.Minus:
                var operand = ReadExpression(token.Kind == TokenKind.Not ? NotPrecedence : SignPrecedence);
                return operand is null ? null : Checked(new UnaryNode(token.Start, operand.End, token.Kind, operand));
            case TokenKind.Open:
                var inner = ReadExpression(0);
                if (inner is null)
                    return null;
                if (Current.Kind != TokenKind.Close)
                    return Fail(Current, $"')' is missing for the '(' at column {token.Start + 1}");
                _next++;
                return inner;
            default:
                _next = token.Kind == TokenKind.End ? _next : _next - 1;
                return Fail(token, _tokens.Count == 1 ? "empty; write a condition such as sump_level > 2.2 m" : $"a channel, a setting or a number is missing before {Shown()}");
        }
    }

    private Node? ReadName(Token name)
    {
        if (Current.Kind == TokenKind.Dot)
        {
            _next++;
            if (Current.Kind != TokenKind.Name)
                return Fail(Current, $"after '{name.Text}.' the name of a linked device's channel is missing; for instances write any({name.Text}), all(…), count(…) or a rule with each");
            var channel = _tokens[_next++];
            return new LinkNode(name.Start, channel.End, name.Text, channel.Text);
        }
        if (Current.Kind != TokenKind.Open)
            return new NameNode(name.Start, name.End, name.Text);
        var open = _tokens[_next++];
        var arguments = new List<Node>();
        while (Current.Kind != TokenKind.Close)
        {
            if (arguments.Count > 0)
            {
                if (Current.Kind != TokenKind.Comma)
                    return Fail(Current, $"')' is missing for the '(' at column {open.Start + 1}");
                _next++;
            }
            if (ReadExpression(0) is not { } argument)
                return null;
            arguments.Add(argument);
        }
        var close = _tokens[_next++];
        return Checked(new CallNode(name.Start, close.End, 1 + arguments.Select(argument => argument.Depth).DefaultIfEmpty().Max(), name.Text, arguments));
    }

    private static int Precedence(TokenKind kind) => kind switch
    {
        TokenKind.Or => 1,
        TokenKind.And => 2,
        TokenKind.Equal or TokenKind.NotEqual or TokenKind.Less or TokenKind.LessOrEqual or TokenKind.Greater or TokenKind.GreaterOrEqual => ComparisonPrecedence,
        TokenKind.Plus or TokenKind.Minus => 5,
        TokenKind.Times or TokenKind.Divide or TokenKind.Of => 6,
        _ => 0,
    };

    private Node? Checked(Node node) => node.Depth > MaxDepth ? FailDepth(node.Start) : node;

    private Node? FailDepth(int start)
    {
        _error ??= new ConditionError(start + 1, $"nested deeper than {MaxDepth}; name parts of it as words", _text);
        return null;
    }

    private Node? Fail(Token at, string message)
    {
        _error ??= new ConditionError(at.Start + 1, message, _text);
        return null;
    }

    private string Shown() => Current.Kind == TokenKind.End ? "the end" : $"'{_text[Current.Start..Current.End]}'";
}
