using Telemetry.Rules.Families.Plain;

namespace Telemetry.Ingest.Dashboards;

/// <summary>
/// UCUM to Grafana's ids. Grafana scales most of its units by prefixes, a level of 0.65 m to 650 mm; nobody of the trade writes that, so
/// what it does not keep as it is has its own text.
/// </summary>
internal static class GrafanaUnits
{
    public static string Of(string? ucum) => ucum switch
    {
        null or "1" => "none",
        "%" => "percent",
        "deg" => "degree",
        "Cel" => "celsius",
        "m-1" or "/m" => "suffix: m⁻¹",
        "m2" => "suffix: m²",
        "cd/m2" => "suffix: cd/m²",
        "[ppb]" or "[NTU]" or "[pH]" => $"suffix: {ucum[1..^1]}",
        _ => $"suffix: {PlainCondition.UnitText(ucum)}",
    };
}
