using System.Globalization;
using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families.Yaml;

namespace Telemetry.Simulators.Physics.Reading;

/// <summary>
/// The text of a formula to a delegate over a device's values. The language is that of the rules' conditions, as far as it is arithmetic of the present:
/// a condition is 1 or 0, and so is a yes or no.
/// </summary>
internal sealed class FormulaReader(NameTable names)
{
    /// <summary>Usage by name, as a person would write it.</summary>
    private static readonly SortedDictionary<string, string> Usages = new(StringComparer.Ordinal)
    {
        ["abs"] = "abs(x)",
        ["if"] = "if(level > 2, 1, 0)",
        ["max"] = "max(x, y)",
        ["min"] = "min(x, y)",
        ["sqrt"] = "sqrt(x)",
    };

    /// <summary>Places that some formula reads.</summary>
    public SortedSet<int> Used { get; } = [];

    /// <summary>Null after a mistake, which stands in the section's errors.</summary>
    public Func<double[], double>? Read(Section section, string key, YamlText text)
    {
        var (tree, error) = Parser.Read(text.Value);
        try
        {
            if (tree is not null)
                return Compile(tree);
            Fail(error!.Column - 1, error.Message);
        }
        catch (FormulaException mistake)
        {
            Fail(mistake.At, mistake.Message);
        }
        return null;

        void Fail(int at, string message) => section.Fail(text with { Column = text.Column + at + (text.IsPlain ? 0 : 1) }, key, message);
    }

    /// <summary>The text that must stand under the key; null where it does not, or is wrong.</summary>
    public Func<double[], double>? Read(Section section, string key, string? required = null) =>
        section.Text(key, required) is { } text ? Read(section, key, text) : null;

    private Func<double[], double> Compile(Node node)
    {
        switch (node)
        {
            case NumberNode { Unit: null or { Text: "%" } } number:
                var constant = number.Unit is null ? number.Value : number.Value / 100;
                return _ => constant;
            case NumberNode number:
                throw new FormulaException(number.Start, $"a number of a formula has no unit; give {number.Value.ToString(CultureInfo.InvariantCulture)} {number.Unit!.Text} a name under parameters");
            case NameNode { Name: "true" or "false" } name:
                var truth = name.Name == "true" ? 1.0 : 0;
                return _ => truth;
            case NameNode name:
                var slot = Find(name).Slot;
                return values => values[slot];
            case UnaryNode unary:
                var operand = Compile(unary.Operand);
                return unary.Operator == TokenKind.Not ? values => operand(values) == 0 ? 1 : 0 : values => -operand(values);
            case ChainNode chain:
                var operands = chain.Operands.Select(Compile).ToArray();
                return chain.Operator == TokenKind.And
                    ? values => Array.TrueForAll(operands, each => each(values) != 0) ? 1 : 0
                    : values => Array.Exists(operands, each => each(values) != 0) ? 1 : 0;
            case BinaryNode { Left: NameNode left, Right: NameNode right } comparison when Find(left).Variable is { Words: { Count: > 0 } words } && names.Find(right.Name) is null:
                return Compile(comparison.Operator, Compile(left), Word(words, right), comparison.Start);
            case BinaryNode binary:
                return Compile(binary.Operator, Compile(binary.Left), Compile(binary.Right), binary.Start);
            case CallNode call:
                return Compile(call);
            default:
                throw new FormulaException(node.Start, "nothing that a formula can say; it knows names, numbers, + - * /, comparisons, and, or, not");
        }
    }

    private static Func<double[], double> Compile(TokenKind operation, Func<double[], double> left, Func<double[], double> right, int at) => operation switch
    {
        TokenKind.Plus => values => left(values) + right(values),
        TokenKind.Minus => values => left(values) - right(values),
        TokenKind.Times or TokenKind.Of => values => left(values) * right(values),
        // What has nothing to be divided by stands still, instead of becoming no number.
        TokenKind.Divide => values => right(values) is var divisor && divisor == 0 ? 0 : left(values) / divisor,
        TokenKind.Equal => values => left(values) == right(values) ? 1 : 0,
        TokenKind.NotEqual => values => left(values) != right(values) ? 1 : 0,
        TokenKind.Less => values => left(values) < right(values) ? 1 : 0,
        TokenKind.LessOrEqual => values => left(values) <= right(values) ? 1 : 0,
        TokenKind.Greater => values => left(values) > right(values) ? 1 : 0,
        TokenKind.GreaterOrEqual => values => left(values) >= right(values) ? 1 : 0,
        _ => throw new FormulaException(at, "nothing that a formula can say"),
    };

    private Func<double[], double> Compile(CallNode call)
    {
        if (!Usages.TryGetValue(call.Name, out var usage))
            throw new FormulaException(call.Start, $"unknown function '{call.Name}'{NearestName.Hint(call.Name, Usages.Keys)}; formulas know {string.Join(", ", Usages.Keys)}");
        var arguments = call.Arguments.Select(Compile).ToArray();
        return (call.Name, arguments) switch
        {
            ("abs", [var of]) => values => Math.Abs(of(values)),
            ("sqrt", [var of]) => values => Math.Sqrt(Math.Max(0, of(values))),
            ("min", [var a, var b]) => values => Math.Min(a(values), b(values)),
            ("max", [var a, var b]) => values => Math.Max(a(values), b(values)),
            ("if", [var condition, var then, var otherwise]) => values => condition(values) != 0 ? then(values) : otherwise(values),
            _ => throw new FormulaException(call.Start, $"write {usage}"),
        };
    }

    private NamedSlot Find(NameNode name)
    {
        var found = names.Find(name.Name) ?? throw new FormulaException(name.Start, $"unknown name '{name.Name}'{NearestName.Hint(name.Name, names.Names)}");
        Used.Add(found.Slot);
        return found;
    }

    /// <summary>One of a variable's words, as its index.</summary>
    public static Func<double[], double> Word(IReadOnlyList<string> words, NameNode name)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i] == name.Name)
                return Constant(i);
        }
        throw new FormulaException(name.Start, $"'{name.Name}' is not one of {string.Join(", ", words)}{NearestName.Hint(name.Name, words)}");
    }

    private static Func<double[], double> Constant(double value) => _ => value;

    /// <param name="at">In the formula's text, from 0.</param>
    private sealed class FormulaException(int at, string message) : Exception(message)
    {
        public int At => at;
    }
}
