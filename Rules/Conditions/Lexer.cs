using System.Globalization;

namespace Telemetry.Rules.Conditions;

/// <summary>Text to tokens. A number takes the unit behind it: <c>2.5 m3/h</c> is one token, <c>2 m / 3</c> three.</summary>
internal static class Lexer
{
    /// <summary>Longer texts should name their parts.</summary>
    public const int MaxLength = 4096;

    private static readonly Dictionary<string, TokenKind> Keywords = new(StringComparer.Ordinal)
    {
        ["or"] = TokenKind.Or,
        ["and"] = TokenKind.And,
        ["not"] = TokenKind.Not,
        ["of"] = TokenKind.Of,
        ["is"] = TokenKind.Equal,
    };

    private const string Not = "not";

    // Longer ones first.
    private static readonly (string Text, TokenKind Kind)[] Symbols =
    [
        ("||", TokenKind.Or), ("&&", TokenKind.And), ("==", TokenKind.Equal), ("!=", TokenKind.NotEqual), ("<=", TokenKind.LessOrEqual), (">=", TokenKind.GreaterOrEqual),
        ("!", TokenKind.Not), ("<", TokenKind.Less), (">", TokenKind.Greater), ("+", TokenKind.Plus), ("-", TokenKind.Minus), ("*", TokenKind.Times), ("/", TokenKind.Divide),
        ("(", TokenKind.Open), (")", TokenKind.Close), (",", TokenKind.Comma), (".", TokenKind.Dot),
    ];

    // What people write who know other notations.
    private static readonly (string Text, string Right)[] Habits =
    [
        ("=", "=="), ("&", "&&"), ("|", "||"), ("≥", ">="), ("≤", "<="), ("≠", "!="), ("×", "*"), ("÷", "/"), ("'", "\""), ("（", "("), ("）", ")"), ("，", ","),
    ];

    /// <summary>Tokens up to and with <see cref="TokenKind.End"/>, or up to the mistake.</summary>
    public static (IReadOnlyList<Token> Tokens, ConditionError? Error) Read(string text)
    {
        var tokens = new List<Token>();
        if (text.Length > MaxLength)
            return (tokens, new ConditionError(MaxLength + 1, $"longer than {MaxLength} characters; name parts of it as words", text));
        var at = 0;
        while (true)
        {
            at = SkipSpaces(text, at);
            if (at == text.Length)
                break;
            var (token, message) = Next(text, at);
            if (message is not null)
                return (tokens, new ConditionError(token.Start + 1, message, text));
            tokens.Add(token);
            at = token.End;
        }
        tokens.Add(new Token(TokenKind.End, text.Length, text.Length));
        return (tokens, null);
    }

    private static (Token Token, string? Error) Next(string text, int start)
    {
        var first = text[start];
        if (char.IsAsciiDigit(first))
            return ReadNumber(text, start);
        if (IsNameStart(first))
        {
            var end = EndOfName(text, start);
            var name = text[start..end];
            if (name == "is" && SkipSpaces(text, end) is var next && string.CompareOrdinal(text, next, Not, 0, Not.Length) == 0 && EndOfName(text, next) == next + Not.Length)
                return (new Token(TokenKind.NotEqual, start, next + Not.Length, "is not"), null);
            return (new Token(Keywords.GetValueOrDefault(name, TokenKind.Name), start, end, name), null);
        }
        if (first == '"')
        {
            var close = text.IndexOf('"', start + 1);
            return close < 0
                ? (new Token(TokenKind.Text, start, start), "the quote is not closed; write \"…\"")
                : (new Token(TokenKind.Text, start, close + 1, text[(start + 1)..close]), null);
        }
        foreach (var (symbol, kind) in Symbols)
        {
            if (string.CompareOrdinal(text, start, symbol, 0, symbol.Length) == 0)
                return (new Token(kind, start, start + symbol.Length, symbol), null);
        }
        foreach (var (habit, right) in Habits)
        {
            if (string.CompareOrdinal(text, start, habit, 0, habit.Length) == 0)
                return (new Token(TokenKind.End, start, start), $"'{habit}' means nothing here; write {right}");
        }
        return (new Token(TokenKind.End, start, start), $"'{Shown(text, start)}' means nothing here");
    }

    private static (Token Token, string? Error) ReadNumber(string text, int start)
    {
        var end = EndOfDigits(text, start);
        if (end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]))
            end = EndOfDigits(text, end + 1);
        var value = double.Parse(text.AsSpan(start, end - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
            return (new Token(TokenKind.Number, start, end), "the number is too large");

        var unitStart = SkipSpaces(text, end);
        var length = Units.LengthAt(text.AsSpan(unitStart));
        if (length > 0 && Units.TryFind(text.Substring(unitStart, length), out var unit))
            return (new Token(TokenKind.Number, start, unitStart + length, Value: value, Unit: unit), null);

        var wordEnd = EndOfUnitWord(text, unitStart);
        var word = text[unitStart..wordEnd];
        if (word.Length > 0 && !Keywords.ContainsKey(word))
            return (new Token(TokenKind.Number, unitStart, wordEnd), $"unknown unit '{word}'{NearestName.Hint(word, Units.Names)}");
        return (new Token(TokenKind.Number, start, end, Value: value), null);
    }

    private static int SkipSpaces(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }

    private static int EndOfDigits(string text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return at;
    }

    private static int EndOfName(string text, int at)
    {
        while (at < text.Length && (IsNameStart(text[at]) || char.IsAsciiDigit(text[at])))
            at++;
        return at;
    }

    private static int EndOfUnitWord(string text, int at)
    {
        if (at == text.Length || !(char.IsLetter(text[at]) || text[at] is '%' or '[' or '°' or '_'))
            return at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '%' or '[' or ']' or '{' or '}' or '°' or '_' or '/'))
            at++;
        return at;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static string Shown(string text, int at)
    {
        if (char.IsSurrogatePair(text, at))
            return text.Substring(at, 2);
        return char.IsControl(text[at]) || char.IsSurrogate(text[at]) ? $"U+{(int)text[at]:X4}" : text[at].ToString();
    }
}
