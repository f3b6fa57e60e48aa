namespace Telemetry.Ingest.Log;

/// <param name="Begins">First position that the chain covers; null while nothing is chained.</param>
/// <param name="Head">Null in an empty log, and where the last segment is damaged.</param>
/// <param name="Broken">What does not fit, the first of it first.</param>
internal sealed record VerifiedChain(long? Begins, LogHead? Head, IReadOnlyList<string> Broken);

/// <summary>Follows the hashes from what retention has removed to the log's end. Changes nothing.</summary>
internal sealed class ChainVerification(string directory, IFileSystem files)
{
    private static readonly long KeptFor = (long)Retention.KeptFor.TotalMilliseconds;

    private readonly List<string> _broken = [];

    /// <param name="verified">Kept files and segments in order, with their hashes.</param>
    /// <param name="expected">What somebody noted elsewhere.</param>
    public VerifiedChain Run(IReadOnlyList<VerifiedFile> verified, LogHead? expected)
    {
        var segments = verified.Where(file => !file.IsKept).ToList();
        var removed = Removed();
        CheckRemoved(removed, verified.Where(file => file.IsKept).ToList(), segments is [.., var end] ? end.LastTime : 0);
        var begins = CheckSegments(segments, removed);
        if (expected is not null && WhyNot(expected, segments, removed) is { } why)
            _broken.Add(why);
        var head = segments is [.., { Hash: { } hash } last] && last.Last >= last.First ? new LogHead(last.Last, hash) : null;
        return new VerifiedChain(begins, head, _broken);
    }

    private List<RemovedSegment> Removed()
    {
        try
        {
            return RemovedBook.Read(directory, files);
        }
        catch (Exception error) when (error is IOException or FormatException or OverflowException)
        {
            _broken.Add($"{Path.Combine(directory, LogNames.Removed)} can't be read: {error.Message}");
            return [];
        }
    }

    private void CheckRemoved(List<RemovedSegment> removed, List<VerifiedFile> kept, long now)
    {
        var path = Path.Combine(directory, LogNames.Removed);
        for (var i = 0; i < removed.Count; i++)
        {
            var line = removed[i];
            if (line.ComputedValue != line.Value || (i > 0 && line.Before != removed[i - 1].Value))
                _broken.Add($"{path}: the line of {line.First} to {line.Last} is not what was written");
            var file = kept.Find(each => each.First == line.First);
            if (file is { Hash: { } hash } && hash != line.Kept)
                _broken.Add($"{file.File} is not what was kept of positions {line.First} to {line.Last}");
            if (file is null && line.Kept is not null && line.LastTime >= now - KeptFor)
                _broken.Add($"{LogNames.Kept(directory, line.First)} is gone, before its three years are over");
        }
        // Those from before the chain have no line.
        if (removed is [var first, ..])
            _broken.AddRange(kept.Where(file => file.First > first.First && !removed.Exists(line => line.First == file.First)).Select(file => $"{file.File} was not made by retention"));
    }

    private long? CheckSegments(List<VerifiedFile> segments, List<RemovedSegment> removed)
    {
        long? begins = null;
        var named = -1;
        VerifiedFile? before = null;
        foreach (var segment in segments)
        {
            if (segment.Chain is { } chain)
            {
                begins ??= segment.First;
                var expected = before is not null ? before.Hash : removed.FindLast(line => line.First < segment.First)?.Hash;
                // Damage is said elsewhere; a segment of version 1 that was left empty hides the one before it.
                var isKnown = before is null ? segment.First == 1 || removed.Count > 0 : before.Hash is not null && (before.Chain is not null || chain.Before is not null);
                if (before is null && !isKnown)
                    _broken.Add($"{segment.File}: what stood before position {segment.First} is gone, and it was not retention that removed it");
                else if (isKnown && chain.Before != expected)
                    _broken.Add($"{before?.File ?? "what was removed"} is not what {segment.File} says it was when it was sealed{(before is null ? "" : $": positions {before.First} to {before.Last} were changed")}");
                named = CheckNamed(segment, chain, removed, named);
            }
            else if (begins is not null)
                _broken.Add($"{segment.File} has no link to the one before, which has one");
            before = segment;
        }
        return begins;
    }

    /// <summary>The line that a segment names is there, and none before that which an earlier segment names.</summary>
    private int CheckNamed(VerifiedFile segment, ChainLink chain, List<RemovedSegment> removed, int before)
    {
        if (chain.Removed is null && before < 0)
            return before;
        var at = removed.FindIndex(line => line.Value == chain.Removed);
        if (at >= before && at >= 0)
            return at;
        _broken.Add($"{Path.Combine(directory, LogNames.Removed)} is not what it was when {segment.File} began");
        return before;
    }

    private string? WhyNot(LogHead expected, List<VerifiedFile> segments, List<RemovedSegment> removed)
    {
        if (segments is not [var first, ..] || expected.Position > segments[^1].Last)
            return $"position {expected.Position} is not there: the log ends before it, or its end is damaged";
        var holding = segments.FindLast(segment => segment.First <= expected.Position);
        var found = holding is null ? removed.Find(line => line.Last == expected.Position)?.Hash : ChainHash.At(files, holding.File, holding.First, expected.Position);
        if (found == expected.Hash)
            return null;
        return found is null && expected.Position < first.First
            ? $"whether the log held this at position {expected.Position} can't be told any more: retention has removed it; note a head after {first.First}"
            : $"the log does not hold up to position {expected.Position} what it held when this head was noted";
    }
}
