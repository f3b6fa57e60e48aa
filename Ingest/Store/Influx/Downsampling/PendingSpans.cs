using System.Globalization;
using System.Text;

namespace Telemetry.Ingest.Store.Influx.Downsampling;

/// <summary>
/// The event times whose raw points have changed since they were summarized, by resolution and family. The raw writer adds and stores the
/// text of it together with its position, so the two agree after any crash; the downsampler takes. For any thread.
/// </summary>
internal sealed class PendingSpans
{
    /// <summary>In place of the text where nothing is known of what has been summarized.</summary>
    public const string Everything = "all";

    private const long MillisecondsPerMinute = 60_000;

    // Sorted, so that the same spans have the same text.
    private readonly SortedDictionary<(string Policy, string Family), SpanList> _lists = new(Comparer<(string Policy, string Family)>.Create((one, other) =>
        string.CompareOrdinal(one.Policy, other.Policy) is not 0 and var order ? order : string.CompareOrdinal(one.Family, other.Family)));

    private readonly Lock _gate = new();
    private (Resolution Resolution, string Family, MinuteSpan Span)? _taken;
    private bool _everything;

    /// <summary>Nothing is known of what has been summarized: the downsampler has to ask how far back the raw points go.</summary>
    public bool IsEverything
    {
        get
        {
            lock (_gate)
                return _everything;
        }
    }

    /// <summary>Minutes of all families that wait to be summarized.</summary>
    public long Waiting
    {
        get
        {
            lock (_gate)
                return _lists.Where(list => list.Key.Policy == Resolution.Minute.Policy).Sum(list => list.Value.Spans.Sum(span => span.To - span.From));
        }
    }

    /// <summary>What <see cref="Load"/> takes; what is being summarized is still in it.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
                return _everything ? Everything : Write();
        }
    }

    /// <summary>The raw points of these families and times are stored.</summary>
    public void Touch(IReadOnlyList<Point> points)
    {
        lock (_gate)
        {
            var (family, minute) = ("", 0L);
            foreach (var point in points)
            {
                // A reading's values stand together.
                if (point.Time / MillisecondsPerMinute is var at && at == minute && ReferenceEquals(point.Family, family))
                    continue;
                (family, minute) = (point.Family, at);
                Of(Resolution.Minute, family).Add(new MinuteSpan(at, at + 1));
            }
        }
    }

    /// <summary>The newest waiting part that ends at or before <paramref name="before"/>; at most one is taken at a time, until <see cref="Done"/> or <see cref="GiveBack"/>.</summary>
    public MinuteSpan? Take(Resolution resolution, string family, long before, long most)
    {
        lock (_gate)
        {
            if (!_lists.TryGetValue((resolution.Policy, family), out var list) || list.TakeNewest(before, most) is not { } span)
                return null;
            _taken = (resolution, family, span);
            return span;
        }
    }

    /// <summary>What was taken is summarized; where it was minutes, their hours have changed.</summary>
    public void Done()
    {
        lock (_gate)
        {
            if (_taken is { Resolution: { Minutes: 1 } } minutes)
                Of(Resolution.Hour, minutes.Family).Add(Aligned(minutes.Span, Resolution.Hour.Minutes));
            _taken = null;
        }
    }

    /// <summary>What was taken could not be summarized.</summary>
    public void GiveBack()
    {
        lock (_gate)
        {
            if (_taken is { } taken)
                Of(taken.Resolution, taken.Family).Add(taken.Span);
            _taken = null;
        }
    }

    /// <summary>The raw points of a family go so far back; said for each before <see cref="HistoryKnown"/>.</summary>
    public void TouchSince(string family, long from, long to)
    {
        lock (_gate)
            Of(Resolution.Minute, family).Add(new MinuteSpan(from / MillisecondsPerMinute, (to / MillisecondsPerMinute) + 1));
    }

    public void HistoryKnown()
    {
        lock (_gate)
            _everything = false;
    }

    /// <summary>Adds what <see cref="Text"/> said. What is not its form, null too, is taken as <see cref="Everything"/>: summarizing again changes nothing.</summary>
    public void Load(string? text)
    {
        lock (_gate)
        {
            if (text is null || !Read(text))
                _everything = true;
        }
    }

    private static MinuteSpan Aligned(MinuteSpan span, long minutes) => new(span.From / minutes * minutes, (span.To + minutes - 1) / minutes * minutes);

    private SpanList Of(Resolution resolution, string family) => Of(resolution.Policy, family);

    private SpanList Of(string policy, string family)
    {
        if (!_lists.TryGetValue((policy, family), out var list))
            _lists[(policy, family)] = list = new SpanList();
        return list;
    }

    /// <summary><c>1h/tunnel/29534000-29534060;1m/tunnel/29534000-29534001,29534003-29534007</c>.</summary>
    private string Write()
    {
        var text = new StringBuilder();
        foreach (var ((policy, family), list) in _lists)
        {
            var taken = _taken is { } now && now.Resolution.Policy == policy && now.Family == family ? now.Span : (MinuteSpan?)null;
            if (list.Spans.Count == 0 && taken is null)
                continue;
            var spans = list.Spans.Concat(taken is { } span ? [span] : []).Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.From}-{each.To}"));
            text.Append(text.Length > 0 ? ";" : "").Append(policy).Append('/').Append(family).Append('/').AppendJoin(',', spans);
        }
        return text.ToString();
    }

    private bool Read(string text)
    {
        foreach (var entry in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = entry.Split('/');
            if (parts is not [var policy, var family, var spans] || policy is not ("1m" or "1h"))
                return false;
            foreach (var span in spans.Split(','))
            {
                var ends = span.Split('-');
                if (ends.Length != 2 || !long.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from) || !long.TryParse(ends[1], NumberStyles.None, CultureInfo.InvariantCulture, out var to) || to <= from)
                    return false;
                Of(policy, family).Add(new MinuteSpan(from, to));
            }
        }
        return true;
    }
}
