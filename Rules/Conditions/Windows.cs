namespace Telemetry.Rules.Conditions;

/// <summary>
/// The functions over time, each of one trace at one moment of event time. What cannot be said yet, because the device has not been heard for
/// long enough, is absent; what cannot be said because of a gap is unknown.
/// </summary>
internal static class Windows
{
    /// <summary>A slope over less of its window than this is noise.</summary>
    private const double LeastOfSlope = 0.25;

    /// <summary>A mean, or a direction, of less of its window than this says nothing about the window.</summary>
    private const double LeastOfMean = 0.5;

    /// <summary>So many equal values are no coincidence.</summary>
    private const int RepeatsOfStuck = 3;

    /// <summary>Change a second between the beginning of the window and now.</summary>
    public static Num Rate(Trace? trace, long at, long window, long? hold) =>
        Ends(trace, at, window, hold, LeastOfSlope, out var first, out var last) is { } missing
            ? missing
            : Num.Of((last.Value - first.Value) * 1000 / (last.Time - first.Time));

    /// <summary>How far it has come down or up since the beginning of the window.</summary>
    public static Num Difference(Trace? trace, long at, long window, long? hold) =>
        Ends(trace, at, window, hold, LeastOfMean, out var first, out var last) is { } missing ? missing : Num.Of(last.Value - first.Value);

    /// <summary>How far it stands above its lowest value within the window.</summary>
    public static Num Climb(Trace? trace, long at, long window, long? hold)
    {
        if (Ends(trace, at, window, hold, 0, out var first, out var last) is { } missing)
            return missing;
        var lowest = first.Value;
        foreach (var sample in trace!.Between(first.Time, at))
        {
            if (sample.IsKnown)
                lowest = Math.Min(lowest, sample.Value);
        }
        return Num.Of(last.Value - lowest);
    }

    /// <summary>The lowest or the highest value that stood within the window.</summary>
    public static Num Furthest(Trace? trace, long at, long window, long? hold, Func<double, double, double> further)
    {
        if (Ends(trace, at, window, hold, 0, out var first, out var last) is { } missing)
            return missing;
        var furthest = further(first.Value, last.Value);
        foreach (var sample in trace!.Between(first.Time, at))
        {
            if (sample.IsKnown)
                furthest = further(furthest, sample.Value);
        }
        return Num.Of(furthest);
    }

    /// <summary>Sum of the values reported within the window, in the order of event time.</summary>
    public static Num Total(Trace? trace, long at, long window, long? hold)
    {
        if (trace is null)
            return Num.Absent;
        if (IsPast(trace, at, hold))
            return Num.Unknown;
        var sum = 0.0;
        foreach (var sample in trace.Between(at - window, at))
        {
            if (sample.IsKnown)
                sum += sample.Value;
        }
        return Num.Of(sum);
    }

    /// <summary>How many known values were reported within the window. Silence is an answer here: none.</summary>
    public static Num Reports(Trace? trace, long at, long window)
    {
        if (trace is null)
            return Num.Absent;
        var count = 0;
        foreach (var sample in trace.Between(at - window, at))
        {
            if (sample.IsKnown)
                count++;
        }
        return Num.Of(count);
    }

    /// <summary>What a counter has counted within the window. One that falls was exchanged or reset: that step counts nothing.</summary>
    public static Num Count(Trace? trace, long at, long window, long? hold)
    {
        if (Ends(trace, at, window, hold, 0, out var first, out _) is { } missing)
            return missing;
        var (sum, before) = (0.0, first.Value);
        foreach (var sample in trace!.Between(first.Time, at))
        {
            if (!sample.IsKnown)
                continue;
            sum += Math.Max(0, sample.Value - before);
            before = sample.Value;
        }
        return Num.Of(sum);
    }

    /// <summary>Weighted by time: each value stands until the next one, or as long as it holds.</summary>
    public static Num Mean(Trace? trace, long at, long window, long? hold)
    {
        if (trace is null)
            return Num.Absent;
        var begin = at - window;
        var (area, covered) = (0.0, 0L);
        var standing = trace.At(begin) ?? new Trace.Sample(begin, double.NaN);
        foreach (var next in trace.Between(begin, at))
        {
            Take(standing, next.Time);
            standing = next;
        }
        Take(standing, at);
        if (covered >= window * LeastOfMean)
            return Num.Of(area / covered);
        return NotYet(trace, begin);

        void Take(Trace.Sample sample, long until)
        {
            if (!sample.IsKnown)
                return;
            var from = Math.Max(sample.Time, begin);
            var to = hold is { } limit ? Math.Min(until, sample.Time + limit) : until;
            if (to <= from)
                return;
            area += sample.Value * (to - from);
            covered += to - from;
        }
    }

    /// <summary>True without a break for at least so long.</summary>
    public static Truth Held(Trace? trace, long at, long span, long? hold)
    {
        if (trace is null)
            return Truth.Absent;
        if (IsPast(trace, at, hold))
            return Truth.Unknown;
        return Logic.Of(trace.Present) is var truth && truth == Truth.True ? Logic.Of(at - trace.Since >= span) : truth;
    }

    public static Truth Changed(Trace? trace, long at, long span, long? hold)
    {
        if (trace is null)
            return Truth.Absent;
        return trace.Present.State == NumState.Unknown || IsPast(trace, at, hold) ? Truth.Unknown : Logic.Of(trace.ChangedAt > at - span && trace.ChangedAt > trace.Begun);
    }

    /// <summary>It is reported again and again, and never differs.</summary>
    public static Truth Stuck(Trace? trace, long at, long span, long? hold)
    {
        if (trace is null)
            return Truth.Absent;
        if (trace.Present.State == NumState.Unknown || IsPast(trace, at, hold))
            return Truth.Unknown;
        return Logic.Of(trace.ChangedAt <= at - span && trace.Repeats >= RepeatsOfStuck);
    }

    /// <summary>How often it became true within the window.</summary>
    public static Num Times(Trace? trace, long at, long window)
    {
        if (trace is null)
            return Num.Absent;
        var (count, before) = (0, trace.At(at - window)?.Value ?? 0);
        foreach (var sample in trace.Between(at - window, at))
        {
            if (!sample.IsKnown)
                continue;
            if (sample.Value == 1 && before != 1)
                count++;
            before = sample.Value;
        }
        return Num.Of(count);
    }

    /// <summary>Within the window the first became true, and after it the second.</summary>
    public static Truth Sequence(Trace? first, Trace? second, long at, long window)
    {
        if (first is null || second is null)
            return Truth.Absent;
        if (Rise(first, at - window, at) is { } began && Rise(second, began, at) is not null)
            return Truth.True;
        return first.Present.State == NumState.Unknown || second.Present.State == NumState.Unknown ? Truth.Unknown : Truth.False;
    }

    /// <summary>Event time in (from, to] at which a condition first became true; null where it did not.</summary>
    private static long? Rise(Trace trace, long from, long to)
    {
        var before = trace.At(from)?.Value ?? 0;
        foreach (var sample in trace.Between(from, to))
        {
            if (!sample.IsKnown)
                continue;
            if (sample.Value == 1 && before != 1)
                return sample.Time;
            before = sample.Value;
        }
        return null;
    }

    public static Num Last(Trace? trace) => trace?.Present ?? Num.Absent;

    /// <summary>It was reported after the other took its present value, or after that alarm was raised.</summary>
    public static Truth Newer(Trace? trace, Trace? than) =>
        trace is null || than is null ? Truth.Absent : Logic.Of(trace.Reported > than.ChangedAt);

    /// <summary>The alarm stands, or stood less than <paramref name="span"/> ago.</summary>
    public static Truth Alarm(Trace? trace, long at, long span) =>
        Logic.Of(trace is not null && (trace.Present.Value == 1 || (span > 0 && trace.Since > at - span)));

    /// <summary>What stood at the window's beginning (or came first within it) and what stands now; what is missing where that can't be said.</summary>
    private static Num? Ends(Trace? trace, long at, long window, long? hold, double least, out Trace.Sample first, out Trace.Sample last)
    {
        (first, last) = (default, default);
        if (trace is null)
            return Num.Absent;
        var begin = at - window;
        if (trace.At(at) is not { IsKnown: true } now || (hold is { } limit && at > now.Time + limit))
            return Num.Unknown;
        last = now;
        if (now.Time <= begin)
        {
            // Nothing was reported within the window, and the value still counts: it has not moved.
            (first, last) = (now with { Time = begin }, now with { Time = at });
            return null;
        }
        if (trace.At(begin) is { IsKnown: true } standing && (hold is null || begin <= standing.Time + hold))
            first = standing;
        else
            first = FirstKnown(trace.Between(begin, at));
        return last.Time - first.Time is > 0 and var span && span >= window * least ? null : NotYet(trace, begin);
    }

    /// <summary>The last one is known, so there is one.</summary>
    private static Trace.Sample FirstKnown(ReadOnlySpan<Trace.Sample> samples)
    {
        var at = 0;
        while (!samples[at].IsKnown)
            at++;
        return samples[at];
    }

    private static bool IsPast(Trace trace, long at, long? hold) => hold is { } limit && at > trace.Reported + limit;

    private static Num NotYet(Trace trace, long begin) => trace.Begun > begin ? Num.Absent : Num.Unknown;
}
