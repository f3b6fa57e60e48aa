using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace Telemetry.Ingest.Log;

/// <summary>Names and header of a segment file; FORMAT.md has the table.</summary>
internal readonly record struct SegmentHeader(long First, ulong Mark, long TimeBefore, SegmentKind Kind)
{
    public const int Size = 64;
    private const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "TLMLOG\r\n"u8;

    public void Write(Span<byte> into)
    {
        into[..Size].Clear();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(into[16..], First);
        BinaryPrimitives.WriteUInt64LittleEndian(into[24..], Mark);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], TimeBefore);
        BinaryPrimitives.WriteInt32LittleEndian(into[40..], (int)Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(into[60..], Crc32.HashToUInt32(into[..60]));
    }

    /// <exception cref="LogDamageException">The header is not valid: it was durable before the file had its name.</exception>
    public static SegmentHeader Read(ILogFile file, string path, long first)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (file.Read(0, bytes) < Size)
            throw new LogDamageException(path, 0, first, null, "the file is shorter than a segment's header");
        if (!bytes[..8].SequenceEqual(Magic) || Crc32.HashToUInt32(bytes[..60]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]))
            throw new LogDamageException(path, 0, first, null, "the segment's header is damaged");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
            throw new InvalidDataException($"{path} has format version {version}, this program reads version {Version}; use the program that wrote it");
        var header = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            (SegmentKind)BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]));
        if (header.First != first)
            throw new LogDamageException(path, 0, first, null, $"the file's name says {first}, its header {header.First}; it was renamed");
        return header;
    }
}

internal enum SegmentKind
{
    Segment = 1,
    Kept = 2,
}

internal static class LogNames
{
    public const string Reserve = "reserve";
    public const string Readers = "readers";
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
