using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Dashboards;

/// <summary>Grey while all is well, a colour for the abnormal alone (ISA-101). On Grafana's dark theme; for each severity the hue of the operator's page.</summary>
internal static class Colours
{
    /// <summary>Figures that are as they should be.</summary>
    public const string Calm = "#8e9aa6";

    /// <summary>What covers an area and is as it should be.</summary>
    public const string CalmArea = "#2f353c";

    /// <summary>One of several states that are all as they should be: running, forward.</summary>
    public const string CalmOther = "#4b535c";

    /// <summary>A state that is neither usual nor an alarm.</summary>
    public const string Notice = "#67809a";

    public const string Clear = "transparent";

    /// <summary>Nothing is known.</summary>
    public const string Silent = "#d0d7de";

    public const string Critical = "#e0393e";

    public const string High = "#ee8a1d";

    public static string Of(Severity severity) => severity switch
    {
        Severity.Critical => Critical,
        Severity.High => High,
        Severity.Medium => "#e3c21c",
        _ => "#5b9bd5",
    };
}
