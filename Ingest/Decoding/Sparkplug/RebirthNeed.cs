namespace Telemetry.Ingest.Decoding.Sparkplug;

/// <summary>Whether a node's birth is wanted, and how often it may be asked for.</summary>
internal sealed class RebirthNeed
{
    /// <summary>Milliseconds from one request to the next: a node that does not answer is not flooded, and a birth of thousands of metrics takes a while.</summary>
    public const long Interval = 10_000;

    private bool _isWanted;
    private long? _askedAt;

    public void Want() => _isWanted = true;

    /// <summary>It has come.</summary>
    public void Met() => _isWanted = false;

    /// <summary>Once for each request that is to go out now.</summary>
    public bool IsDue(long now)
    {
        if (!_isWanted || now - _askedAt < Interval)
            return false;
        (_isWanted, _askedAt) = (false, now);
        return true;
    }
}
