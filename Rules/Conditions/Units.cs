namespace Telemetry.Rules.Conditions;

/// <summary>The units that families may use, UCUM codes with a few spellings of the trade (<c>ppm</c>, <c>%LEL</c>).</summary>
public static class Units
{
    public static bool IsKnown(string unit) => throw new NotImplementedException();

    /// <summary>Whether a value in one can be given in the other.</summary>
    public static bool Fit(string from, string to) => throw new NotImplementedException();

    /// <summary><paramref name="value"/> in <paramref name="to"/>; null where the units are unknown or do not fit.</summary>
    public static double? Convert(double value, string from, string to) => throw new NotImplementedException();
}
