using Telemetry.Rules.Families;

namespace Telemetry.Rules.Conditions;

/// <summary>
/// What a function over time looks back on: a channel, an expression, a condition, or a rule's alarm. Functions that look at the same thing
/// share one.
/// </summary>
public sealed class Source
{
    private long[] _spans = [];

    /// <summary>Position in the family's table. What a source is made of has a lower one.</summary>
    public required int Index { get; init; }

    /// <summary>As written.</summary>
    public required string Text { get; init; }

    /// <summary>What there is one of it per instance; null for one a device.</summary>
    public required string? Group { get; init; }

    /// <summary>Channels that it is made of.</summary>
    public required IReadOnlyCollection<Channel> Channels { get; init; }

    /// <summary>Sources that it is made of, theirs included.</summary>
    public required IReadOnlyCollection<Source> Parts { get; init; }

    /// <summary>Its value now: a number, 0/1 for a condition, the index of a state.</summary>
    public required Func<ConditionInputs, Num> Evaluate { get; init; }

    /// <summary>A condition or a state: only its changes matter.</summary>
    public required bool ChangesOnly { get; init; }

    /// <summary>Name of the rule, or of its named step, whose alarm it is; null for what readings say.</summary>
    public string? Rule { get; init; }

    /// <summary>It is this channel and nothing else, so that a late value of it finds its place.</summary>
    public Channel? Channel { get; init; }

    /// <summary>The role of the linked device whose channel it is: those who link the same device share one trace. Null for the device's own.</summary>
    public string? Link => Channel?.Link;

    /// <summary>Milliseconds for which a value counts; null until the device is silent.</summary>
    public long? Hold { get; init; }

    /// <summary>Longest window that is asked for, ms; 0 where none is.</summary>
    public long Keep { get; private set; }

    /// <summary>Other devices, or a place's count, look at it: each change of it moves them.</summary>
    public bool IsAskedElsewhere { get; private set; }

    /// <summary>Milliseconds after a change at which a function of it changes by itself.</summary>
    public ReadOnlySpan<long> Spans => _spans;

    public void KeepFor(long window) => Keep = Math.Max(Keep, window);

    public void AskElsewhere() => IsAskedElsewhere = true;

    public void WakeAfter(long span)
    {
        if (!_spans.Contains(span))
            _spans = [.. _spans, span];
    }
}

/// <summary>The sources of one family, filled while its conditions are compiled.</summary>
public sealed class SourceTable
{
    private readonly List<Source> _all = [];
    private readonly Dictionary<(string Text, string? Group), Source> _byText = [];

    public IReadOnlyList<Source> All => _all;

    /// <param name="make">Makes it with the given index.</param>
    public Source Get(string text, string? group, Func<int, Source> make)
    {
        if (_byText.TryGetValue((text, group), out var known))
            return known;
        var source = make(_all.Count);
        _all.Add(source);
        return _byText[(text, group)] = source;
    }
}
