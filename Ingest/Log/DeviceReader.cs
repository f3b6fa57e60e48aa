using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>Finds devices' readings: by the index in sealed segments, by one in memory in the others. For one thread at a time.</summary>
internal sealed class DeviceReader(string directory, IFileSystem files, CommittedPrefix committed)
{
    private const int SmallChunk = 8 << 10;

    private readonly StringTable _strings = new(1 << 8);

    // By first position: what is not sealed and indexed yet.
    private readonly Dictionary<long, TailIndex> _tails = [];
    private readonly HashSet<long> _checked = [];

    /// <summary>Entries of one device with event time in [from, to). Ascending position.</summary>
    public IEnumerable<ReadingEntry> Read(string device, long from, long to)
    {
        var last = committed.Last;
        foreach (var segment in committed.Segments.ToArray())
        {
            foreach (var entry in Pick(segment, (segment.Indexed ? FindSealed(segment, device, from, to) : null) ?? FindInTail(segment, last, device, from, to), device))
                yield return entry;
        }
    }

    private List<DeviceIndex.Record>? FindSealed(Segment segment, string device, long from, long to)
    {
        _tails.Remove(segment.First);
        var found = DeviceIndex.Find(files, LogNames.Index(directory, segment.First), segment.Header.Mark, device, from, to, _checked.Contains(segment.First));
        if (found is not null)
            _checked.Add(segment.First);
        return found;
    }

    private List<DeviceIndex.Record> FindInTail(Segment segment, long last, string device, long from, long to)
    {
        using var file = LogGroups.Open(files, segment, committed);
        if (file is null)
            return [];
        if (!_tails.TryGetValue(segment.First, out var tail))
            _tails[segment.First] = tail = new TailIndex(segment);
        tail.ReadTo(new GroupReader(file, segment.Header.Mark), last, _strings);
        return tail.Find(device, from, to);
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
            if (LogGroups.ReadingAt(groups, (int)record.Ordinal, _strings) is { } entry && entry.Reading.Device == device)
                yield return entry;
        }
    }
}
