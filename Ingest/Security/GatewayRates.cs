namespace Telemetry.Ingest.Security;

/// <summary>
/// How fast each gateway is read: a token bucket of ten seconds' worth, shared by its connections. Over it nothing is read from them for a while, so the gateway
/// keeps what it has; nothing is dropped. Any thread.
/// </summary>
public sealed partial class GatewayRates(TimeProvider time, ILogger<GatewayRates> logger)
{
    private const int BurstSeconds = 10;

    private readonly Dictionary<string, (long At, double Tokens)> _buckets = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly OncePerInterval _said = new(TimeSpan.FromMinutes(1), time);
    private long _held;

    /// <summary>How often a connection was made to wait.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <param name="readings">That it has just delivered.</param>
    /// <param name="rate">Readings a second.</param>
    /// <returns>How long to read nothing more; zero within the rate.</returns>
    public TimeSpan Take(string gateway, int readings, int rate)
    {
        double tokens;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var most = (double)BurstSeconds * rate;
            tokens = _buckets.TryGetValue(gateway, out var bucket) ? Math.Min(most, bucket.Tokens + (time.GetElapsedTime(bucket.At, now).TotalSeconds * rate)) : most;
            tokens -= readings;
            _buckets[gateway] = (now, tokens);
        }
        if (tokens >= 0)
            return TimeSpan.Zero;
        Interlocked.Increment(ref _held);
        if (_said.May(gateway))
            LogHeld(gateway, rate);
        return TimeSpan.FromSeconds(-tokens / rate);
    }

    [LoggerMessage(LogLevel.Warning, "gateway {Gateway} sends more than {Rate} readings a second; it is read at that rate, and nothing is lost")]
    private partial void LogHeld(string gateway, int rate);
}
