using System.Diagnostics.CodeAnalysis;

namespace Telemetry.Rules.Conditions;

/// <summary>The units that families may use, UCUM codes with a few spellings of the trade (<c>ppm</c>, <c>%LEL</c>).</summary>
public static class Units
{
    public static bool IsKnown(string unit) => Table.ContainsKey(unit);

    /// <summary>Whether a value in one can be given in the other.</summary>
    public static bool Fit(string from, string to) =>
        Table.TryGetValue(from, out var source) && Table.TryGetValue(to, out var target) && source.Fits(target);

    /// <summary><paramref name="value"/> in <paramref name="to"/>; null where the units are unknown or do not fit.</summary>
    public static double? Convert(double value, string from, string to) =>
        Table.TryGetValue(from, out var source) && Table.TryGetValue(to, out var target) && source.Fits(target) ? source.Convert(value, target) : null;

    /// <summary>The unit of what has none: counts, and ratios as 1 = 100 %.</summary>
    internal static Unit One => Table["1"];

    internal static Unit Second => Table["s"];

    internal static bool TryFind(string text, [NotNullWhen(true)] out Unit? unit) => Table.TryGetValue(text, out unit);

    internal static IEnumerable<string> Names => Table.Keys;

    /// <summary>
    /// Length of the unit at the start of <paramref name="text"/>, the longest that stands free of letters and digits after it; 0 for none.
    /// </summary>
    internal static int LengthAt(ReadOnlySpan<char> text)
    {
        foreach (var name in LongestFirst)
        {
            if (!text.StartsWith(name, StringComparison.Ordinal))
                continue;
            // An open parenthesis makes it a function: 2 m/min(a, b).
            if (text.Length == name.Length || !IsWordCharacter(name[^1]) || !(IsWordCharacter(text[name.Length]) || text[name.Length] == '('))
                return name.Length;
        }
        return 0;
    }

    /// <summary>The unit of the table that says the same as the result of an arithmetic, or one of its dimension, or itself.</summary>
    internal static Unit Named(Unit unit) =>
        Table.TryGetValue(unit.Text, out var known)
            ? known
            : Table.Values.FirstOrDefault(other => other.Fits(unit) && other.Convert(1, unit) == 1) ?? Table.Values.FirstOrDefault(other => other.Fits(unit)) ?? unit;

    private static bool IsWordCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '%';

    // Four bits of exponent each: see Unit.Dimension.
    private const long Length = 1L << 0, Time = 1L << 4, Mass = 1L << 8, Current = 1L << 12, Temperature = 1L << 16, Lux = 1L << 20, Candela = 1L << 24,
        Angle = 1L << 28, Explosive = 1L << 32, Power = 1L << 36, Level = 1L << 40, Pressure = 1L << 44, Voltage = 1L << 48, Turbidity = 1L << 52, Acidity = 1L << 56;

    private static readonly Dictionary<string, Unit> Table = new Unit[]
    {
        new("1", 0), new("%", 0, 1, 100), new("%vol", 0, 1, 100), new("[ppm]", 0, 1, 1e6), new("ppm", 0, 1, 1e6), new("[ppb]", 0, 1, 1e9), new("ppb", 0, 1, 1e9),
        // UCUM reads %{LEL} as a plain percentage; here it is a unit of its own, since 10 %LEL of methane is 0.5 % of the air.
        new("%{LEL}", Explosive), new("%LEL", Explosive),
        new("%{LEL}/min", Explosive - Time, 1, 60), new("%LEL/min", Explosive - Time, 1, 60), new("%LEL/h", Explosive - Time, 1, 3600),
        new("[ppm]/min", -Time, 1, 60e6), new("ppm/min", -Time, 1, 60e6), new("%/min", -Time, 1, 6000), new("%/h", -Time, 1, 360000),
        new("km", Length, 1000), new("m", Length), new("cm", Length, 1, 100), new("mm", Length, 1, 1000), new("um", Length, 1, 1e6),
        new("m-1", -Length), new("/m", -Length), new("m2", 2 * Length), new("har", 2 * Length, 10000), new("ha", 2 * Length, 10000), new("km2", 2 * Length, 1e6),
        new("m3", 3 * Length), new("L", 3 * Length, 1, 1000), new("l", 3 * Length, 1, 1000),
        new("d", Time, 86400), new("h", Time, 3600), new("min", Time, 60), new("s", Time), new("ms", Time, 1, 1000),
        new("/d", -Time, 1, 86400), new("/h", -Time, 1, 3600), new("/min", -Time, 1, 60), new("/s", -Time), new("Hz", -Time),
        new("m/s", Length - Time), new("m/min", Length - Time, 1, 60), new("m/h", Length - Time, 1, 3600), new("km/h", Length - Time, 1000, 3600),
        new("cm/s", Length - Time, 1, 100), new("cm/min", Length - Time, 1, 6000), new("cm/h", Length - Time, 1, 360000),
        new("mm/s", Length - Time, 1, 1000), new("mm/min", Length - Time, 1, 60000), new("mm/h", Length - Time, 1, 3.6e6), new("mm/d", Length - Time, 1, 8.64e7),
        new("m3/s", (3 * Length) - Time), new("m3/min", (3 * Length) - Time, 1, 60), new("m3/h", (3 * Length) - Time, 1, 3600), new("m3/d", (3 * Length) - Time, 1, 86400),
        new("L/s", (3 * Length) - Time, 1, 1000), new("L/min", (3 * Length) - Time, 1, 60000), new("L/h", (3 * Length) - Time, 1, 3.6e6),
        new("t", Mass, 1e6), new("kg", Mass, 1000), new("g", Mass), new("mg", Mass, 1, 1000),
        new("g/m3", Mass - (3 * Length)), new("mg/m3", Mass - (3 * Length), 1, 1000), new("ug/m3", Mass - (3 * Length), 1, 1e6), new("mg/L", Mass - (3 * Length)), new("mg/l", Mass - (3 * Length)),
        new("A", Current), new("mA", Current, 1, 1000), new("A/min", Current - Time, 1, 60),
        new("V", Voltage), new("mV", Voltage, 1, 1000), new("kV", Voltage, 1000), new("kW", Power, 1000), new("W", Power), new("kW.h", Power + Time, 3.6e6),
        new("Cel", Temperature), new("Cel/min", Temperature - Time, 1, 60), new("Cel/h", Temperature - Time, 1, 3600),
        new("lx", Lux), new("cd/m2", Candela - (2 * Length)), new("deg", Angle), new("deg/min", Angle - Time, 1, 60),
        new("Pa", Pressure), new("kPa", Pressure, 1000), new("MPa", Pressure, 1e6), new("bar", Pressure, 1e5), new("mbar", Pressure, 100), new("kPa/min", Pressure - Time, 1000, 60),
        new("dBm", Level), new("dB", Level), new("[NTU]", Turbidity), new("NTU", Turbidity), new("[pH]", Acidity),
    }.ToDictionary(unit => unit.Text, StringComparer.Ordinal);

    private static readonly string[] LongestFirst = [.. Table.Keys.Where(name => name != "1").OrderByDescending(name => name.Length).ThenBy(name => name, StringComparer.Ordinal)];
}
