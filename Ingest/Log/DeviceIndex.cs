using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Telemetry.Ingest.Log;

/// <summary>The device/time index of a sealed segment: which groups hold a device's readings. FORMAT.md has the layout.</summary>
internal static class DeviceIndex
{
    private const int HeaderSize = 72;
    private const int RecordSize = 24;
    private const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "TLMIDX\r\n"u8;

    public readonly record struct Header(int Count, ulong Mark, long Last, long Used, long LastTime, long Lowest, long Highest, uint RecordsChecksum);

    /// <summary>Field order is sort order. On the disk as in memory (little-endian).</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    public readonly record struct Record(ulong Hash, long EventTime, uint Offset, uint Ordinal) : IComparable<Record>
    {
        public int CompareTo(Record other)
        {
            var order = Hash.CompareTo(other.Hash);
            if (order == 0)
                order = EventTime.CompareTo(other.EventTime);
            if (order == 0)
                order = Offset.CompareTo(other.Offset);
            return order != 0 ? order : Ordinal.CompareTo(other.Ordinal);
        }
    }

    public static ulong Hash(ReadOnlySpan<byte> device) => XxHash3.HashToUInt64(device);

    /// <summary>Null if there is no index, or none that is valid.</summary>
    public static Header? ReadHeader(IFileSystem files, string path)
    {
        try
        {
            using var file = files.Open(path, writable: false);
            return ReadHeader(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public static void Write(IFileSystem files, string directory, Segment segment)
    {
        var records = Collect(files, segment);
        var path = LogNames.Index(directory, segment.First);
        var bytes = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(records));
        var header = new byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), records.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), segment.Header.Mark);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), segment.Last);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), segment.Used);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), segment.LastTime);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), records.Count == 0 ? long.MaxValue : records.Min(r => r.EventTime));
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(56), records.Count == 0 ? long.MinValue : records.Max(r => r.EventTime));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(64), Crc32.HashToUInt32(bytes));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(68), Crc32.HashToUInt32(header.AsSpan(0, 68)));
        using (var file = files.Create(path + LogNames.Unfinished, HeaderSize + bytes.Length))
        {
            file.Write(0, header);
            file.Write(HeaderSize, bytes);
            file.Sync();
        }
        files.Move(path + LogNames.Unfinished, path);
        files.SyncDirectory(directory);
    }

    /// <summary>
    /// Group offsets and ordinals of the device's readings with event time in [from, to), in log order; other devices of equal hash may be
    /// among them. Null if the index is not valid.
    /// </summary>
    /// <param name="isChecked">Its records have been found to be whole before: only those that are needed are read.</param>
    public static List<Record>? Find(IFileSystem files, string path, ulong mark, string device, long from, long to, bool isChecked = false)
    {
        try
        {
            using var file = files.Open(path, writable: false);
            if (ReadHeader(file) is not { } header || header.Mark != mark)
                return null;
            if (header.Count == 0 || header.Highest < from || header.Lowest >= to)
                return [];
            if (!isChecked && !ChecksumHolds(file, header))
                return null;
            var hash = Hash(Encoding.UTF8.GetBytes(device));
            var found = new List<Record>();
            var record = new Record[1];
            for (var i = FirstAt(file, header.Count, new Record(hash, from, 0, 0)); i < header.Count; i++)
            {
                Read(file, i, record);
                if (record[0].Hash != hash || record[0].EventTime >= to)
                    break;
                found.Add(record[0]);
            }
            found.Sort((a, b) => (a.Offset, a.Ordinal).CompareTo((b.Offset, b.Ordinal)));
            return found;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Adds the readings of the group that the reader stands on.</summary>
    public static void Collect(GroupReader groups, long offset, StringTable strings, List<Record> into)
    {
        var rest = groups.Entries;
        for (var ordinal = 0u; ordinal < groups.Header.Count; ordinal++)
        {
            var body = EntryCodec.NextBody(ref rest, out var kind);
            if (kind != EntryKind.Reading)
                continue;
            var device = EntryCodec.DeviceOf(body, groups.Header.Time, strings, out var eventTime);
            into.Add(new Record(Hash(device), eventTime, (uint)offset, ordinal));
        }
    }

    private static bool ChecksumHolds(ILogFile file, Header header)
    {
        var records = new Record[header.Count];
        var bytes = MemoryMarshal.AsBytes(records.AsSpan());
        return file.Read(HeaderSize, bytes) == bytes.Length && Crc32.HashToUInt32(bytes) == header.RecordsChecksum;
    }

    /// <summary>The first record that is not before this one.</summary>
    private static int FirstAt(ILogFile file, int count, Record wanted)
    {
        var (low, high) = (0, count);
        var record = new Record[1];
        while (low < high)
        {
            var middle = (low + high) / 2;
            Read(file, middle, record);
            if (record[0].CompareTo(wanted) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private static void Read(ILogFile file, int index, Record[] into) => file.Read(HeaderSize + ((long)index * RecordSize), MemoryMarshal.AsBytes(into.AsSpan()));

    private static Header? ReadHeader(ILogFile file)
    {
        Span<byte> bytes = stackalloc byte[HeaderSize];
        if (file.Read(0, bytes) < HeaderSize || !bytes[..8].SequenceEqual(Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != Version
            || Crc32.HashToUInt32(bytes[..68]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[68..]))
            return null;
        var header = new Header(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[64..]));
        return file.Length == HeaderSize + (long)header.Count * RecordSize ? header : null;
    }

    private static List<Record> Collect(IFileSystem files, Segment segment)
    {
        // Sized at once: growing would leave twice as much on the large-object heap.
        var records = new List<Record>((int)Math.Min(segment.Last - segment.First + 1, int.MaxValue / RecordSize));
        using var file = files.Open(segment.Path, writable: false);
        var groups = new GroupReader(file, segment.Header.Mark);
        var strings = new StringTable(2);
        foreach (var offset in LogGroups.Walk(groups, segment, segment.Last))
        {
            Collect(groups, offset, strings, records);
        }
        HashOrder.Sort(records, static record => record.Hash);
        return records;
    }
}
