using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>
/// Finds the earlier readings of a device that have the same time as sent and the same sequence: by the key index in sealed segments, by one in memory
/// in the others. For one thread at a time.
/// </summary>
internal sealed class KeyReader(string directory, IFileSystem files, CommittedPrefix committed, ILogger logger)
{
    private const int SmallChunk = 8 << 10;

    private readonly StringTable _strings = new(1 << 12);

    // Ascending, without gaps: what the last question reached back over.
    private readonly List<SegmentKeys> _reached = [];

    // The group read last: a gateway sends again in the order in which it sent before.
    private GroupReader? _group;
    private (Segment? Segment, long Offset) _groupAt;

    /// <inheritdoc cref="Telemetry.Rules.Operators.EarlierReadings"/>
    public IEnumerable<ReadingEntry> Before(ReadingEntry entry, long since)
    {
        var hash = KeyRecord.HashOf(entry.Reading);
        Reach(entry.Position - 1, since);
        for (var i = _reached.Count - 1; i >= 0; i--)
        {
            var keys = _reached[i];
            if (keys.Index is null)
                LookForIndex(keys);
            if (keys.Segment.First >= entry.Position || (keys.Index is { } index && !index.MayHold(hash)))
                continue;
            foreach (var earlier in Pick(keys, hash, entry))
            {
                if (earlier.Time < since)
                    yield break;
                yield return earlier;
            }
        }
    }

    /// <summary>Makes <see cref="_reached"/> the segments that hold anything between that log time and that position.</summary>
    private void Reach(long last, long since)
    {
        var gone = 0;
        while (gone < _reached.Count && _reached[gone].Segment.LastTime < since)
            gone++;
        _reached.RemoveRange(0, gone);
        if (_reached.Count == 0 && committed.Holding(last) is { } holding)
            _reached.Add(new SegmentKeys(holding));
        if (_reached.Count == 0)
            return;
        while (_reached[^1].Segment.Last < last && committed.Holding(_reached[^1].Segment.Last + 1) is { } next && next != _reached[^1].Segment)
            _reached.Add(new SegmentKeys(next));
        while (committed.Holding(_reached[0].Segment.First - 1) is { } older && older.LastTime >= since)
            _reached.Insert(0, new SegmentKeys(older));
    }

    private void LookForIndex(SegmentKeys keys)
    {
        // Once at first sight, and once when housekeeping has written it.
        if (keys.LookedWhenKeyed == keys.Segment.Keyed)
            return;
        keys.LookedWhenKeyed = keys.Segment.Keyed;
        keys.Index = KeyIndex.Open(files, directory, keys.Segment);
        if (keys.Index is not null)
            keys.Tail = null;
    }

    /// <summary>The latest first.</summary>
    private IEnumerable<ReadingEntry> Pick(SegmentKeys keys, ulong hash, ReadingEntry entry)
    {
        foreach (var record in Records(keys, hash, entry.Position - 1))
        {
            if (ReadingAt(keys, record, entry.Position) is { } earlier && HasKeyOf(entry.Reading, earlier.Reading))
                yield return earlier;
        }
    }

    private IEnumerable<KeyRecord> Records(SegmentKeys keys, ulong hash, long last)
    {
        try
        {
            if (keys.Index?.Find(hash, OffsetOf(keys.Segment, last)) is { } records)
                return records;
            keys.Index = null;
            keys.Tail ??= new KeyTail(keys.Segment);
            if (!keys.IsDamaged && !keys.Tail.HasRead(last))
                ReadTail(keys, keys.Tail, last);
        }
        catch (LogDamageException damage)
        {
            Damaged(keys, damage);
        }
        return keys.Tail?.Find(hash) ?? [];
    }

    private void ReadTail(SegmentKeys keys, KeyTail tail, long last)
    {
        using var file = LogGroups.Open(files, keys.Segment, committed);
        if (file is not null)
            tail.ReadTo(new GroupReader(file, keys.Segment.Header.Mark), last, _strings);
    }

    /// <summary>Of the group that holds the position: of a replay's own segment, what comes later must not be read again and again.</summary>
    private uint OffsetOf(Segment segment, long position)
    {
        if (position >= segment.Last)
            return uint.MaxValue;
        using var file = LogGroups.Open(files, segment, committed);
        return file is null ? uint.MaxValue : (uint)segment.Seek(position, new GroupReader(file, segment.Header.Mark, SmallChunk));
    }

    private ReadingEntry? ReadingAt(SegmentKeys keys, KeyRecord record, long before)
    {
        try
        {
            return GroupAt(keys.Segment, record.Offset) is { } group && group.Header.First + record.Ordinal < before ? LogGroups.ReadingAt(group, (int)record.Ordinal, _strings) : null;
        }
        catch (LogDamageException damage)
        {
            Damaged(keys, damage);
            return null;
        }
    }

    /// <summary>Null if retention has removed the segment.</summary>
    private GroupReader? GroupAt(Segment segment, long offset)
    {
        if (_groupAt == (segment, offset))
            return _group;
        using var file = LogGroups.Open(files, segment, committed);
        (_group, _groupAt) = (null, default);
        if (file is null)
            return null;
        var group = new GroupReader(file, segment.Header.Mark, SmallChunk);
        LogGroups.Read(group, segment, offset, null);
        (_group, _groupAt) = (group, (segment, offset));
        return group;
    }

    // The rules go on: a reading that comes twice is the lesser evil.
    private void Damaged(SegmentKeys keys, LogDamageException damage)
    {
        if (!keys.IsDamaged)
            logger.KeysNotRead(keys.Segment.Path, damage);
        keys.IsDamaged = true;
    }

    private static bool HasKeyOf(Reading reading, Reading earlier) =>
        earlier.Device == reading.Device && earlier.SentTime == reading.SentTime && earlier.Sequence == reading.Sequence;

    /// <summary>The keys of one segment, wherever they are for now.</summary>
    private sealed class SegmentKeys(Segment segment)
    {
        public Segment Segment => segment;

        public KeyIndex? Index { get; set; }

        public KeyTail? Tail { get; set; }

        /// <summary><see cref="Log.Segment.Keyed"/> when it was last looked for the index; null for never.</summary>
        public bool? LookedWhenKeyed { get; set; }

        public bool IsDamaged { get; set; }
    }
}
