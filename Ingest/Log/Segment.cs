namespace Telemetry.Ingest.Log;

/// <summary>One segment file as far as it is durable. The writer moves its end; everyone else reads it behind the committed position.</summary>
internal sealed class Segment(string path, SegmentHeader header)
{
    private const long BytesBetweenMarks = 256 << 10;

    private readonly Lock _gate = new();
    private readonly List<(long Position, long Offset)> _marks = [(header.First, header.Size)];
    private long _last = header.First - 1;
    private long _used = header.Size;
    private long _lastTime = header.TimeBefore;

    public string Path { get; } = path;

    public SegmentHeader Header { get; } = header;

    public long First => Header.First;

    /// <summary>Last durable position; First - 1 while empty.</summary>
    public long Last => Interlocked.Read(ref _last);

    /// <summary>Durable bytes, header included.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Log time of the last entry; of the one before this segment while empty.</summary>
    public long LastTime => Interlocked.Read(ref _lastTime);

    /// <summary>Used bytes of all segments before this one that were there at open or since.</summary>
    public long BytesBefore { get; set; }

    /// <summary>Its index file is valid.</summary>
    public bool Indexed { get; set; }

    /// <summary>Its key index is known to be on the disk.</summary>
    public bool Keyed { get; set; }

    public void EndsAt(long last, long used, long lastTime)
    {
        Interlocked.Exchange(ref _last, last);
        Interlocked.Exchange(ref _used, used);
        Interlocked.Exchange(ref _lastTime, lastTime);
    }

    public void Mark(long position, long offset)
    {
        lock (_gate)
        {
            if (offset >= _marks[^1].Offset + BytesBetweenMarks)
                _marks.Add((position, offset));
        }
    }

    /// <summary>Offset of the group that holds this durable position.</summary>
    public long Seek(long position, GroupReader reader)
    {
        var (at, offset) = NearestMark(position);
        while (true)
        {
            if (reader.Peek(offset) is not { } group || group.First != at)
                throw new LogDamageException(Path, offset, at, null, "the group's header is damaged");
            if (position <= group.Last)
                return offset;
            at = group.Last + 1;
            offset += group.TotalLength;
            Mark(at, offset);
        }
    }

    private (long Position, long Offset) NearestMark(long position)
    {
        lock (_gate)
        {
            var i = _marks.BinarySearch((position, long.MaxValue));
            return _marks[i < 0 ? ~i - 1 : i];
        }
    }
}
