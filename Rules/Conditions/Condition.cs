using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Conditions;

/// <summary>A condition, compiled once against its family.</summary>
public sealed record Condition
{
    /// <summary>As written in the family file.</summary>
    public required string Text { get; init; }

    /// <summary>The truth at the moment of <paramref name="inputs"/>.</summary>
    public required Func<ConditionInputs, Truth> Evaluate { get; init; }

    /// <summary>Channels that it looks at.</summary>
    public required IReadOnlyList<Channel> Channels { get; init; }

    /// <summary>Settings that it looks at.</summary>
    public required IReadOnlyList<Setting> Settings { get; init; }

    /// <summary>What it looks back on, the parts of composed ones included.</summary>
    public IReadOnlyList<Source> Sources { get; init; } = [];

    /// <summary>Counts over the devices of a place.</summary>
    public IReadOnlyList<PlaceCount> Counts { get; init; } = [];

    /// <summary>What it asks of adjacent devices.</summary>
    public IReadOnlyList<Source> Neighbours { get; init; } = [];

    /// <summary>It asks for work orders, the rain forecast or, by way of <see cref="AsksOpenHours"/>, holidays.</summary>
    public bool AsksCalendar { get; init; }

    /// <summary>Kinds of work orders that it asks for by name.</summary>
    public IReadOnlyList<string> WorkOrders { get; init; } = [];

    /// <summary>It asks whether the device's opening hours are over.</summary>
    public bool AsksOpenHours { get; init; }

    /// <summary>It asks nothing of a device itself: what it says is the same for a whole place.</summary>
    public bool IsOfPlacesAlone => Counts.Count > 0 && Channels.Count == 0 && Sources.Count == 0 && Neighbours.Count == 0 && !AsksCalendar;

    /// <summary>Its comparisons in text order, those of its words included.</summary>
    public IReadOnlyList<Comparison> Comparisons { get; init; } = [];

    /// <summary>The first comparison that holds now, for the value and the limit at raise time; null where none does.</summary>
    public Explanation? Explain(ConditionInputs inputs)
    {
        foreach (var comparison in Comparisons)
        {
            if (comparison.Explain(inputs) is { } explanation)
                return explanation;
        }
        return null;
    }
}

/// <summary>
/// Three-valued truth and a fourth for what is not there: a channel that this device has never sent (a cover without a gas sensor).
/// <c>absent || x</c> is x; <c>absent &amp;&amp; x</c> is absent unless x is false.
/// </summary>
public enum Truth : byte
{
    False,
    True,

    /// <summary>A value is bad, stale or past its hold, or a required setting is missing.</summary>
    Unknown,
    Absent,
}

/// <summary>How much of a number there is.</summary>
public enum NumState : byte
{
    Known,

    /// <summary>Beyond the plausible range, upwards: satisfies every "above", makes every "below" unknown.</summary>
    Over,
    Unknown,
    Absent,
}

/// <summary>A number within a condition.</summary>
public readonly record struct Num(double Value, NumState State)
{
    public static Num Unknown => new(0, NumState.Unknown);

    public static Num Absent => new(0, NumState.Absent);

    public static Num Of(double value) => new(value, NumState.Known);
}

/// <summary>What a condition may read, at one moment of one device. Implemented by the device's state.</summary>
public abstract class ConditionInputs
{
    /// <summary>The alarm of this rule stands: comparisons widen by their deadband.</summary>
    public bool Holding { get; set; }

    /// <summary>The instance that an <c>each</c> rule, or an <c>any(…)</c> in turn, looks at; 0 for none.</summary>
    public int Instance { get; set; }

    /// <summary>Event time of the evaluation, Unix ms: values past their hold are unknown, and windows end here.</summary>
    public long At { get; set; }

    /// <summary>
    /// The channel's value: the number, 0/1 for booleans, the index in <see cref="Channel.States"/> for states. A channel with a group
    /// is that of <see cref="Instance"/>.
    /// </summary>
    public abstract Num Value(Channel channel);

    /// <summary>
    /// The value is past its hold, and nothing that the device has said since shows that no newer one came: behind a gateway that is down, it is kept there.
    /// </summary>
    public virtual bool MayBeOnItsWay(Channel channel) => false;

    /// <summary>The setting in its unit (index for states); unknown where neither the register nor the family says.</summary>
    public abstract Num Setting(Setting setting);

    /// <summary>What is remembered of a source, of <see cref="Instance"/> where it has a group; null before its first report.</summary>
    public abstract Trace? Trace(Source source);

    /// <summary>Instance numbers of a group that the device has sent, ascending.</summary>
    public abstract ReadOnlySpan<int> Instances(string group);

    /// <summary>How many there are in the place that the device is in; absent where the register names none.</summary>
    public virtual Num CountIn(PlaceCount count) => Num.Absent;

    /// <summary>Whether it holds at a device beside this one.</summary>
    public virtual Truth Neighbour(Source source) => Truth.False;

    /// <summary>Whether an entry of the calendar for this device is in force.</summary>
    /// <param name="name">Null for any.</param>
    public virtual Truth InCalendar(CalendarKind kind, string? name) => Truth.False;

    /// <summary>Whether it is outside the opening hours that the setting gives, or a holiday.</summary>
    public virtual Truth ClosedHours(Setting hours) => Truth.False;
}
