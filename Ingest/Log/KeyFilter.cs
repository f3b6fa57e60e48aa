namespace Telemetry.Ingest.Log;

/// <summary>
/// Says of a key hash "surely not here" or "perhaps": a split-block Bloom filter as in the Parquet format, one bit in each of the eight words of a
/// block. 16 bits a key: about 1 in 800 answers "perhaps" for nothing.
/// </summary>
internal static class KeyFilter
{
    private const int BitsPerKey = 16;
    private const int WordsPerBlock = 8;
    private const int BitsPerBlock = WordsPerBlock * 32;

    // The odd multipliers of the Parquet format: each takes other bits of the hash to its word.
    private static ReadOnlySpan<uint> Salts => [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];

    /// <summary>Words of a filter for so many keys.</summary>
    public static int Words(int keys) => (int)(((long)keys * BitsPerKey + BitsPerBlock - 1) / BitsPerBlock) * WordsPerBlock;

    public static void Add(Span<uint> filter, ulong hash)
    {
        var block = Block(filter.Length, hash);
        for (var i = 0; i < WordsPerBlock; i++)
            filter[block + i] |= Bit((uint)hash, i);
    }

    public static bool MayHold(ReadOnlySpan<uint> filter, ulong hash)
    {
        if (filter.IsEmpty)
            return false;
        var block = filter.Slice(Block(filter.Length, hash), WordsPerBlock);
        for (var i = 0; i < WordsPerBlock; i++)
        {
            if ((block[i] & Bit((uint)hash, i)) == 0)
                return false;
        }
        return true;
    }

    private static int Block(int words, ulong hash) => (int)((hash >> 32) * (ulong)(words / WordsPerBlock) >> 32) * WordsPerBlock;

    private static uint Bit(uint hash, int word) => 1u << (int)(hash * Salts[word] >> 27);
}
