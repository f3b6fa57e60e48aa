using System.Buffers.Binary;
using System.Security.Cryptography;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>The operator, rule, device and system entries of segments that are gone; kept files.</summary>
internal static class KeptEntries
{
    /// <summary>Writes the kept file of this segment, if it has entries to keep. Doing it twice does no harm.</summary>
    /// <returns>How many entries, and the file's SHA-256; null without a file.</returns>
    public static (long Count, string? Hash) Copy(IFileSystem files, string directory, Segment segment)
    {
        var kept = new MemoryStream();
        kept.Write((segment.Header with { Kind = SegmentKind.Kept, Chain = null }).ToBytes());
        var count = 0L;
        using (var source = files.Open(segment.Path, writable: false))
        {
            var groups = new GroupReader(source, segment.Header.Mark);
            foreach (var _ in LogGroups.Walk(groups, segment, segment.Last))
                count += CopyGroup(groups, kept);
        }
        if (count == 0)
            return (0, null);
        var path = LogNames.Kept(directory, segment.First);
        var bytes = kept.GetBuffer().AsSpan(0, (int)kept.Length);
        using (var file = files.Create(path + LogNames.Unfinished, kept.Length))
        {
            file.Write(0, bytes);
            file.Sync();
        }
        files.Move(path + LogNames.Unfinished, path);
        files.SyncDirectory(directory);
        return (count, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>Ascending position.</summary>
    public static IEnumerable<LogEntry> Read(IFileSystem files, string directory)
    {
        var strings = new StringTable(1 << 10);
        foreach (var first in LogNames.Firsts(files.List(directory), LogNames.KeptPrefix))
        {
            var path = LogNames.Kept(directory, first);
            using var file = files.Open(path, writable: false);
            var segment = new Segment(path, SegmentHeader.Read(file, path, first));
            var groups = new GroupReader(file, segment.Header.Mark);
            for (long offset = segment.Header.Size; offset < file.Length; offset += groups.Header.TotalLength)
            {
                LogGroups.Read(groups, segment, offset, null);
                yield return ReadOne(groups, strings);
            }
        }
    }

    /// <summary>Log time of the last entry in the kept file.</summary>
    public static long LastTime(IFileSystem files, string directory, long first)
    {
        var path = LogNames.Kept(directory, first);
        using var file = files.Open(path, writable: false);
        return new SegmentScan(file, path, SegmentHeader.Read(file, path, first), null).LastTime;
    }

    private static int CopyGroup(GroupReader groups, MemoryStream kept)
    {
        var copied = 0;
        var rest = groups.Entries;
        for (var ordinal = 0; ordinal < groups.Header.Count; ordinal++)
        {
            var body = EntryCodec.NextBody(ref rest, out var kind);
            if (!kind.IsKept())
                continue;
            var group = new byte[GroupHeader.Size + EntryCodec.FrameSize + body.Length];
            BinaryPrimitives.WriteInt32LittleEndian(group.AsSpan(GroupHeader.Size), body.Length);
            group[GroupHeader.Size + 4] = (byte)kind;
            body.CopyTo(group.AsSpan(GroupHeader.Size + EntryCodec.FrameSize));
            (groups.Header with { Length = group.Length - GroupHeader.Size, Count = 1, First = groups.Header.First + ordinal }).Seal(group);
            kept.Write(group);
            copied++;
        }
        return copied;
    }

    private static LogEntry ReadOne(GroupReader groups, StringTable strings)
    {
        var rest = groups.Entries;
        var body = EntryCodec.NextBody(ref rest, out var kind);
        return EntryCodec.Read(kind, body, groups.Header.First, groups.Header.Time, strings);
    }
}
