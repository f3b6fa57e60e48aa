using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Cluster;

/// <summary>The first message of a stream into which a log was moved: where that log ended. Its entries stand in the nodes' copies alone. FORMAT.md has the table.</summary>
/// <param name="Position">Of the last entry before the stream.</param>
/// <param name="Time">Log time of that entry, Unix ms.</param>
/// <param name="Log">The log's name, see <see cref="LogId"/>.</param>
/// <param name="Hash">Of the segment that holds the position, up to there, in hexadecimal digits.</param>
internal readonly record struct StreamBeginning(long Position, long Time, string Log, string Hash)
{
    /// <summary>Of the one message that can be a beginning.</summary>
    public const ulong Sequence = 1;

    private const int Size = 72;
    private const int Version = 2;
    private const int ChecksumAt = 12, CheckedFrom = 16;

    private static ReadOnlySpan<byte> Magic => "TLMSTR\r\n"u8;

    /// <summary>JetStream drops a second one of this name.</summary>
    public string Id => $"{Log}-beginning";

    public byte[] ToBytes()
    {
        var message = new byte[Size];
        var into = message.AsSpan();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(into[16..], Position);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], Time);
        BinaryPrimitives.WriteUInt64LittleEndian(into[32..], ulong.Parse(Log, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        ChainHash.Write(Hash, into[40..]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[ChecksumAt..], Crc32.HashToUInt32(into[CheckedFrom..]));
        return message;
    }

    /// <summary>Null for any other message.</summary>
    public static StreamBeginning? Read(ReadOnlySpan<byte> message) =>
        message.Length == Size && message[..8].SequenceEqual(Magic) && BinaryPrimitives.ReadInt32LittleEndian(message[8..]) == Version
            && Crc32.HashToUInt32(message[CheckedFrom..]) == BinaryPrimitives.ReadUInt32LittleEndian(message[ChecksumAt..])
            ? new StreamBeginning(
                BinaryPrimitives.ReadInt64LittleEndian(message[16..]), BinaryPrimitives.ReadInt64LittleEndian(message[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(message[32..]).ToString("x16", CultureInfo.InvariantCulture), ChainHash.Read(message[40..]) ?? "")
            : null;
}
