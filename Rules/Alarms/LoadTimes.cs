using System.Numerics;

namespace Telemetry.Rules.Alarms;

/// <summary>How long something took. Lengths are kept by eighths of an octave: a percentile is within 6 % of the true one, and the sum of days costs nothing.</summary>
internal sealed class LoadTimes
{
    private const int Eighths = 3;
    private readonly SortedDictionary<int, int> _counts = [];

    public int Count { get; private set; }

    /// <param name="milliseconds">Below 0 counts as 0.</param>
    public void Add(long milliseconds)
    {
        var place = Place(Math.Max(0, milliseconds));
        _counts[place] = _counts.GetValueOrDefault(place) + 1;
        Count++;
    }

    public void Add(LoadTimes other)
    {
        foreach (var (place, count) in other._counts)
            _counts[place] = _counts.GetValueOrDefault(place) + count;
        Count += other.Count;
    }

    /// <param name="share">0 to 1: 0.5 is the median.</param>
    /// <returns>Milliseconds; null where there is nothing.</returns>
    public long? Percentile(double share)
    {
        var rank = Math.Max(1, (int)Math.Ceiling(share * Count));
        foreach (var (place, count) in _counts)
        {
            if (rank <= count)
                return Middle(place);
            rank -= count;
        }
        return null;
    }

    public void Save(BinaryWriter into)
    {
        into.Write7BitEncodedInt(_counts.Count);
        foreach (var (place, count) in _counts)
        {
            into.Write7BitEncodedInt(place);
            into.Write7BitEncodedInt(count);
        }
    }

    public void Load(BinaryReader from)
    {
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
        {
            var place = from.Read7BitEncodedInt();
            Count += _counts[place] = from.Read7BitEncodedInt();
        }
    }

    // Up to 15 each length has its own place; from there on the highest bit and the three after it.
    private static int Place(long length)
    {
        if (length < 1 << (Eighths + 1))
            return (int)length;
        var shift = BitOperations.Log2((ulong)length) - Eighths;
        return (shift << Eighths) + (int)(length >> shift);
    }

    private static long Middle(int place)
    {
        if (place < 1 << (Eighths + 1))
            return place;
        var shift = (place >> Eighths) - 1;
        var begin = ((long)(place & ((1 << Eighths) - 1)) + (1 << Eighths)) << shift;
        return begin + (1L << shift >> 1);
    }
}
