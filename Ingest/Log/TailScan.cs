namespace Telemetry.Ingest.Log;

/// <summary>Walks over the groups of a segment that is still written, and goes on where it stood.</summary>
internal sealed class TailScan(Segment segment)
{
    private long _next = segment.First;
    private long _offset = segment.Header.Size;

    /// <summary>The group that holds this position is behind it.</summary>
    public bool HasRead(long position) => _next > Math.Min(position, segment.Last);

    /// <param name="collect">Told the offset of each group while the reader stands on it.</param>
    public void ReadTo(GroupReader groups, long last, Action<long> collect)
    {
        for (; !HasRead(last); _next = groups.Header.Last + 1, _offset += groups.Header.TotalLength)
        {
            LogGroups.Read(groups, segment, _offset, _next);
            collect(_offset);
        }
    }
}
