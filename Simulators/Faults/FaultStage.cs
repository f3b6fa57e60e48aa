using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Faults;

/// <summary>One fault at work in a stream: what it takes in is in order of time, and so is what it gives out.</summary>
public abstract class FaultStage(Fault fault, FaultRun run)
{
    private readonly Dictionary<string, Random> _luck = new(StringComparer.Ordinal);

    /// <summary>When it has something to send by itself, Unix ms; null for never.</summary>
    public virtual long? NextDue => null;

    /// <summary>What becomes of this at once.</summary>
    public abstract IEnumerable<Sending> Take(Sending sending);

    /// <summary>What is due at <see cref="NextDue"/>, which lies later afterwards.</summary>
    public virtual IEnumerable<Sending> Release() => [];

    /// <summary>Nothing will be taken any more: what is held still leaves when it is due, and nothing new begins.</summary>
    public virtual void End()
    {
    }

    protected FaultRun Run => run;

    /// <summary>The fault's span that holds this sending, where it is a reading that the fault may strike.</summary>
    protected Span? SpanOf(Sending sending) => sending.What is ReadingDue { Reading: var reading } && fault.Who.Fits(reading) ? fault.When.SpanAt(sending.Due - run.Start) : null;

    /// <summary>Whether it strikes this time. Each device has luck of its own: what strikes one leaves the others' course as it was.</summary>
    protected bool Strikes(string device) => fault.When.Chance >= 1 || LuckOf(device).NextDouble() < fault.When.Chance;

    protected Random LuckOf(string device)
    {
        if (!_luck.TryGetValue(device, out var luck))
            _luck[device] = luck = new Random(Seed(device));
        return luck;
    }

    protected void Record(Reading reading, Span span, long due, object? original, object? sent, string? channel = null) =>
        Record(new Injection(fault.Word, fault.Number, reading.Gateway, reading.Device, channel, reading.Sequence, run.Start + span.From, run.Start + span.To, due, original, sent));

    protected void Record(Injection injection) => run.Record(injection);

    // FNV-1a: string.GetHashCode differs from run to run.
    private int Seed(string device)
    {
        var hash = 2166136261u;
        foreach (var part in (IEnumerable<int>)[run.Seed, fault.Number, .. device])
            hash = (hash ^ (uint)part) * 16777619u;
        return (int)hash;
    }
}
