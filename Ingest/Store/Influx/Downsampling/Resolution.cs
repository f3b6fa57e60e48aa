namespace Telemetry.Ingest.Store.Influx.Downsampling;

/// <summary>How long a summary's window is.</summary>
/// <param name="Policy">The retention policy that InfluxQL finds the summaries by.</param>
/// <param name="Minutes">Length of a window; windows are aligned to the epoch.</param>
internal sealed record Resolution(string Policy, long Minutes)
{
    public static readonly Resolution Minute = new("1m", 1);

    public static readonly Resolution Hour = new("1h", 60);
}

/// <summary>Event time in [From, To), in minutes since the epoch.</summary>
internal readonly record struct MinuteSpan(long From, long To);
