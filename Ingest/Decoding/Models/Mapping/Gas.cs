using Telemetry.Rules.Conditions;

namespace Telemetry.Ingest.Decoding.Models.Mapping;

/// <summary>A gas whose concentrations are given by volume, by mass, or as a share of what explodes.</summary>
/// <param name="MolarMass">g/mol.</param>
/// <param name="Lel">Lower explosive limit in ppm; null where none is listed here.</param>
internal sealed record Gas(string Formula, double MolarMass, double? Lel = null)
{
    // At 101.325 kPa.
    private const double LitresPerMolKelvin = 0.082057366, ZeroCelsius = 273.15;

    // Molar masses of IUPAC's standard atomic weights. Methane's limit, 5 %vol, is recalled; 1 %LEL is then 0.05 %vol, 500 ppm.
    private static readonly Gas[] All = [new("CH4", 16.043, 50_000), new("CO", 28.010), new("H2S", 34.08), new("NH3", 17.031), new("NO2", 46.006)];

    public static IEnumerable<string> Names => All.Select(gas => gas.Formula);

    public static Gas? Find(string formula) => All.FirstOrDefault(gas => gas.Formula == formula);

    /// <summary>Null where one of the units is no concentration, or a share of a limit that is not listed.</summary>
    /// <param name="celsius">Of the air: a mass takes more room when it is warm.</param>
    public double? Convert(double value, string from, string to, double celsius) =>
        Units.Convert(value, from, to) ?? (PerPpm(from, celsius) is { } source && PerPpm(to, celsius) is { } target ? value / source * target : null);

    /// <summary>How many of the unit one ppm is.</summary>
    private double? PerPpm(string unit, double celsius) =>
        Units.Convert(1, "ppm", unit)
        ?? (Units.Convert(1, "mg/m3", unit) is { } mass ? mass * MolarMass / (LitresPerMolKelvin * (ZeroCelsius + celsius)) : default(double?))
        ?? (Lel is { } limit ? 100 / limit * Units.Convert(1, "%LEL", unit) : default(double?));
}
