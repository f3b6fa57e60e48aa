namespace Telemetry.Ingest.Decoding.Senml;

/// <summary>Units of SenML (RFC 8428, table 11; RFC 8798, tables 1 and 2) that UCUM writes otherwise; the others are the same in both.</summary>
internal static class SenmlUnit
{
    // UCUM's unit = SenML's × factor + offset.
    private static readonly Dictionary<string, (string Unit, double Factor, double Offset)> Others = new(StringComparer.Ordinal)
    {
        ["/"] = ("1", 1, 0),
        ["count"] = ("1", 1, 0),
        ["/100"] = ("%", 1, 0),
        ["/1000"] = ("1", 0.001, 0),
        ["%RH"] = ("%", 1, 0),
        ["%EL"] = ("%", 1, 0),
        ["EL"] = ("s", 1, 0),
        ["1/s"] = ("/s", 1, 0),
        ["1/min"] = ("/min", 1, 0),
        ["beat/min"] = ("/min", 1, 0),
        ["beats"] = ("1", 1, 0),
        ["K"] = ("Cel", 1, -273.15),
        ["rad"] = ("deg", 180 / Math.PI, 0),
        ["lat"] = ("deg", 1, 0),
        ["lon"] = ("deg", 1, 0),
        ["l/s"] = ("L/s", 1, 0),
        ["hPa"] = ("mbar", 1, 0),
        ["dBW"] = ("dBm", 1, 30),
        ["pH"] = ("[pH]", 1, 0),
        ["J"] = ("kW.h", 1 / 3.6e6, 0),
        ["Wh"] = ("kW.h", 0.001, 0),
        ["kWh"] = ("kW.h", 1, 0),
        ["kg/m3"] = ("g/m3", 1000, 0),
    };

    public static (double Number, string? Unit) Ucum(double number, string? unit) =>
        unit is not null && Others.TryGetValue(unit, out var other) ? ((number * other.Factor) + other.Offset, other.Unit) : (number, unit);

    /// <summary>The unit of what a value in <paramref name="unit"/> adds up to over seconds.</summary>
    public static (double Number, string? Unit) UcumOfSum(double sum, string? unit) => unit switch
    {
        null => (sum, null),
        "W" => (sum / 3.6e6, "kW.h"),
        _ when unit.EndsWith("/s", StringComparison.Ordinal) => Ucum(sum, unit[..^2]),
        _ => (sum, unit + ".s"),
    };
}
