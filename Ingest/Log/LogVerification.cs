namespace Telemetry.Ingest.Log;

/// <summary>What one file of the log holds.</summary>
/// <param name="Used">Bytes of header and groups.</param>
/// <param name="TornBytes">Bytes of a write that was never acknowledged (or, in a running service, is under way); not damage.</param>
public sealed record VerifiedFile(string File, long First, long Last, long Groups, long Entries, long Used, long TornBytes, IReadOnlyList<LogDamageException> Damage)
{
    internal bool IsKept => Path.GetFileName(File).StartsWith(LogNames.KeptPrefix, StringComparison.Ordinal);

    /// <summary>Log time of the last entry, Unix ms.</summary>
    internal long LastTime { get; init; }

    /// <summary>Null in version 1, and where the header is damaged.</summary>
    internal ChainLink? Chain { get; init; }

    /// <summary>SHA-256 of what is used; null unless it was asked for, and where there is damage.</summary>
    internal string? Hash { get; init; }
}

/// <summary>Reads every byte of the log and checks it; changes nothing, and may run beside the service.</summary>
/// <param name="hashes">Whether each file's hash is wanted.</param>
public sealed class LogVerification(IFileSystem files, string directory, bool hashes = false)
{
    /// <summary>Segments and kept files, with their bytes, in the order they will be verified.</summary>
    public long TotalBytes()
    {
        var total = 0L;
        foreach (var path in Paths().Select(p => p.Path))
        {
            using var file = files.Open(path, writable: false);
            total += file.Length;
        }
        return total;
    }

    /// <param name="read">Told the bytes done so far, for progress.</param>
    public IEnumerable<VerifiedFile> Run(Action<long> read)
    {
        var before = 0L;
        foreach (var (path, first, next) in Paths().ToList())
        {
            using var file = files.Open(path, writable: false);
            yield return Verify(file, path, first, next, offset => read(before + offset));
            before += file.Length;
            read(before);
        }
    }

    private VerifiedFile Verify(ILogFile file, string path, long first, long? next, Action<long> read)
    {
        try
        {
            var header = SegmentHeader.Read(file, path, first);
            var scan = new SegmentScan(file, path, header, next, read);
            return new VerifiedFile(path, first, scan.Last, scan.Groups, scan.Entries, scan.Used, scan.TornBytes, scan.Damage)
            {
                LastTime = scan.LastTime,
                Chain = header.Chain,
                Hash = hashes && scan.Damage.Count == 0 ? HashOf(file, scan.Used) : null,
            };
        }
        catch (LogDamageException damage)
        {
            return new VerifiedFile(path, first, first - 1, 0, 0, 0, 0, [damage]);
        }
    }

    private static string HashOf(ILogFile file, long bytes)
    {
        using var hash = ChainHash.Of(file, bytes);
        return hash.Current;
    }

    private IEnumerable<(string Path, long First, long? Next)> Paths()
    {
        var names = files.List(directory);
        foreach (var first in LogNames.Firsts(names, LogNames.KeptPrefix))
            yield return (LogNames.Kept(directory, first), first, null);
        var firsts = LogNames.Firsts(names);
        for (var i = 0; i < firsts.Count; i++)
            yield return (LogNames.Segment(directory, firsts[i]), firsts[i], i + 1 < firsts.Count ? firsts[i + 1] : null);
    }
}
