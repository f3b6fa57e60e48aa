using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>Where a reading of a key stands in its segment. Field order is sort order. On the disk as in memory (little-endian).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct KeyRecord(ulong Hash, uint Offset, uint Ordinal) : IComparable<KeyRecord>
{
    public const int Size = 16;

    public int CompareTo(KeyRecord other)
    {
        var order = Hash.CompareTo(other.Hash);
        if (order == 0)
            order = Offset.CompareTo(other.Offset);
        return order != 0 ? order : Ordinal.CompareTo(other.Ordinal);
    }

    public static ulong HashOf(Reading reading) => HashOf(Encoding.UTF8.GetBytes(reading.Device), reading.SentTime, reading.Sequence);

    /// <summary>Adds the readings of the group that the reader stands on, but those without time and sequence, which have no key.</summary>
    public static void Collect(GroupReader groups, long offset, StringTable strings, List<KeyRecord> into)
    {
        var rest = groups.Entries;
        for (var ordinal = 0u; ordinal < groups.Header.Count; ordinal++)
        {
            var body = EntryCodec.NextBody(ref rest, out var kind);
            if (kind != EntryKind.Reading)
                continue;
            var device = EntryCodec.KeyOf(body, strings, out var sentTime, out var sequence);
            if (sentTime is not null || sequence is not null)
                into.Add(new KeyRecord(HashOf(device, sentTime, sequence), (uint)offset, ordinal));
        }
    }

    private static ulong HashOf(ReadOnlySpan<byte> device, long? sentTime, long? sequence)
    {
        Span<byte> key = stackalloc byte[25];
        BinaryPrimitives.WriteUInt64LittleEndian(key, XxHash3.HashToUInt64(device));
        BinaryPrimitives.WriteInt64LittleEndian(key[8..], sentTime ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(key[16..], sequence ?? 0);
        key[24] = (byte)((sentTime is null ? 0 : 1) + (sequence is null ? 0 : 2));
        return XxHash3.HashToUInt64(key);
    }
}
