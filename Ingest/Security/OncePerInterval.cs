namespace Telemetry.Ingest.Security;

/// <summary>Lets the same thing be said once an interval, in bounded memory: what a stranger sends must fill neither the log nor the heap.</summary>
/// <param name="interval"><see cref="Timeout.InfiniteTimeSpan"/> for once and never again, as long as it is remembered.</param>
public sealed class OncePerInterval(TimeSpan interval, TimeProvider time)
{
    private const int MaxKeys = 10_000;

    private readonly Dictionary<string, long> _saidAt = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();
    private readonly Lock _gate = new();

    public bool May(string key)
    {
        lock (_gate)
        {
            if (_saidAt.TryGetValue(key, out var at))
            {
                if (interval == Timeout.InfiniteTimeSpan || time.GetElapsedTime(at) < interval)
                    return false;
                _saidAt[key] = time.GetTimestamp();
                return true;
            }
            if (_saidAt.Count >= MaxKeys)
                _saidAt.Remove(_oldestFirst.Dequeue());
            _saidAt[key] = time.GetTimestamp();
            _oldestFirst.Enqueue(key);
            return true;
        }
    }
}
