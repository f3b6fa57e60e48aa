namespace Telemetry.Ingest.Store.Influx.Downsampling;

/// <summary>Disjoint spans in ascending order. Bounded: beyond <see cref="Most"/> the two with the smallest gap become one, so that it names too much rather than too little.</summary>
internal sealed class SpanList
{
    public const int Most = 64;
    private readonly List<MinuteSpan> _spans = [];

    public IReadOnlyList<MinuteSpan> Spans => _spans;

    public void Add(MinuteSpan span)
    {
        // What ends before this one begins stays; what touches it becomes one with it.
        var first = _spans.FindIndex(known => known.To >= span.From);
        if (first < 0)
            first = _spans.Count;
        var end = first;
        for (; end < _spans.Count && _spans[end].From <= span.To; end++)
            span = new MinuteSpan(Math.Min(span.From, _spans[end].From), Math.Max(span.To, _spans[end].To));
        _spans.RemoveRange(first, end - first);
        _spans.Insert(first, span);
        if (_spans.Count > Most)
            JoinNearest();
    }

    /// <summary>Removes and gives the newest part that ends at or before <paramref name="before"/>, at most <paramref name="most"/> minutes of it.</summary>
    public MinuteSpan? TakeNewest(long before, long most)
    {
        var last = _spans.FindLastIndex(known => known.From < before);
        if (last < 0)
            return null;
        var known = _spans[last];
        var to = Math.Min(known.To, before);
        var taken = new MinuteSpan(Math.Max(known.From, to - most), to);
        _spans.RemoveAt(last);
        if (to < known.To)
            _spans.Insert(last, new MinuteSpan(to, known.To));
        if (known.From < taken.From)
            _spans.Insert(last, new MinuteSpan(known.From, taken.From));
        return taken;
    }

    private void JoinNearest()
    {
        var nearest = 1;
        for (var i = 2; i < _spans.Count; i++)
        {
            if (_spans[i].From - _spans[i - 1].To < _spans[nearest].From - _spans[nearest - 1].To)
                nearest = i;
        }
        _spans[nearest - 1] = new MinuteSpan(_spans[nearest - 1].From, _spans[nearest].To);
        _spans.RemoveAt(nearest);
    }
}
