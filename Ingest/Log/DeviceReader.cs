using System.Text;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>Finds one device's readings: by the index in sealed segments, by reading on in the others.</summary>
internal sealed class DeviceReader(string directory, IFileSystem files, CommittedPrefix committed)
{
    private const int SmallChunk = 8 << 10;

    private readonly StringTable _strings = new(1 << 8);

    public IEnumerable<ReadingEntry> Read(string device, long from, long to)
    {
        var last = committed.Last;
        foreach (var segment in committed.Segments.ToArray())
        {
            var found = segment.Indexed
                ? DeviceIndex.Find(files, LogNames.Index(directory, segment.First), segment.Header.Mark, device, from, to)
                : null;
            foreach (var entry in found is null ? Scan(segment, last, device, from, to) : Pick(segment, found, device))
                yield return entry;
        }
    }

    private IEnumerable<ReadingEntry> Pick(Segment segment, List<DeviceIndex.Record> found, string device)
    {
        if (found.Count == 0)
            yield break;
        using var file = LogGroups.Open(files, segment, committed);
        if (file is null)
            yield break;
        var groups = new GroupReader(file, segment.Header.Mark, SmallChunk);
        var at = -1L;
        foreach (var record in found)
        {
            if (record.Offset != at)
                LogGroups.Read(groups, segment, at = record.Offset, null);
            if (Decode(groups, (int)record.Ordinal) is { } entry && entry.Reading.Device == device)
                yield return entry;
        }
    }

    private IEnumerable<ReadingEntry> Scan(Segment segment, long last, string device, long from, long to)
    {
        using var file = LogGroups.Open(files, segment, committed);
        if (file is null)
            yield break;
        var groups = new GroupReader(file, segment.Header.Mark);
        var utf8 = Encoding.UTF8.GetBytes(device);
        var ordinals = new List<int>();
        foreach (var _ in LogGroups.Walk(groups, segment, Math.Min(last, segment.Last)))
        {
            ordinals.Clear();
            Match(groups, utf8, from, to, ordinals);
            foreach (var ordinal in ordinals)
                yield return Decode(groups, ordinal)!;
        }
    }

    private void Match(GroupReader groups, byte[] device, long from, long to, List<int> ordinals)
    {
        var rest = groups.Entries;
        for (var ordinal = 0; ordinal < groups.Header.Count; ordinal++)
        {
            var body = EntryCodec.NextBody(ref rest, out var kind);
            if (kind == EntryKind.Reading && EntryCodec.EventTimeIf(device, body, groups.Header.Time, _strings) is { } time && time >= from && time < to)
                ordinals.Add(ordinal);
        }
    }

    private ReadingEntry? Decode(GroupReader groups, int ordinal)
    {
        var rest = groups.Entries;
        var body = EntryCodec.NextBody(ref rest, out var kind);
        for (var i = 0; i < ordinal; i++)
            body = EntryCodec.NextBody(ref rest, out kind);
        return EntryCodec.Read(kind, body, groups.Header.First + ordinal, groups.Header.Time, _strings) as ReadingEntry;
    }
}
