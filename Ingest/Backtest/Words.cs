using System.Globalization;

namespace Telemetry.Ingest.Backtest;

/// <summary>Times and durations as people read them in the report.</summary>
internal static class Words
{
    // No daylight saving time since 1991, and the image has no zones.
    private static readonly TimeSpan Shanghai = TimeSpan.FromHours(8);

    public static string Time(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time).ToOffset(Shanghai).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Duration(long milliseconds) => Math.Abs(milliseconds) switch
    {
        < 60_000 and var ms => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:0.#} s"),
        < 3_600_000 and var ms => string.Create(CultureInfo.InvariantCulture, $"{ms / 60_000} min {ms / 1000 % 60} s"),
        var ms => string.Create(CultureInfo.InvariantCulture, $"{ms / 3_600_000} h {ms / 60_000 % 60} min"),
    };

    /// <summary>Of a difference: <c>12 s earlier</c>, <c>added</c>.</summary>
    public static string Change(Difference difference) => difference.Change switch
    {
        Backtest.Change.Earlier or Backtest.Change.Later => $"{Duration(difference.Shift)} {Name(difference.Change)}",
        Backtest.Change.Severity => $"{Name(difference.Was!.Severity)} → {Name(difference.Is!.Severity)}",
        var change => Name(change),
    };

    /// <summary>Where the old side comes from.</summary>
    public static string Source(OutcomeComparison comparison) => comparison.WhyEvaluated is { } why ? $"evaluated once more: {why}" : "out of the recorded journal";

    public static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
