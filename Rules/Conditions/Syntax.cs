namespace Telemetry.Rules.Conditions;

internal enum TokenKind : byte
{
    End,
    Number,
    Name,
    Text,
    Or,
    And,
    Not,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Of,
    Open,
    Close,
    Comma,
    Dot,
}

/// <param name="Start">From 0.</param>
/// <param name="End">Exclusive.</param>
/// <param name="Text">A name, or what stands between quotes.</param>
internal readonly record struct Token(TokenKind Kind, int Start, int End, string Text = "", double Value = 0, Unit? Unit = null);

/// <param name="Start">From 0, within the text that the node was read from.</param>
/// <param name="End">Exclusive.</param>
/// <param name="Depth">Nodes on the longest way down.</param>
internal abstract record Node(int Start, int End, int Depth);

internal sealed record NumberNode(int Start, int End, double Value, Unit? Unit) : Node(Start, End, 1);

internal sealed record TextNode(int Start, int End, string Text) : Node(Start, End, 1);

internal sealed record NameNode(int Start, int End, string Name) : Node(Start, End, 1);

internal sealed record LinkNode(int Start, int End, string Role, string Channel) : Node(Start, End, 1);

internal sealed record CallNode(int Start, int End, int Depth, string Name, IReadOnlyList<Node> Arguments) : Node(Start, End, Depth);

internal sealed record UnaryNode(int Start, int End, TokenKind Operator, Node Operand) : Node(Start, End, Operand.Depth + 1);

internal sealed record BinaryNode(int Start, int End, TokenKind Operator, Node Left, Node Right) : Node(Start, End, Math.Max(Left.Depth, Right.Depth) + 1);

/// <summary>Alternatives or conjuncts side by side: a long list of them is not deep.</summary>
internal sealed record ChainNode(int Start, int End, TokenKind Operator, IReadOnlyList<Node> Operands) : Node(Start, End, Operands.Max(operand => operand.Depth) + 1);

/// <summary>A tree that was read from another text: a word, a ladder's limit.</summary>
internal sealed record SourceNode(int Start, int End, string Text, Node Root) : Node(Start, End, Root.Depth + 1);
