namespace Telemetry.Ingest.Log;

/// <summary>Removes old segments. FORMAT.md, "Delete".</summary>
internal sealed class Retention(string directory, LogOptions options, IFileSystem files, CommittedPrefix committed, ReaderBook readers, RemovedBook removed, LogClock clock, ILogger logger)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(3 * 366);

    // Until someone names a position, nothing is behind it: a checkpoint may not have been loaded yet.
    private long _holdBack;

    public void HoldBack(long position) => Interlocked.Exchange(ref _holdBack, position);

    public void Run()
    {
        var now = clock.Now();
        while (committed.Segments is [var oldest, var next, ..] && MayGo(oldest, now))
        {
            var (kept, hash) = KeptEntries.Copy(files, directory, oldest);
            removed.Add(oldest, next.Header.Chain?.Before, hash);
            // Somebody may have begun there while it was copied.
            if (!readers.TryPass(oldest.Last, committed.RemoveOldest))
                break;
            files.Delete(LogNames.Index(directory, oldest.First));
            files.Delete(LogNames.Keys(directory, oldest.First));
            files.Delete(oldest.Path);
            files.SyncDirectory(directory);
            logger.Removed(oldest.Path, oldest.First, oldest.Last, kept);
        }
        var firstKept = long.MaxValue;
        foreach (var first in LogNames.Firsts(files.List(directory), LogNames.KeptPrefix))
        {
            if (KeptEntries.LastTime(files, directory, first) >= now - (long)KeptFor.TotalMilliseconds)
            {
                firstKept = first;
                break;
            }
            files.Delete(LogNames.Kept(directory, first));
        }
        if (committed.Segments is [var begin, ..])
            removed.Drop(firstKept, begin.Header.Chain?.Removed);
    }

    private bool MayGo(Segment oldest, long now) =>
        oldest.LastTime < now - (long)options.Keep.TotalMilliseconds
        && oldest.Last <= readers.Slowest
        && oldest.Last < Interlocked.Read(ref _holdBack);
}
