namespace Telemetry.Ingest.Notify.Rota;

/// <summary>A stretch of a team's rota: one person, or a gap that says why nobody.</summary>
/// <param name="From">Unix ms, inclusive.</param>
/// <param name="To">Unix ms, exclusive.</param>
/// <param name="Person">Null for a gap.</param>
/// <param name="Why">Whence: the shift's name, <c>holiday</c>, <c>override</c>, <c>calendar</c>, <c>always</c>; of a gap, what is missing.</param>
public readonly record struct Duty(long From, long To, string? Person, string Why);

/// <summary>Stretches that tile a span: what is laid on later covers what lay there.</summary>
internal sealed class DutyList
{
    private readonly List<Duty> _duties;

    public DutyList(long from, long to, string gap) => _duties = [new Duty(from, to, null, gap)];

    /// <summary>Lays a duty over what lies there; what sticks out of the span is cut off.</summary>
    public void Lay(Duty duty)
    {
        var (from, to) = (Math.Max(duty.From, _duties[0].From), Math.Min(duty.To, _duties[^1].To));
        if (from >= to)
            return;
        var first = Index(from);
        var last = Index(to - 1);
        var (before, after) = (_duties[first] with { To = from }, _duties[last] with { From = to });
        _duties.RemoveRange(first, last - first + 1);
        Duty[] instead = [.. before.From < before.To ? [before] : (Duty[])[], duty with { From = from, To = to }, .. after.From < after.To ? [after] : (Duty[])[]];
        _duties.InsertRange(first, instead);
    }

    /// <summary>In order; neighbours of the same person and reason are one.</summary>
    public IReadOnlyList<Duty> Merged()
    {
        var merged = new List<Duty>(_duties.Count);
        foreach (var duty in _duties)
        {
            if (merged.Count > 0 && merged[^1] is var last && last.Person == duty.Person && last.Why == duty.Why)
                merged[^1] = last with { To = duty.To };
            else
                merged.Add(duty);
        }
        return merged;
    }

    /// <summary>Of the stretch in which a moment lies.</summary>
    private int Index(long at)
    {
        var (low, high) = (0, _duties.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_duties[middle].From <= at)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }
}
