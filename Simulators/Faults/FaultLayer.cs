using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary>
/// Faults over a stream of sendings, whatever it comes from. What comes out is a function of what went in, the plan and its seed alone, however finely time
/// is cut into calls.
/// </summary>
/// <param name="start">Of the stream, Unix ms: the plan's times count from it.</param>
/// <param name="record">Takes a line for everything that is made different.</param>
public sealed class FaultLayer(FaultPlan plan, long start, Action<Injection> record)
{
    private readonly FaultStage[] _stages = [.. plan.InOrder.Select(fault => fault.Begin(new FaultRun(start, plan.Seed, record)))];
    private long _now = start;

    /// <summary>What a city does up to and including a moment, with the faults.</summary>
    public IEnumerable<Sending> Over(IEnumerable<CityEvent> events, long until)
    {
        foreach (var happening in events)
        {
            // A change of a gateway has no time of its own: it comes behind what came before it.
            var due = happening is ReadingDue { Reading.EventTime: var at } ? Math.Max(at, _now) : _now;
            foreach (var sending in Take(new Sending(due, happening)))
                yield return sending;
        }
        foreach (var sending in AdvanceTo(until))
            yield return sending;
    }

    /// <summary>What was due up to then, and what becomes of this.</summary>
    /// <param name="sending">Not due before anything that was taken.</param>
    public IEnumerable<Sending> Take(Sending sending)
    {
        foreach (var earlier in AdvanceTo(sending.Due))
            yield return earlier;
        foreach (var left in Through(0, sending))
            yield return left;
    }

    /// <summary>What the faults send by themselves up to and including this moment, Unix ms.</summary>
    public IEnumerable<Sending> AdvanceTo(long until)
    {
        while (Earliest() is var (stage, due) && due <= until)
        {
            _now = Math.Max(_now, due);
            foreach (var released in _stages[stage].Release())
            {
                foreach (var left in Through(stage + 1, released))
                    yield return left;
            }
        }
        _now = Math.Max(_now, until);
    }

    /// <summary>What is still held, after the last that was taken.</summary>
    public IEnumerable<Sending> End()
    {
        foreach (var stage in _stages)
            stage.End();
        return AdvanceTo(long.MaxValue);
    }

    private (int Stage, long Due)? Earliest()
    {
        (int Stage, long Due)? earliest = null;
        for (var i = 0; i < _stages.Length; i++)
        {
            if (_stages[i].NextDue is { } due && (earliest is null || due < earliest.Value.Due))
                earliest = (i, due);
        }
        return earliest;
    }

    private IEnumerable<Sending> Through(int stage, Sending sending) =>
        stage == _stages.Length ? [sending] : _stages[stage].Take(sending).SelectMany(left => Through(stage + 1, left));
}
