using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Explain;

/// <summary>The one reason that an answer gives. In the API in snake case.</summary>
public enum Reason : byte
{
    AlarmStood,
    Suppressed,
    Shelved,
    OutOfService,
    DelayRunning,
    ConditionFalse,
    ConditionUnknown,
    NoDataYet,

    /// <summary>Readings of that time came after it, and say otherwise.</summary>
    DataLate,
    NotEvaluated,
    DeviceUnknown,
    RuleUnknown,
    TestOrDrill,
    GatewayDown,

    /// <summary>The rule's condition held, and it records no more than that.</summary>
    Event,
}

/// <param name="Truth">As known then: <c>true</c>, <c>false</c>, <c>unknown</c>, <c>absent</c>.</param>
/// <param name="TruthLater">With the readings that came later; null where none did.</param>
/// <param name="Since">Event time, Unix ms; null where it began before what was read.</param>
/// <param name="OnDelay">Milliseconds.</param>
/// <param name="DueAt">Event time at which a running on-delay or off-delay is over, Unix ms; null where none runs.</param>
/// <param name="Stands">The on-delay was over, and no off-delay since: within the deadband the condition goes on.</param>
public sealed record ExplainedStep(string? Step, string Text, Title Plain, string Truth, string? TruthLater, long? Since, long OnDelay, long? DueAt, bool Stands);

/// <param name="Channel">With its instance; null where the value is no single channel's.</param>
/// <param name="Value">A number, a bool or a state; null where it is unknown.</param>
/// <param name="Limit">Likewise, without deadband.</param>
/// <param name="Holds">It contributes to the condition: <c>true</c>, <c>false</c>, <c>unknown</c>, <c>absent</c>.</param>
public sealed record ExplainedComparison(string Text, string? Channel, object? Value, object? Limit, string? Unit, string Holds);

/// <summary>The newest value that was known of a channel. Times are Unix ms.</summary>
/// <param name="Quality">Null where the channel had never been heard.</param>
/// <param name="Age">Milliseconds of event time.</param>
/// <param name="Hold">Milliseconds for which a value counts; null until the device is silent.</param>
/// <param name="Counts">It is neither bad nor stale nor past its hold.</param>
/// <param name="Jump">A newer value, beyond what the channel can have done, that waits for a second one; null for none.</param>
public sealed record ExplainedChannel(string Channel, object? Value, string? Unit, Quality? Quality, long? Time, long? ReceivedTime, long? Age, long? Hold, bool Counts, ExplainedJump? Jump = null);

/// <param name="Time">Event time, Unix ms.</param>
/// <param name="CountsAt">Event time, Unix ms, at which it counts if nothing comes before.</param>
public sealed record ExplainedJump(double Value, long Time, long CountsAt);

/// <param name="Of"><c>device</c>, <c>model</c>, <c>family</c>; null where nobody says.</param>
public sealed record ExplainedSetting(string Setting, object? Value, string? Unit, string? Of);

/// <summary>A reading of the time before the moment that was received after it. Times are Unix ms.</summary>
public sealed record LaterReading(string Device, long Time, long ReceivedTime, long? Sequence, IReadOnlyList<ChannelValue> Values);

/// <summary>The answer to a <see cref="Question"/>.</summary>
public sealed record Explained
{
    public required Reason Answer { get; init; }

    public required Title Sentence { get; init; }

    /// <summary>0 for a rule without instances.</summary>
    public int Instance { get; init; }

    /// <summary>As it stood then; null for none.</summary>
    public Alarm? Alarm { get; init; }

    /// <summary>Those of the alarm that were known then; if none was, the one that made it known.</summary>
    public IReadOnlyList<AlarmTransition> Transitions { get; init; } = [];

    public IReadOnlyList<ExplainedStep> Conditions { get; init; } = [];

    public IReadOnlyList<ExplainedComparison> Comparisons { get; init; } = [];

    public IReadOnlyList<ExplainedChannel> Channels { get; init; } = [];

    public IReadOnlyList<ExplainedSetting> Settings { get; init; } = [];

    /// <summary>The newest of them, 100 at most, by event time; those alone that carry a channel of the rule.</summary>
    public IReadOnlyList<LaterReading> ReadingsLater { get; init; } = [];

    public int ReadingsLaterCount { get; init; }

    /// <summary>What the answer could not look at.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}
