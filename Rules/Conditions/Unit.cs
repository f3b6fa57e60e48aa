namespace Telemetry.Rules.Conditions;

/// <summary>A unit of measure as a fraction of its base units, so that 240 cm is exactly 2.4 m.</summary>
/// <param name="Text">UCUM, or for the result of an arithmetic its parts: <c>m·A</c>.</param>
/// <param name="Dimension">Exponents of the base quantities, four bits each: multiplying units adds them, dividing subtracts.</param>
/// <param name="Numerator">With <paramref name="Denominator"/>: how many base units one of this unit is.</param>
internal sealed record Unit(string Text, long Dimension, double Numerator = 1, double Denominator = 1)
{
    public bool Fits(Unit other) => Dimension == other.Dimension;

    /// <summary>Multiplies before it divides: the result is rounded once for factors that are whole numbers.</summary>
    public double Convert(double value, Unit to)
    {
        var up = Numerator * to.Denominator;
        var down = Denominator * to.Numerator;
        return up == down ? value : value * up / down;
    }

    public Unit Times(Unit other) =>
        new($"{Text}·{other.Text}", Dimension + other.Dimension, Numerator * other.Numerator, Denominator * other.Denominator);

    public Unit Per(Unit other) =>
        new($"{Text}/{other.Text}", Dimension - other.Dimension, Numerator * other.Denominator, Denominator * other.Numerator);
}
