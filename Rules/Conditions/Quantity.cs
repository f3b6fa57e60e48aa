namespace Telemetry.Rules.Conditions;

/// <summary>A number with its unit, as written: <c>0.2 m</c>, <c>20 %</c>, <c>2.5 m3/h</c>, <c>60s</c>.</summary>
/// <param name="Unit">UCUM; null for a bare number.</param>
public readonly record struct Quantity(double Value, string? Unit)
{
    /// <summary>Reads a quantity; <paramref name="error"/> says what is wrong and what would be right.</summary>
    public static bool TryParse(string text, out Quantity quantity, out string? error) => throw new NotImplementedException();

    /// <summary>The value in <paramref name="unit"/>; a bare number is in it already. False where the units do not fit.</summary>
    public bool TryIn(string? unit, out double value) => throw new NotImplementedException();

    /// <summary>Milliseconds of <c>500ms</c>, <c>60s</c>, <c>10m</c> (minutes), <c>12h</c>, <c>7d</c>; null for anything else.</summary>
    public static long? Duration(string text) => throw new NotImplementedException();
}
