using System.Runtime.InteropServices;

namespace Telemetry.Ingest.Log;

/// <summary>Sorts what an index of a segment holds by its hashes: hundreds of thousands, digit by digit, so that hardly any two are compared.</summary>
internal static class HashOrder
{
    private const int DigitBits = 11;
    private const int Digits = 1 << DigitBits;

    // So many upper bits leave runs of a few records, which comparing puts in order.
    private const int SortedBits = 2 * DigitBits;

    /// <summary>By <paramref name="hash"/>, then as they compare; <typeparamref name="T"/> must compare by that hash first.</summary>
    public static void Sort<T>(List<T> records, Func<T, ulong> hash)
        where T : struct, IComparable<T>
    {
        var from = CollectionsMarshal.AsSpan(records);
        var spare = new T[from.Length];
        Distribute(from, spare, hash, 64 - SortedBits);
        Distribute(spare, from, hash, 64 - DigitBits);
        for (var start = 0; start < from.Length;)
        {
            var digits = hash(from[start]) >> (64 - SortedBits);
            var end = start + 1;
            while (end < from.Length && hash(from[end]) >> (64 - SortedBits) == digits)
                end++;
            if (end - start > 1)
                from[start..end].Sort();
            start = end;
        }
    }

    private static void Distribute<T>(ReadOnlySpan<T> from, Span<T> to, Func<T, ulong> hash, int shift)
    {
        Span<int> next = stackalloc int[Digits];
        foreach (var record in from)
            next[(int)(hash(record) >> shift) & (Digits - 1)]++;
        var begin = 0;
        foreach (ref var count in next)
            (count, begin) = (begin, begin + count);
        foreach (var record in from)
            to[next[(int)(hash(record) >> shift) & (Digits - 1)]++] = record;
    }
}
