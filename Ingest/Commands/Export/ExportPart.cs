namespace Telemetry.Ingest.Commands.Export;

/// <summary>A span of event time that is asked of the service at once.</summary>
/// <param name="From">Unix ms, inclusive.</param>
/// <param name="To">Unix ms, exclusive.</param>
public sealed record ExportPart(long From, long To)
{
    private const long Day = 86_400_000;

    /// <summary>Name of a day's file.</summary>
    public string Name => DateTimeOffset.FromUnixTimeMilliseconds(From).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The UTC days that the span touches, the first and last one cut.</summary>
    public static IEnumerable<ExportPart> Days(long from, long to)
    {
        for (var start = from; start < to;)
        {
            var end = Math.Min(to, ((start / Day) + 1) * Day);
            yield return new ExportPart(start, end);
            start = end;
        }
    }
}
