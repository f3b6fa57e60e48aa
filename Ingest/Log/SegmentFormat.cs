using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace Telemetry.Ingest.Log;

/// <summary>Names and header of a segment file; FORMAT.md has the table.</summary>
/// <param name="Chain">Null in version 1, which has no chain.</param>
internal readonly record struct SegmentHeader(long First, ulong Mark, long TimeBefore, SegmentKind Kind, ChainLink? Chain)
{
    public const int LargestSize = 160;
    private const int PlainSize = 64;
    private const int PlainVersion = 1, ChainedVersion = 2;

    private static ReadOnlySpan<byte> Magic => "TLMLOG\r\n"u8;

    /// <summary>Where the first group begins.</summary>
    public int Size => Chain is null ? PlainSize : LargestSize;

    public byte[] ToBytes()
    {
        var into = new byte[Size].AsSpan();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], Chain is null ? PlainVersion : ChainedVersion);
        BinaryPrimitives.WriteInt64LittleEndian(into[16..], First);
        BinaryPrimitives.WriteUInt64LittleEndian(into[24..], Mark);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], TimeBefore);
        BinaryPrimitives.WriteInt32LittleEndian(into[40..], (int)Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(into[60..], Crc32.HashToUInt32(into[..60]));
        if (Chain is { } chain)
        {
            ChainHash.Write(chain.Before, into[64..]);
            ChainHash.Write(chain.Removed, into[96..]);
            BinaryPrimitives.WriteUInt32LittleEndian(into[156..], Crc32.HashToUInt32(into[..156]));
        }
        return into.ToArray();
    }

    /// <exception cref="LogDamageException">The header is not valid: it was durable before the file had its name.</exception>
    public static SegmentHeader Read(ILogFile file, string path, long first)
    {
        Span<byte> bytes = stackalloc byte[LargestSize];
        bytes = bytes[..file.Read(0, bytes)];
        if (bytes.Length < PlainSize)
            throw new LogDamageException(path, 0, first, null, "the file is shorter than a segment's header");
        if (!bytes[..8].SequenceEqual(Magic) || !ChecksumHolds(bytes[..PlainSize]))
            throw new LogDamageException(path, 0, first, null, "the segment's header is damaged");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version is < PlainVersion or > ChainedVersion)
            throw new InvalidDataException($"{path} has format version {version}, this program reads versions up to {ChainedVersion}; use the program that wrote it");
        if (version == ChainedVersion && (bytes.Length < LargestSize || !ChecksumHolds(bytes)))
            throw new LogDamageException(path, PlainSize, first, null, "the segment's link to the one before is damaged");
        var header = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            (SegmentKind)BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]),
            version == ChainedVersion ? new ChainLink(ChainHash.Read(bytes[64..]), ChainHash.Read(bytes[96..])) : null);
        if (header.First != first)
            throw new LogDamageException(path, 0, first, null, $"the file's name says {first}, its header {header.First}; it was renamed");
        return header;
    }

    private static bool ChecksumHolds(ReadOnlySpan<byte> bytes) => Crc32.HashToUInt32(bytes[..^4]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]);
}

/// <param name="Before">SHA-256 of the segment before, in hexadecimal digits; null if there is none.</param>
/// <param name="Removed">The newest value of <see cref="RemovedBook"/> when the segment began; null if there was none.</param>
internal readonly record struct ChainLink(string? Before, string? Removed);

internal enum SegmentKind
{
    Segment = 1,
    Kept = 2,
}

internal static class LogNames
{
    public const string Reserve = "reserve";
    public const string Readers = "readers";
    public const string Removed = "removed";
    public const string Lock = "lock";
    public const string Unfinished = ".new";
    public const string IndexSuffix = ".idx";
    public const string KeysSuffix = ".keys";
    public const string KeptPrefix = "kept-";
    private const string SegmentSuffix = ".log";
    private const int Digits = 20;

    public static string Segment(string directory, long first) => Path.Combine(directory, Name(first) + SegmentSuffix);

    public static string Index(string directory, long first) => Path.Combine(directory, Name(first) + IndexSuffix);

    public static string Keys(string directory, long first) => Path.Combine(directory, Name(first) + KeysSuffix);

    public static string Kept(string directory, long first) => Path.Combine(directory, KeptPrefix + Name(first) + SegmentSuffix);

    /// <summary>First positions of the segments (or, with the prefix, kept files) among the names, ascending.</summary>
    public static List<long> Firsts(IEnumerable<string> names, string prefix = "")
    {
        var firsts = new List<long>();
        foreach (var name in names)
        {
            if (name.Length == prefix.Length + Digits + SegmentSuffix.Length
                && name.StartsWith(prefix, StringComparison.Ordinal)
                && name.EndsWith(SegmentSuffix, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(prefix.Length, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var first))
                firsts.Add(first);
        }
        firsts.Sort();
        return firsts;
    }

    private static string Name(long first) => first.ToString("D20", CultureInfo.InvariantCulture);
}
