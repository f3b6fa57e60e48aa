using System.Security.Cryptography;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>How long to wait before the next attempt.</summary>
internal static class Backoff
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>A connection that held so long was a good one: the next failure is a first one.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    /// <summary>0 to 1, so that what fell together does not come back together.</summary>
    public static double Random() => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20);

    /// <summary>1, 2, 4 … 30 s, each shortened by up to a half (never below 1 s), so that many services don't come back at once.</summary>
    /// <param name="failures">In a row, from 1.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan Delay(int failures, double random)
    {
        var whole = Shortest.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 10));
        var seconds = Math.Min(whole, Longest.TotalSeconds) * (1 - random / 2);
        return TimeSpan.FromSeconds(Math.Max(seconds, Shortest.TotalSeconds));
    }
}
