using System.Buffers.Binary;
using System.IO.Hashing;

namespace Telemetry.Ingest.Log;

/// <summary>Header of one commit; FORMAT.md has the table.</summary>
internal readonly record struct GroupHeader(ulong Mark, int Length, int Count, long First, long Time)
{
    public const int Size = 40;
    private const int ChecksumAt = 8;
    private const int CheckedFrom = 12;

    public long Last => First + Count - 1;

    /// <summary>Header and entries, in bytes.</summary>
    public long TotalLength => Size + (long)Length;

    /// <summary>Fills in the header in front of the entries, which stand from <see cref="Size"/> on.</summary>
    public void Seal(Span<byte> group)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(group, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(group[12..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(group[16..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(group[20..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(group[24..], First);
        BinaryPrimitives.WriteInt64LittleEndian(group[32..], Time);
        BinaryPrimitives.WriteUInt32LittleEndian(group[ChecksumAt..], Crc32.HashToUInt32(group[CheckedFrom..]));
    }

    public static GroupHeader Read(ReadOnlySpan<byte> header) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(header),
        BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
        BinaryPrimitives.ReadInt32LittleEndian(header[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
        BinaryPrimitives.ReadInt64LittleEndian(header[32..]));

    /// <summary>True if length and count can be true of a group that ends within <paramref name="room"/> bytes.</summary>
    public bool IsPlausible(long room) => Length >= EntryCodec.FrameSize && TotalLength <= room && Count > 0 && (long)Count * EntryCodec.FrameSize <= Length && First > 0;

    public static bool ChecksumHolds(ReadOnlySpan<byte> group) =>
        Crc32.HashToUInt32(group[CheckedFrom..]) == BinaryPrimitives.ReadUInt32LittleEndian(group[ChecksumAt..]);
}
