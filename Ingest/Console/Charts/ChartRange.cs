namespace Telemetry.Ingest.OperatorPage.Charts;

/// <summary>How far a chart looks back.</summary>
/// <param name="Name">In addresses: <c>1h</c>.</param>
/// <param name="Length">Milliseconds.</param>
/// <param name="Every">Milliseconds of a bucket: a day of ten-second values is more than a screen has columns. Null shows every value.</param>
/// <param name="Export">The same as the export's <c>every</c>; null for every value.</param>
public sealed record ChartRange(string Name, string En, string Zh, long Length, long? Every, string? Export)
{
    private const long Minute = 60_000, Hour = 60 * Minute, Day = 24 * Hour;

    public static readonly IReadOnlyList<ChartRange> All =
    [
        new("1h", "1 h", "1 小时", Hour, null, null),
        new("6h", "6 h", "6 小时", 6 * Hour, Minute, null),
        new("24h", "24 h", "24 小时", Day, 5 * Minute, null),
        new("7d", "7 d", "7 天", 7 * Day, 30 * Minute, "1m"),
    ];

    /// <summary>The shortest for a name that is none.</summary>
    public static ChartRange Of(string? name) => All.FirstOrDefault(range => range.Name == name) ?? All[0];
}
