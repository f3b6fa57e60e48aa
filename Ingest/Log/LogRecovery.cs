namespace Telemetry.Ingest.Log;

/// <summary>Brings a directory back to its durable prefix. FORMAT.md, "Recover".</summary>
internal static class LogRecovery
{
    private const int ZeroChunk = 1 << 20;

    /// <exception cref="LogDamageException">Something durable is damaged or missing.</exception>
    public static List<Segment> Run(string directory, IFileSystem files, ILogger logger)
    {
        var names = files.List(directory);
        foreach (var name in names.Where(n => n.EndsWith(LogNames.Unfinished, StringComparison.Ordinal)))
            files.Delete(Path.Combine(directory, name));
        var firsts = LogNames.Firsts(names);
        var segments = new List<Segment>(firsts.Count);
        for (var i = 0; i < firsts.Count; i++)
            segments.Add(Recover(directory, firsts[i], i + 1 < firsts.Count ? firsts[i + 1] : null, files, logger));
        return segments;
    }

    private static Segment Recover(string directory, long first, long? nextFirst, IFileSystem files, ILogger logger)
    {
        var path = LogNames.Segment(directory, first);
        using var file = files.Open(path, writable: nextFirst is null);
        var header = SegmentHeader.Read(file, path, first);
        var segment = new Segment(path, header);
        if (nextFirst is { } next && DeviceIndex.ReadHeader(files, LogNames.Index(directory, first)) is { } index
            && index.Mark == header.Mark && index.Last == next - 1 && index.Used <= file.Length)
        {
            segment.EndsAt(index.Last, index.Used, index.LastTime);
            segment.Indexed = true;
            return segment;
        }
        var scan = new SegmentScan(file, path, header, nextFirst);
        if (scan.Damage is [var damage, ..])
            throw damage;
        if (scan.TornBytes > 0)
        {
            Zero(file, scan.Used, scan.TornBytes);
            logger.TornTailCut(scan.TornBytes, scan.Used, path, scan.Last);
        }
        segment.EndsAt(scan.Last, scan.Used, scan.LastTime);
        return segment;
    }

    // Overwritten rather than cut off: the space stays allocated, and the next group must find zeros behind it.
    private static void Zero(ILogFile file, long offset, long count)
    {
        var zeros = new byte[Math.Min(count, ZeroChunk)];
        for (var end = offset + count; offset < end; offset += zeros.Length)
            file.Write(offset, zeros.AsSpan(0, (int)Math.Min(zeros.Length, end - offset)));
        file.Sync();
    }
}
