using Telemetry.Rules.Families.Plain;

namespace Telemetry.Ingest.Dashboards;

/// <summary>UCUM to Grafana's ids. What Grafana would scale in a way that nobody of the trade writes keeps its own text.</summary>
internal static class GrafanaUnits
{
    public static string Of(string? ucum) => ucum switch
    {
        null or "1" => "none",
        "m" => "lengthm",
        "mm" => "lengthmm",
        "km" => "lengthkm",
        "m/s" => "velocityms",
        "km/h" => "velocitykmh",
        "%" => "percent",
        "deg" => "degree",
        "Cel" => "celsius",
        "A" => "amp",
        "V" => "volt",
        "W" => "watt",
        "kW" => "kwatt",
        "kW.h" => "kwatth",
        "kPa" => "pressurekpa",
        "lx" => "lux",
        "dBm" => "dBm",
        "s" => "s",
        "ms" => "ms",
        "m-1" or "/m" => "suffix: m⁻¹",
        "m2" => "suffix: m²",
        "cd/m2" => "suffix: cd/m²",
        "[NTU]" => "suffix: NTU",
        "[pH]" => "suffix: pH",
        "[ppb]" => "suffix: ppb",
        _ => $"suffix: {PlainCondition.UnitText(ucum)}",
    };
}
