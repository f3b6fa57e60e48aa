using System.Globalization;

namespace Telemetry.Rules.Conditions;

/// <summary>A number with its unit, as written: <c>0.2 m</c>, <c>20 %</c>, <c>2.5 m3/h</c>, <c>60s</c>.</summary>
/// <param name="Unit">UCUM; null for a bare number.</param>
public readonly record struct Quantity(double Value, string? Unit)
{
    // A hundred years: what is longer is a slip of the pen, and sums of such times and dates would overflow.
    private const double LongestDuration = 36_500 * 86_400_000d;

    /// <summary>Reads a quantity; <paramref name="error"/> says what is wrong and what would be right.</summary>
    public static bool TryParse(string text, out Quantity quantity, out string? error)
    {
        quantity = default;
        var (tokens, mistake) = Lexer.Read(text);
        error = mistake?.Message;
        if (error is not null)
            return false;
        var negative = tokens[0].Kind == TokenKind.Minus;
        var number = tokens[negative ? 1 : 0];
        if (number.Kind != TokenKind.Number || tokens.Count != (negative ? 3 : 2))
        {
            error = $"'{text}' is not a quantity; write a number and its unit, such as 0.2 m";
            return false;
        }
        quantity = new Quantity(negative ? -number.Value : number.Value, number.Unit?.Text);
        return true;
    }

    /// <summary>The value in <paramref name="unit"/>; a bare number is in it already. False where the units do not fit.</summary>
    public bool TryIn(string? unit, out double value)
    {
        value = Value;
        if (Unit is null)
            return true;
        var converted = Units.Convert(Value, Unit, unit ?? "1");
        value = converted ?? 0;
        return converted is not null;
    }

    /// <summary>Milliseconds of <c>500ms</c>, <c>60s</c>, <c>10m</c> (minutes), <c>12h</c>, <c>7d</c>, up to a hundred years; null for anything else.</summary>
    public static long? Duration(string text) => TryParse(text, out var quantity, out _) ? Milliseconds(quantity) : null;

    /// <summary>A second's worth, in <paramref name="unit"/>, of <c>2 m/min</c>, <c>5 Cel/s</c>, <c>10 m3/h/min</c>; null for anything else, and for what is not above 0.</summary>
    public static double? RateOf(string text, string unit)
    {
        var (space, slash) = (text.IndexOf(' ', StringComparison.Ordinal), text.LastIndexOf('/'));
        if (space <= 0 || slash < space || !double.TryParse(text.AsSpan(0, space), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return null;
        if (Units.Convert(number, text[(space + 1)..slash], unit) is not { } value || Units.Convert(1, text[(slash + 1)..], "s") is not { } seconds)
            return null;
        var rate = value / seconds;
        return double.IsFinite(rate) && rate > 0 ? rate : null;
    }

    internal static long? Milliseconds(Quantity quantity)
    {
        var unit = quantity.Unit == "m" ? "min" : quantity.Unit;
        if (unit is null || Units.Convert(quantity.Value, unit, "ms") is not { } milliseconds)
            return null;
        return milliseconds is >= 0 and <= LongestDuration ? (long)Math.Round(milliseconds) : null;
    }
}
