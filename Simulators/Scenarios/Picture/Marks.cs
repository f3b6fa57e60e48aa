namespace Telemetry.Simulators.Scenarios.Picture;

/// <summary>The signs of the picture: each differs in shape and in colour, so that it can be told on paper and by the colour-blind.</summary>
internal static class Marks
{
    public const string Happens = "M-5 -7H5L0 3Z";
    public const string Ends = "M-4 -6H4L0 2Z";
    public const string Detected = "M-5.5 0A5.5 5.5 0 1 1 5.5 0A5.5 5.5 0 1 1 -5.5 0Z";
    public const string Late = "M0 -6.5L6.5 5.5H-6.5Z";
    public const string Missed = "M-5 -5L5 5M5 -5L-5 5";
    public const string False = "M0 -6.5L6.5 0L0 6.5L-6.5 0Z";

    public static string Of(Verdict verdict) => verdict switch { Verdict.Detected => Detected, Verdict.Late => Late, _ => Missed };

    /// <summary>The sheet of the whole picture. Severities have the hues of the operator's page.</summary>
    public const string Style =
        """
        svg{font:12px "Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei","WenQuanYi Micro Hei",system-ui,sans-serif;fill:#22282d}
        .page{fill:#fff}.band{fill:#f3f4f5}.title{font-size:20px;font-weight:700}.big{font-size:14px;font-weight:600}.quiet{fill:#6a747c}.small{font-size:11px;fill:#6a747c}.head{font-size:11px;font-weight:600;fill:#6a747c}
        .name{font-weight:600}.bad{fill:#b3121a;font-weight:600}.good{fill:#1a7f37;font-weight:600}.warn{fill:#b35900;font-weight:600}.odd{fill:#7a2ea0;font-weight:600}
        .grid{stroke:#e1e4e6;fill:none}.axis{stroke:#8a949b;fill:none}.delay{stroke:#22282d;stroke-width:2;fill:none}.due{stroke:#22282d;stroke-width:1.5;fill:none}.wait{stroke:#b6bdc2;stroke-width:2;stroke-dasharray:2 3;fill:none}
        .critical{fill:#c4161c}.high{fill:#e8780c}.medium{fill:#d9b400}.low{fill:#4a7a9e}.acked{opacity:.45}.over{fill-opacity:.12;stroke-width:1.2}.critical.over{stroke:#c4161c}.high.over{stroke:#e8780c}.medium.over{stroke:#d9b400}.low.over{stroke:#4a7a9e}.laid{fill:#c3c9cd}.striped{fill:url(#stripes)}
        .happens{fill:#22282d}.ends{fill:#fff;stroke:#22282d;stroke-width:1.2}
        .detected{fill:#1a7f37;stroke:#fff;stroke-width:1.5}.late{fill:#f0a000;stroke:#22282d;stroke-width:1.5}.missed{stroke:#b3121a;stroke-width:3.2;fill:none}.false{fill:#fff;stroke:#7a2ea0;stroke-width:2.4}
        .load{fill:#9fb4c4}.flood{fill:#f7c9cb}.limit{stroke:#c4161c;stroke-width:1.2;fill:none}.target{stroke:#1a7f37;stroke-width:1.2;stroke-dasharray:5 4;fill:none}
        """;
}
