namespace Telemetry.Simulators.Faults;

/// <summary>When a fault acts. All times in ms; At since the stream's begin.</summary>
/// <param name="At">First.</param>
/// <param name="For">How long each time; null until it comes again, or to the end.</param>
/// <param name="Every">Again so long after each beginning, not below <paramref name="For"/>; null for once.</param>
/// <param name="Chance">Above 0, at most 1: which share of what it could strike it strikes.</param>
public sealed record FaultWhen(long At = 0, long? For = null, long? Every = null, double Chance = 1)
{
    /// <summary>The span that holds this moment since the begin; null where the fault is not there.</summary>
    public Span? SpanAt(long since)
    {
        if (since < At)
            return null;
        var from = Every is { } every ? At + ((since - At) / every * every) : At;
        var to = (For ?? Every) is { } lasts ? from + lasts : (long?)null;
        return since < (to ?? long.MaxValue) ? new Span(from, to) : null;
    }

    /// <summary>The first span that begins at or after this moment since the begin; null where there is none left.</summary>
    public Span? NextAt(long since)
    {
        var from = since <= At ? At : Every is { } every ? At + ((since - At + every - 1) / every * every) : (long?)null;
        return from is { } begins ? SpanAt(begins) : null;
    }
}

/// <param name="From">Inclusive, ms.</param>
/// <param name="To">Exclusive; null for none.</param>
public readonly record struct Span(long From, long? To);
