using System.Numerics;

namespace Telemetry.Simulators.Load;

/// <summary>Latencies in buckets no wider than 1/32 of their value, from 1 µs to hours, without allocation per sample.</summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 5;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];
    private long _total;

    public void Add(TimeSpan latency, int count = 1)
    {
        var micros = Math.Max(0, latency.Ticks / TimeSpan.TicksPerMicrosecond);
        _counts[Bucket(micros)] += count;
        _total += count;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        _total += other._total;
    }

    /// <param name="share">0 to 1; 1 is the greatest.</param>
    /// <returns>Milliseconds, the lower edge of the bucket; 0 without samples.</returns>
    public double Milliseconds(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(share * _total));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
                return Edge(i) / 1000.0;
        }
        return 0;
    }

    private static int Bucket(long micros)
    {
        if (micros < SubBuckets)
            return (int)micros;
        var shift = BitOperations.Log2((ulong)micros) - SubBits;
        return ((shift + 1) << SubBits) + (int)((micros >> shift) & (SubBuckets - 1));
    }

    private static long Edge(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        var shift = (bucket >> SubBits) - 1;
        return (long)(SubBuckets + (bucket & (SubBuckets - 1))) << shift;
    }
}
