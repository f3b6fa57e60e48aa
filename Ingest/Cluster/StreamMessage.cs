using System.Buffers.Binary;
using System.IO.Hashing;
using Telemetry.Ingest.Log;

namespace Telemetry.Ingest.Cluster;

/// <summary>What one message of the stream says about its entries; FORMAT.md has the table.</summary>
/// <param name="Run">One start of one node.</param>
/// <param name="Number">Of that run's messages, from 1, in order.</param>
/// <param name="Time">The node's log time when it sent the entries first, Unix ms.</param>
internal readonly record struct StreamMessage(ulong Run, long Number, long Time, int Count)
{
    public const int HeaderSize = 48;

    /// <summary>Bytes of entries that one message takes, unless one entry alone is larger.</summary>
    public const int MostBytes = 512 << 10;

    private const int Version = 1;
    private const int ChecksumAt = 12, CheckedFrom = 16;

    private static ReadOnlySpan<byte> Magic => "TLMSTR\r\n"u8;

    /// <summary>JetStream drops a second message of this name, as long as it remembers.</summary>
    public string Id => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Run:x16}-{Number}");

    public byte[] ToBytes(ReadOnlySpan<byte> entries)
    {
        var message = new byte[HeaderSize + entries.Length];
        var into = message.AsSpan();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(into[16..], Run);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], Time);
        BinaryPrimitives.WriteInt32LittleEndian(into[40..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(into[44..], entries.Length);
        entries.CopyTo(into[HeaderSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[ChecksumAt..], Crc32.HashToUInt32(into[CheckedFrom..]));
        return message;
    }

    /// <summary>False where somebody else wrote the message, or it is damaged: then it is none, on every node.</summary>
    /// <param name="ticks">At least one of the entries is a tick.</param>
    /// <exception cref="InvalidDataException">A later version of the service wrote it: to leave it out would give this node another log.</exception>
    public static bool TryRead(ReadOnlySpan<byte> message, out StreamMessage header, out ReadOnlySpan<byte> entries, out bool ticks)
    {
        header = default;
        entries = default;
        ticks = false;
        if (message.Length < HeaderSize || !message[..8].SequenceEqual(Magic) || Crc32.HashToUInt32(message[CheckedFrom..]) != BinaryPrimitives.ReadUInt32LittleEndian(message[ChecksumAt..]))
            return false;
        var version = BinaryPrimitives.ReadInt32LittleEndian(message[8..]);
        if (version != Version)
            throw new InvalidDataException($"the stream holds a message of version {version}, this program reads version {Version}; start the version that the other nodes run");
        header = new StreamMessage(
            BinaryPrimitives.ReadUInt64LittleEndian(message[16..]), BinaryPrimitives.ReadInt64LittleEndian(message[24..]), BinaryPrimitives.ReadInt64LittleEndian(message[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(message[40..]));
        entries = message[HeaderSize..];
        if (BinaryPrimitives.ReadInt32LittleEndian(message[44..]) != entries.Length || header.Count <= 0 || header.Number <= 0)
            return false;
        var rest = entries;
        var count = 0;
        for (; rest.Length > 0; count++)
        {
            EntryCodec.NextBody(ref rest, out var kind);
            if (!Enum.IsDefined(kind))
                throw new InvalidDataException($"the stream holds an entry of kind {(byte)kind}, which this version does not know; start the version that the other nodes run");
            ticks |= kind == EntryKind.Tick;
        }
        return count == header.Count;
    }
}
