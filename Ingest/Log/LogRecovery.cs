namespace Telemetry.Ingest.Log;

/// <summary>Brings a directory back to its durable prefix. FORMAT.md, "Recover".</summary>
internal static class LogRecovery
{
    private const int ZeroChunk = 1 << 20;

    /// <exception cref="LogDamageException">Something durable is damaged or missing.</exception>
    public static List<Segment> Run(string directory, IFileSystem files, ILogger logger)
    {
        foreach (var name in files.List(directory).Where(n => n.EndsWith(LogNames.Unfinished, StringComparison.Ordinal)))
            files.Delete(Path.Combine(directory, name));
        return Run(directory, files, logger.TornTailCut, repair: true);
    }

    /// <summary>The durable prefix as it stands, without a change to any file; a service may be writing behind it.</summary>
    /// <exception cref="LogDamageException">Something durable is damaged or missing.</exception>
    public static List<Segment> Look(string directory, IFileSystem files) => Run(directory, files, (_, _, _, _) => { }, repair: false);

    private static List<Segment> Run(string directory, IFileSystem files, Action<long, long, string, long> torn, bool repair)
    {
        var names = files.List(directory);
        var firsts = LogNames.Firsts(names);
        var segments = new List<Segment>(firsts.Count);
        for (var i = 0; i < firsts.Count; i++)
            segments.Add(Recover(directory, firsts[i], i + 1 < firsts.Count ? firsts[i + 1] : null, files, torn, repair));
        return segments;
    }

    private static Segment Recover(string directory, long first, long? nextFirst, IFileSystem files, Action<long, long, string, long> torn, bool repair)
    {
        var path = LogNames.Segment(directory, first);
        using var file = files.Open(path, writable: repair && nextFirst is null);
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
            if (repair)
                Zero(file, scan.Used, scan.TornBytes);
            torn(scan.TornBytes, scan.Used, path, scan.Last);
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
