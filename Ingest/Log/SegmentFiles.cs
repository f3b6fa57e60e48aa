using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Telemetry.Ingest.Log;

/// <summary>Makes segment files and the reserve. Every method throws <see cref="IOException"/> where the disk refuses.</summary>
internal sealed class SegmentFiles(string directory, LogOptions options, IFileSystem files)
{
    private const long Smallest = 1 << 20;

    public bool HasReserve { get; private set; }

    /// <summary>A segment ready to take groups, all but its name.</summary>
    public Unpublished Prepare(long first, long timeBefore, ChainLink chain, long groupBytes)
    {
        var path = LogNames.Segment(directory, first);
        var file = files.Create(path + LogNames.Unfinished, Math.Max(Fitting(options.SegmentSize), SegmentHeader.LargestSize + groupBytes));
        return WithHeader(file, path + LogNames.Unfinished, path, first, timeBefore, chain);
    }

    /// <summary>The same out of the reserve: allocates nothing.</summary>
    public Unpublished PrepareReserve(long first, long timeBefore, ChainLink chain)
    {
        var path = Path.Combine(directory, LogNames.Reserve);
        return WithHeader(files.Open(path, writable: true), path, LogNames.Segment(directory, first), first, timeBefore, chain);
    }

    /// <summary>Gives the segment its name, for good. Once this was tried, the segment before must never be written again: the name may have become durable.</summary>
    public (Segment Segment, ILogFile File) Publish(Unpublished made)
    {
        if (made.From.EndsWith(LogNames.Reserve, StringComparison.Ordinal))
            HasReserve = false;
        try
        {
            files.Move(made.From, made.Path);
            files.SyncDirectory(directory);
        }
        catch
        {
            made.File.Dispose();
            throw;
        }
        return (new Segment(made.Path, made.Header), made.File);
    }

    public void EnsureReserve()
    {
        if (HasReserve)
            return;
        var path = Path.Combine(directory, LogNames.Reserve);
        if (!files.List(directory).Contains(LogNames.Reserve))
        {
            using (var file = files.Create(path + LogNames.Unfinished, Fitting(options.Reserve)))
                file.Sync();
            files.Move(path + LogNames.Unfinished, path);
            files.SyncDirectory(directory);
        }
        HasReserve = true;
    }

    /// <summary>On a small or nearly full disk the log takes a quarter of what is free at a time: the databases beside it need room as well.</summary>
    private long Fitting(long size)
    {
        var quarter = files.FreeBytes(directory) / 4;
        var smallest = Math.Min(size, Smallest);
        while (size > quarter && size > smallest)
            size = Math.Max(size / 2, smallest);
        return size;
    }

    private static Unpublished WithHeader(ILogFile file, string from, string path, long first, long timeBefore, ChainLink chain)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        var header = new SegmentHeader(first, BinaryPrimitives.ReadUInt64LittleEndian(random) | 1, timeBefore, SegmentKind.Segment, chain);
        try
        {
            file.Write(0, header.ToBytes());
            file.Sync();
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return new Unpublished(file, from, path, header);
    }

    internal readonly record struct Unpublished(ILogFile File, string From, string Path, SegmentHeader Header);
}
