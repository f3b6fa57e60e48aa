using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

internal static class LogGroups
{
    /// <summary>The segment's file, to read; null if retention removed it meanwhile.</summary>
    public static ILogFile? Open(IFileSystem files, Segment segment, CommittedPrefix committed)
    {
        try
        {
            return files.Open(segment.Path, writable: false);
        }
        catch (FileNotFoundException) when (segment.First < committed.First)
        {
            return null;
        }
    }

    /// <summary>Reads the segment's groups from its beginning up to the one that holds <paramref name="last"/>; gives the offset of each while the reader stands on it.</summary>
    /// <exception cref="LogDamageException">A group that is durable is damaged.</exception>
    public static IEnumerable<long> Walk(GroupReader groups, Segment segment, long last)
    {
        long offset = segment.Header.Size;
        for (var next = segment.First; next <= last; next = groups.Header.Last + 1)
        {
            Read(groups, segment, offset, next);
            yield return offset;
            offset += groups.Header.TotalLength;
        }
    }

    /// <summary>Reads a group that is known to be durable.</summary>
    public static void Read(GroupReader groups, Segment segment, long offset, long? first)
    {
        if (groups.Read(offset, first) != GroupState.Valid)
            throw new LogDamageException(segment.Path, offset, first ?? segment.First, null, "a damaged group");
    }

    /// <summary>The reading in this place of the group that the reader stands on; null if another entry stands there.</summary>
    public static ReadingEntry? ReadingAt(GroupReader groups, int ordinal, StringTable strings)
    {
        var rest = groups.Entries;
        var body = EntryCodec.NextBody(ref rest, out var kind);
        for (var i = 0; i < ordinal; i++)
            body = EntryCodec.NextBody(ref rest, out kind);
        return EntryCodec.Read(kind, body, groups.Header.First + ordinal, groups.Header.Time, strings) as ReadingEntry;
    }
}
