using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backtest;

/// <summary>Which occurrences are compared, and how much of the log before them is played so that windows, delays and silences are as they were.</summary>
/// <param name="From">Unix ms, inclusive; of <c>raisedAt</c>, which is event time.</param>
/// <param name="To">Exclusive. What was received since is not played.</param>
/// <param name="WarmUp">Milliseconds before <paramref name="From"/> of which readings and ticks are played. Register, rules and actions are played from the beginning.</param>
public sealed record BacktestSpan(long From, long To, long WarmUp)
{
    /// <summary>More than the longest silence and window of the shipped rules (a cover of 3-day heartbeats is offline after 7.5 days).</summary>
    public const long DefaultWarmUp = 8 * 86_400_000L;

    /// <summary>Too old to matter for what is compared.</summary>
    internal bool Skips(LogEntry entry) => entry.Time < From - WarmUp && (entry is ReadingEntry or TickEntry);
}
