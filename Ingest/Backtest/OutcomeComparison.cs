namespace Telemetry.Ingest.Backtest;

/// <summary>Two outcomes over one log, side by side.</summary>
/// <param name="Differences">By key, then by time.</param>
public sealed record OutcomeComparison(BacktestSpan Span, Outcome Was, Outcome Is, IReadOnlyList<Difference> Differences)
{
    /// <summary>Occurrences of one key that lie no further apart than this are taken for one: a shorter delay or a limit elsewhere moves them.</summary>
    private const long SameWithin = 5 * 60_000;

    public int Count(Change change) => Differences.Count(difference => difference.Change == change);

    public static OutcomeComparison Of(BacktestSpan span, Outcome was, Outcome now)
    {
        var old = was.Occurrences.ToLookup(occurred => occurred.Key);
        var young = now.Occurrences.ToLookup(occurred => occurred.Key);
        var differences = old.Select(each => each.Key).Union(young.Select(each => each.Key)).Order().SelectMany(key => Pairs([.. old[key]], [.. young[key]])).SelectMany(pair => Judge(pair.Was, pair.Is));
        return new OutcomeComparison(span, was, now, [.. differences]);
    }

    private static IEnumerable<Difference> Judge(Occurred? was, Occurred? now)
    {
        if (was is null || now is null)
        {
            yield return new Difference(was is null ? Change.Added : Change.Removed, was, now);
            yield break;
        }
        if (now.RaisedAt != was.RaisedAt)
            yield return new Difference(now.RaisedAt < was.RaisedAt ? Change.Earlier : Change.Later, was, now);
        if (now.Severity != was.Severity)
            yield return new Difference(Change.Severity, was, now);
    }

    /// <summary>The same id first (raised by the same reading), then in order of time what overlaps; what is left stands alone.</summary>
    private static IEnumerable<(Occurred? Was, Occurred? Is)> Pairs(List<Occurred> was, List<Occurred> now)
    {
        var pairs = new List<(Occurred? Was, Occurred? Is)>();
        Match((one, other) => one.Id == other.Id);
        Match((one, other) => one.RaisedAt <= Later(other.Until) && other.RaisedAt <= Later(one.Until));
        pairs.AddRange(was.Select(one => ((Occurred?)one, (Occurred?)null)));
        pairs.AddRange(now.Select(one => ((Occurred?)null, (Occurred?)one)));
        return pairs.OrderBy(pair => (pair.Is ?? pair.Was!).RaisedAt);

        void Match(Func<Occurred, Occurred, bool> isSame)
        {
            foreach (var one in was.ToList())
            {
                if (now.Find(other => isSame(one, other)) is not { } found)
                    continue;
                pairs.Add((one, found));
                was.Remove(one);
                now.Remove(found);
            }
        }

        static long Later(long time) => time > long.MaxValue - SameWithin ? long.MaxValue : time + SameWithin;
    }
}
