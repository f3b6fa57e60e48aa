namespace Telemetry.Ingest.Backtest;

/// <summary>Two outcomes over one log, side by side.</summary>
/// <param name="Differences">By key, then by time.</param>
/// <param name="WhyEvaluated">Why the old rules were played once more; null where the recorded journal is the old side.</param>
public sealed record OutcomeComparison(BacktestSpan Span, Outcome Was, Outcome Is, IReadOnlyList<Difference> Differences, string? WhyEvaluated)
{
    /// <summary>Occurrences of one key that lie no further apart than this are taken for one: a shorter delay or a limit elsewhere moves them.</summary>
    private const long SameWithin = 5 * 60_000;

    public int Count(Change change) => Differences.Count(difference => difference.Change == change);

    public static OutcomeComparison Of(BacktestSpan span, Outcome was, Outcome now, string? whyEvaluated)
    {
        var old = was.Occurrences.ToLookup(occurred => occurred.Key);
        var young = now.Occurrences.ToLookup(occurred => occurred.Key);
        var differences = old.Select(each => each.Key).Union(young.Select(each => each.Key)).Order().SelectMany(key => Pairs(old[key], [.. young[key]])).SelectMany(pair => Judge(pair.Was, pair.Is));
        return new OutcomeComparison(span, was, now, [.. differences], whyEvaluated);
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
    /// <param name="was">By time, as <paramref name="now"/>.</param>
    private static IEnumerable<(Occurred? Was, Occurred? Is)> Pairs(IEnumerable<Occurred> was, IReadOnlyList<Occurred> now)
    {
        var pairs = new List<(Occurred? Was, Occurred? Is)>();
        var byId = now.ToDictionary(occurred => occurred.Id, StringComparer.Ordinal);
        var alone = new List<Occurred>();
        foreach (var one in was)
        {
            if (byId.Remove(one.Id, out var same))
                pairs.Add((one, same));
            else
                alone.Add(one);
        }
        var others = new Queue<Occurred>(now.Where(occurred => byId.ContainsKey(occurred.Id)));
        foreach (var one in alone)
        {
            // What is over before this one began is over before those that follow, too.
            while (others.TryPeek(out var early) && one.RaisedAt > Later(early.Until))
                pairs.Add((null, others.Dequeue()));
            pairs.Add((one, others.TryPeek(out var other) && other.RaisedAt <= Later(one.Until) ? others.Dequeue() : null));
        }
        pairs.AddRange(others.Select(one => ((Occurred?)null, (Occurred?)one)));
        return pairs.OrderBy(pair => (pair.Is ?? pair.Was!).RaisedAt);

        static long Later(long time) => time > long.MaxValue - SameWithin ? long.MaxValue : time + SameWithin;
    }
}
