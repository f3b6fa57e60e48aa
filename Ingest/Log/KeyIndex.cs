using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Telemetry.Ingest.Log;

/// <summary>The key index of a sealed segment: which readings have a device, time and sequence. FORMAT.md has the layout. Its filter is in memory, its records are not.</summary>
internal sealed class KeyIndex
{
    private const int HeaderSize = 48;
    private const int Version = 1;

    // So many records are read at once; of each page its first record is in memory.
    private const int PageRecords = 256;

    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly uint[] _filter;
    private readonly int _count;
    private readonly uint _recordsChecksum;
    private KeyRecord[]? _pages;

    private KeyIndex(IFileSystem files, string path, uint[] filter, int count, uint recordsChecksum) =>
        (_files, _path, _filter, _count, _recordsChecksum) = (files, path, filter, count, recordsChecksum);

    private static ReadOnlySpan<byte> Magic => "TLMKEY\r\n"u8;

    public static void Write(IFileSystem files, string directory, Segment segment)
    {
        var records = Collect(files, segment);
        var filter = new uint[KeyFilter.Words(records.Count)];
        foreach (var record in records)
            KeyFilter.Add(filter, record.Hash);
        var filterBytes = MemoryMarshal.AsBytes(filter.AsSpan());
        var bytes = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(records));
        var header = new byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), records.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), segment.Header.Mark);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), segment.Last);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(32), filter.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(36), Crc32.HashToUInt32(filterBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), Crc32.HashToUInt32(bytes));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(44), Crc32.HashToUInt32(header.AsSpan(0, 44)));
        var path = LogNames.Keys(directory, segment.First);
        using (var file = files.Create(path + LogNames.Unfinished, HeaderSize + filterBytes.Length + (long)bytes.Length))
        {
            file.Write(0, header);
            file.Write(HeaderSize, filterBytes);
            file.Write(HeaderSize + filterBytes.Length, bytes);
            file.Sync();
        }
        files.Move(path + LogNames.Unfinished, path);
        files.SyncDirectory(directory);
    }

    /// <summary>Null if there is none, or none that is valid for this segment.</summary>
    public static KeyIndex? Open(IFileSystem files, string directory, Segment segment)
    {
        var path = LogNames.Keys(directory, segment.First);
        try
        {
            using var file = files.Open(path, writable: false);
            Span<byte> header = stackalloc byte[HeaderSize];
            if (file.Read(0, header) < HeaderSize || !header[..8].SequenceEqual(Magic)
                || BinaryPrimitives.ReadInt32LittleEndian(header[8..]) != Version
                || BinaryPrimitives.ReadUInt64LittleEndian(header[16..]) != segment.Header.Mark
                || BinaryPrimitives.ReadInt64LittleEndian(header[24..]) != segment.Last
                || Crc32.HashToUInt32(header[..44]) != BinaryPrimitives.ReadUInt32LittleEndian(header[44..]))
                return null;
            var filter = new uint[BinaryPrimitives.ReadInt32LittleEndian(header[32..])];
            var bytes = MemoryMarshal.AsBytes(filter.AsSpan());
            if (file.Read(HeaderSize, bytes) < bytes.Length || Crc32.HashToUInt32(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(header[36..]))
                return null;
            return new KeyIndex(files, path, filter, BinaryPrimitives.ReadInt32LittleEndian(header[12..]), BinaryPrimitives.ReadUInt32LittleEndian(header[40..]));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public bool MayHold(ulong hash) => KeyFilter.MayHold(_filter, hash);

    /// <summary>Records of this hash, the latest first. Null if they are damaged or gone.</summary>
    /// <param name="to">Offset, inclusive: groups behind it are left out.</param>
    public IEnumerable<KeyRecord>? Find(ulong hash, uint to)
    {
        ILogFile file;
        try
        {
            file = _files.Open(_path, writable: false);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        if (_pages is not null || ReadPages(file))
            return Find(file, new KeyRecord(hash, to, uint.MaxValue));
        file.Dispose();
        return null;
    }

    private IEnumerable<KeyRecord> Find(ILogFile file, KeyRecord upTo)
    {
        using (file)
        {
            var records = new KeyRecord[PageRecords];
            for (var page = PageOf(upTo); page >= 0; page--)
            {
                for (var i = Read(file, page, records) - 1; i >= 0; i--)
                {
                    if (records[i].Hash < upTo.Hash)
                        yield break;
                    if (records[i].CompareTo(upTo) <= 0)
                        yield return records[i];
                }
            }
        }
    }

    /// <summary>The last one that begins with this record or before it; -1 if none does.</summary>
    private int PageOf(KeyRecord record)
    {
        var (low, high) = (0, _pages!.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_pages[middle].CompareTo(record) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }

    private int Read(ILogFile file, int page, KeyRecord[] into)
    {
        var count = Math.Min(PageRecords, _count - (page * PageRecords));
        file.Read(HeaderSize + (_filter.Length * 4L) + ((long)page * PageRecords * KeyRecord.Size), MemoryMarshal.AsBytes(into.AsSpan(0, count)));
        return count;
    }

    /// <summary>Checks the records as a whole, once. False where they are damaged.</summary>
    private bool ReadPages(ILogFile file)
    {
        var pages = new KeyRecord[(_count + PageRecords - 1) / PageRecords];
        var (records, checksum) = (new KeyRecord[PageRecords], new Crc32());
        for (var page = 0; page < pages.Length; page++)
        {
            var count = Read(file, page, records);
            checksum.Append(MemoryMarshal.AsBytes(records.AsSpan(0, count)));
            pages[page] = records[0];
        }
        if (checksum.GetCurrentHashAsUInt32() != _recordsChecksum)
            return false;
        _pages = pages;
        return true;
    }

    private static List<KeyRecord> Collect(IFileSystem files, Segment segment)
    {
        // Sized at once: growing would leave twice as much on the large-object heap.
        var records = new List<KeyRecord>((int)Math.Min(segment.Last - segment.First + 1, int.MaxValue / KeyRecord.Size));
        using var file = files.Open(segment.Path, writable: false);
        var groups = new GroupReader(file, segment.Header.Mark);
        var strings = new StringTable(2);
        foreach (var offset in LogGroups.Walk(groups, segment, segment.Last))
            KeyRecord.Collect(groups, offset, strings, records);
        HashOrder.Sort(records, static record => record.Hash);
        return records;
    }
}
