using Telemetry.Rules.Families;

namespace Telemetry.Rules.Alarms;

/// <summary>ISA-18.2 states. The last three are overlays and come with the issue on alarms.</summary>
public enum AlarmState : byte
{
    Normal,
    ActiveUnacknowledged,
    ActiveAcknowledged,
    ClearedUnacknowledged,
    LatchedUnacknowledged,
    LatchedAcknowledged,
    Shelved,
    Suppressed,
    OutOfService,
}

/// <summary>One occurrence of a rule's condition at a device: the API's alarm object. Times are Unix ms, UTC.</summary>
public sealed record Alarm
{
    /// <summary>32 hex digits: hash(device, rule, instance, key of the raising reading or tick time).</summary>
    public required string Id { get; init; }

    public required string Device { get; init; }

    public required string Family { get; init; }

    public string? District { get; init; }

    public string? Street { get; init; }

    public required string Rule { get; init; }

    public string? Instance { get; init; }

    public required AlarmKind Kind { get; init; }

    public required Severity Severity { get; init; }

    public required AlarmState State { get; init; }

    /// <summary>The state beneath an overlay; equal to <see cref="State"/> without one.</summary>
    public AlarmState Underlying => State;

    public required long RaisedAt { get; init; }

    public required long RaisedReceivedAt { get; init; }

    public long? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    public long? ClearedAt { get; init; }

    /// <summary>Nobody was told of it: late readings showed it when it was over.</summary>
    public bool Retrospective { get; init; }

    /// <summary>When late readings changed it last, log time; null for never.</summary>
    public long? AmendedAt { get; init; }

    /// <summary>When late readings showed that it should not have been, log time; null otherwise.</summary>
    public long? RetractedAt { get; init; }

    /// <summary>The channel (with instance) of the first comparison that held, e.g. <c>motor_current.2</c>; null where there is none.</summary>
    public string? Channel { get; init; }

    /// <summary>Its value when the alarm was raised or last climbed; 0 or 1 for a boolean, null for a state.</summary>
    public double? Value { get; init; }

    /// <summary>Its state then, for a channel with states.</summary>
    public string? ValueState { get; init; }

    /// <summary>The limit in force then, in <see cref="Unit"/>; null where the condition has none.</summary>
    public double? Limit { get; init; }

    /// <summary>UCUM.</summary>
    public string? Unit { get; init; }

    /// <summary>What the reader must know beside the title: blinded rules of <c>unknown</c>, last contact of <c>offline</c>.</summary>
    public string? Detail { get; init; }

    /// <summary>The family file's hash in force.</summary>
    public required string RuleVersion { get; init; }

    /// <summary>Number of transitions so far.</summary>
    public int Transitions { get; init; }

    /// <summary>Position of the entry of the last transition.</summary>
    public long Position { get; init; }
}
