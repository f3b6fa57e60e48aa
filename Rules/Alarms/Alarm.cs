using Telemetry.Rules.Families;

namespace Telemetry.Rules.Alarms;

/// <summary>ISA-18.2 states. The last three are overlays: beneath them the condition is followed on.</summary>
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

    /// <summary>Null without an overlay; see <see cref="Underlying"/>.</summary>
    public AlarmState? Beneath { get; init; }

    /// <summary>The state beneath an overlay; equal to <see cref="State"/> without one.</summary>
    public AlarmState Underlying => Beneath ?? State;

    /// <summary>The condition is true now, whatever lies over it.</summary>
    public bool Holds => Underlying is AlarmState.ActiveUnacknowledged or AlarmState.ActiveAcknowledged;

    /// <summary>It has sounded, nothing lies over it, and nobody has acknowledged it yet.</summary>
    public bool Sounds => SoundedAt is not null && State is (AlarmState.ActiveUnacknowledged or AlarmState.ClearedUnacknowledged or AlarmState.LatchedUnacknowledged);

    /// <summary>It has not ended and nothing lies over it: an operator sees it in the list.</summary>
    public bool IsShown => State is not (AlarmState.Normal or AlarmState.Shelved or AlarmState.Suppressed or AlarmState.OutOfService);

    /// <summary>Index of the rule's step that stands, or that stood last.</summary>
    public int Step { get; init; }

    /// <summary>Some step that was reached is latched: once the condition is over, only a reset ends it.</summary>
    public bool Latches { get; init; }

    /// <summary>What an operator has put over it; null for nothing.</summary>
    public Overlay? Overlay { get; init; }

    /// <summary>Id of the alarm or event that explains this one; null while none does.</summary>
    public string? SuppressedBy { get; init; }

    /// <summary><c>test</c> or <c>drill</c> as the device was when it was raised: nobody is paged. Null for live.</summary>
    public string? Mode { get; init; }

    /// <summary>Log time at which it was last raised, climbed or came out from beneath an overlay: the beginning of the escalation clock. Null if that never was.</summary>
    public long? AnnouncedAt { get; init; }

    /// <summary>Log time of the last sound, re-sounding included; null if it never sounded.</summary>
    public long? SoundedAt { get; init; }

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

    /// <summary>Who is asked to go.</summary>
    public string? AssignedTo { get; init; }

    /// <summary>Who has said "I am going": this alone stops the escalation, and acknowledges nothing.</summary>
    public string? AcceptedBy { get; init; }

    public long? AcceptedAt { get; init; }

    public string? DeclinedBy { get; init; }

    public long? OnSiteAt { get; init; }

    public long? DoneAt { get; init; }

    /// <summary>Why it was false; null while nobody has said so. Counts against its rule.</summary>
    public string? FalseAlarm { get; init; }

    /// <summary>Nobody was on site within the rule's time to respond.</summary>
    public bool ResponseOverdue { get; init; }

    /// <summary>The rule that has lifted this alarm again in place of one of its own.</summary>
    public string? EscalatedBy { get; init; }

    /// <summary>At least three occurrences within a minute of event time.</summary>
    public bool Chattering { get; init; }

    /// <summary>Milliseconds: the shortest on-delay that would have removed the chattering. A proposal, applied by nobody but an engineer.</summary>
    public long? ProposedOnDelay { get; init; }

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

    /// <summary>The same with this state, beneath whatever lies over it. What a cause explains ends with its condition; what an operator has put there stays.</summary>
    internal Alarm Settled(AlarmState underlying)
    {
        AlarmState? over = Overlay?.State ?? (SuppressedBy is not null && underlying != AlarmState.Normal ? AlarmState.Suppressed : null);
        return this with { State = over ?? underlying, Beneath = over is null ? null : underlying };
    }

    /// <summary>Told anew where nothing lies over it: unacknowledged, and the response begins again. Tickets and tests make no sound.</summary>
    internal Alarm Announced(long now) => Beneath is not null || State == AlarmState.Normal ? this : this with
    {
        AcknowledgedAt = null,
        AcknowledgedBy = null,
        AcceptedBy = null,
        AcceptedAt = null,
        DeclinedBy = null,
        OnSiteAt = null,
        DoneAt = null,
        ResponseOverdue = false,
        AnnouncedAt = now,
        SoundedAt = Kind == AlarmKind.Alarm && Mode is null ? now : null,
    };
}
