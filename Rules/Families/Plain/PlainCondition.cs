using System.Globalization;
using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Families.Plain;

/// <summary>A condition's text in the words of one language, for people who don't read formulas.</summary>
internal sealed class PlainCondition(Family family, Phrases phrases)
{
    /// <summary>Words of the family that the conditions so far have used, in the order of their appearance.</summary>
    public List<string> Words { get; } = [];

    /// <param name="text">Of a condition that has been compiled: it can be read.</param>
    public string Of(string text) => Of(Parser.Read(text).Tree!, isPart: false);

    private string Of(Node node, bool isPart) => node switch
    {
        SourceNode source => Of(source.Root, isPart),
        NumberNode number => Amount(number.Value, number.Unit?.Text),
        TextNode text => $"“{text.Text}”",
        NameNode name => Name(name.Name),
        LinkNode link => Link(link),
        CallNode { Name: "held" or "sequence" } call when isPart => Phrases.Fill(phrases.Grouped, Call(call)),
        CallNode call => Call(call),
        UnaryNode { Operator: TokenKind.Not } not => Negation(not.Operand),
        UnaryNode minus => "-" + Of(minus.Operand, isPart: true),
        ChainNode chain => Chain(chain, isPart),
        BinaryNode binary => Binary(binary, isPart),
        _ => throw new InvalidOperationException(node.ToString()),
    };

    private string Name(string name)
    {
        if (Channel(name) is { } channel)
            return channel.Type == ChannelType.Boolean ? Phrases.Fill(phrases.Yes, phrases.Of(channel.Title)) : phrases.Of(channel.Title);
        if (Setting(name) is { } setting)
            return setting.States is ["false", "true"] ? Phrases.Fill(phrases.Yes, phrases.Of(setting.Title)) : phrases.Of(setting.Title);
        if (family.Words.ContainsKey(name))
        {
            if (!Words.Contains(name))
                Words.Add(name);
            return $"“{name}”";
        }
        return phrases.Functions.TryGetValue((name, 0), out var function) ? function : name;
    }

    private string Link(LinkNode link)
    {
        var channel = family.Links[link.Role].First(channel => channel.Name == link.Channel);
        return Phrases.Fill(phrases.Link, link.Role, phrases.Of(channel.Title));
    }

    private string Negation(Node operand) => operand is NameNode { Name: var name } && TitleOfBool(name) is { } title
        ? Phrases.Fill(phrases.No, phrases.Of(title))
        : Phrases.Fill(phrases.Not, Of(operand, isPart: false));

    private Title? TitleOfBool(string name) =>
        Channel(name) is { Type: ChannelType.Boolean } channel ? channel.Title : Setting(name) is { States: ["false", "true"] } setting ? setting.Title : null;

    private string Chain(ChainNode chain, bool isPart)
    {
        var joined = string.Join(chain.Operator == TokenKind.Or ? phrases.Or : phrases.And, chain.Operands.Select(operand => Of(operand, isPart: true)));
        return isPart ? Phrases.Fill(phrases.Grouped, joined) : joined;
    }

    private string Call(CallNode call)
    {
        var parts = call.Arguments.Select(argument => (object)Argument(call, argument)).ToArray();
        var name = call is { Name: "newer", Arguments: [_, NameNode than] } && RuleTitle(than.Name) is not null ? "newer alarm" : call.Name;
        if (phrases.Functions.TryGetValue((name, parts.Length), out var phrase))
            return Phrases.Fill(phrase, parts);
        return phrases.Functions.TryGetValue((call.Name, 2), out var pair)
            ? parts.Skip(1).Aggregate(parts[0], (all, next) => Phrases.Fill(pair, all, next)).ToString()!
            : $"{call.Name}({string.Join(", ", parts)})";
    }

    private string Argument(CallNode call, Node argument)
    {
        var isWindow = Functions.Find(call.Name) is { } function && call.Arguments.Count > 1 && ReferenceEquals(call.Arguments[^1], argument) && function.Arguments[call.Arguments.Count - 1] == ArgumentKind.Duration;
        if (isWindow && argument is NumberNode { Unit: { } unit } number)
            return phrases.Duration(Quantity.Milliseconds(new Quantity(number.Value, unit.Text)) ?? 0);
        // One name alone may be a rule, a channel that is counted, or a place.
        if (argument is NameNode { Name: var name })
        {
            if (RuleTitle(name) is { } title && Channel(name) is null)
                return $"“{title}”";
            if (Channel(name) is { } channel && call.Name is not ("any" or "all" or "count" or "held" or "times" or "neighbour"))
                return phrases.Of(channel.Title);
            return Channel(name) is null && Setting(name) is null && !family.Words.ContainsKey(name) ? phrases.Term(name) : Name(name);
        }
        return Of(argument, isPart: argument is ChainNode);
    }

    private string? RuleTitle(string name)
    {
        foreach (var rule in family.Rules)
        {
            if (rule.Name == name)
                return phrases.Of(rule.Title);
            if (rule.Steps.Any(step => step.Name == name))
                return $"{phrases.Of(rule.Title)} / {name}";
        }
        return null;
    }

    private string Binary(BinaryNode node, bool isPart)
    {
        var (left, right) = (Of(node.Left, isPart: true), Of(node.Right, isPart: true));
        switch (node.Operator)
        {
            case TokenKind.Of:
                return Phrases.Fill(phrases.PartOf, left, right);
            case TokenKind.Plus or TokenKind.Minus or TokenKind.Times or TokenKind.Divide:
                var text = $"{left} {Symbol(node.Operator)} {right}";
                return isPart && node.Operator is TokenKind.Plus or TokenKind.Minus ? Phrases.Fill(phrases.Grouped, text) : text;
            case TokenKind.Equal:
                return Phrases.Fill(phrases.Is, left, right);
            case TokenKind.NotEqual:
                return Phrases.Fill(phrases.IsNot, left, right);
            default:
                var phrase = node.Operator switch
                {
                    TokenKind.Greater => phrases.Above,
                    TokenKind.GreaterOrEqual => phrases.AtLeast,
                    TokenKind.Less => phrases.Below,
                    _ => phrases.AtMost,
                };
                return Phrases.Fill(phrase, left, right);
        }
    }

    /// <summary>With the unit as people write it.</summary>
    public static string Amount(double value, string? unit)
    {
        var number = value.ToString("0.######", CultureInfo.InvariantCulture);
        return UnitText(unit) is { Length: > 0 } shown ? $"{number} {shown}" : number;
    }

    public static string UnitText(string? unit) => unit switch
    {
        null or "1" => "",
        "Cel" => "°C",
        "deg" => "°",
        _ => unit.Replace("[ppm]", "ppm", StringComparison.Ordinal).Replace("%{LEL}", "%LEL", StringComparison.Ordinal).Replace("m3", "m³", StringComparison.Ordinal),
    };

    private static char Symbol(TokenKind kind) => kind switch
    {
        TokenKind.Plus => '+',
        TokenKind.Minus => '−',
        TokenKind.Times => '×',
        _ => '÷',
    };

    private Channel? Channel(string name) => family.Channels.FirstOrDefault(channel => channel.Name == name);

    private Setting? Setting(string name) => family.Settings.FirstOrDefault(setting => setting.Name == name);
}
