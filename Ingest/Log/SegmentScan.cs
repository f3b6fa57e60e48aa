namespace Telemetry.Ingest.Log;

/// <summary>Reads one segment in full and tells its durable end, its damage, and a torn tail. Changes nothing.</summary>
internal sealed class SegmentScan
{
    private const int SearchChunk = 1 << 20;

    private readonly ILogFile _file;
    private readonly string _path;
    private readonly SegmentHeader _header;

    /// <param name="nextFirst">First position of the next segment, which this one must reach; null for the last one.</param>
    /// <param name="read">Told the offset reached, for progress.</param>
    public SegmentScan(ILogFile file, string path, SegmentHeader header, long? nextFirst, Action<long>? read = null)
    {
        (_file, _path, _header) = (file, path, header);
        (Used, Last, LastTime) = (header.Size, header.First - 1, header.TimeBefore);
        Run(nextFirst, read);
    }

    /// <summary>End of the last valid group.</summary>
    public long Used { get; private set; }

    public long Last { get; private set; }

    public long LastTime { get; private set; }

    public long Groups { get; private set; }

    public long Entries { get; private set; }

    public List<LogDamageException> Damage { get; } = [];

    /// <summary>Bytes from <see cref="Used"/> on that a write left behind which was never acknowledged; 0 for a clean end. Only in a last segment.</summary>
    public long TornBytes { get; private set; }

    private void Run(long? nextFirst, Action<long>? read)
    {
        var groups = new GroupReader(_file, _header.Mark, 1 << 20);
        while (Last + 1 != nextFirst)
        {
            var offset = Used;
            if (IsNext(groups, offset, nextFirst))
            {
                Take(offset, groups.Header);
                read?.Invoke(Used);
            }
            else if (FindLater(offset, nextFirst) is { } later)
            {
                // A service may have written on since this place was read: with that group there, what stands here is whole if it ever was.
                groups.Forget();
                if (IsNext(groups, offset, nextFirst))
                    continue;
                Damage.Add(new LogDamageException(_path, offset, Last + 1, later.First - 1, $"a damaged group; a valid one follows at offset {later.Offset}"));
                (Used, Last) = (later.Offset, later.First - 1);
                groups.Forget();
            }
            else
            {
                if (nextFirst is { } next)
                    Damage.Add(new LogDamageException(_path, offset, Last + 1, next - 1, "entries are damaged or missing before the next segment begins"));
                else
                    TornBytes = LastNonZero(offset) + 1 - offset;
                if (Kept && TornBytes > 0)
                    Damage.Add(new LogDamageException(_path, offset, Last + 1, null, "the kept file's end is damaged; it was complete before it had its name"));
                return;
            }
        }
    }

    private bool IsNext(GroupReader groups, long offset, long? nextFirst) =>
        groups.Read(offset, Kept ? null : Last + 1) == GroupState.Valid && groups.Header.First > Last && !(groups.Header.Last >= nextFirst);

    private bool Kept => _header.Kind == SegmentKind.Kept;

    private void Take(long offset, GroupHeader group)
    {
        Groups++;
        Entries += group.Count;
        Used = offset + group.TotalLength;
        (Last, LastTime) = (group.Last, group.Time);
    }

    /// <summary>
    /// The next valid group at or behind this offset, with a later position than expected. One commit is in flight at most, so its being
    /// there proves that what stands before it had been durable.
    /// </summary>
    private (long Offset, long First)? FindLater(long from, long? nextFirst)
    {
        var groups = new GroupReader(_file, _header.Mark);
        Span<byte> mark = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(mark, _header.Mark);
        var buffer = new byte[SearchChunk];
        var offset = from;
        while (true)
        {
            var read = _file.Read(offset, buffer);
            var chunk = buffer.AsSpan(0, read);
            for (var at = chunk.IndexOf(mark); at >= 0;)
            {
                if (groups.Read(offset + at, null) == GroupState.Valid && groups.Header.First > Last && (nextFirst is null || groups.Header.Last < nextFirst))
                    return (offset + at, groups.Header.First);
                var further = chunk[(at + 1)..].IndexOf(mark);
                at = further < 0 ? -1 : at + 1 + further;
            }
            if (read < buffer.Length)
                return null;
            offset += read - mark.Length + 1;
        }
    }

    private long LastNonZero(long from)
    {
        var buffer = new byte[SearchChunk];
        var last = from - 1;
        for (var offset = from; ;)
        {
            var read = _file.Read(offset, buffer);
            var at = buffer.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            if (at >= 0)
                last = offset + at;
            if (read < buffer.Length)
                return last;
            offset += read;
        }
    }
}
