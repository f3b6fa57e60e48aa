namespace Telemetry.Rules.Model;

/// <summary>What a value is on the wire; fixed by its channel's type in the family file.</summary>
public enum ValueKind : byte
{
    Number,
    Boolean,
    State,
}

/// <summary>One channel's value within a reading.</summary>
/// <param name="Channel">Channel with its instance, as sent: <c>sump_level</c>, <c>pump_run.2</c>.</param>
/// <param name="Kind">Which of the two fields below carries the value.</param>
/// <param name="Number">The number in the channel's unit; 0 or 1 for a boolean; 0 for a state.</param>
/// <param name="State">The state's name, for <see cref="ValueKind.State"/> alone.</param>
/// <param name="Quality">Good unless the gateway or our validation said otherwise.</param>
/// <param name="Why">Why the quality is below good, a word or two for a person (<c>sensor fault</c>), where the device or its model says it.</param>
public readonly record struct ChannelValue(string Channel, ValueKind Kind, double Number, string? State, Quality Quality, string? Why = null);

/// <summary>One timestamped object of one device: one or more channel values. Rates count these.</summary>
public sealed class Reading
{
    public required string Gateway { get; init; }

    public required string Family { get; init; }

    public required string Device { get; init; }

    /// <summary>Unix milliseconds exactly as sent (before any correction), part of the duplicate key; null without one.</summary>
    public long? SentTime { get; init; }

    /// <summary>The sender's sequence number; null without one.</summary>
    public long? Sequence { get; init; }

    /// <summary>Unix milliseconds, UTC: when the values were true. Equal to the entry's time where <see cref="Marks"/> says that the received time stands in.</summary>
    public long EventTime { get; set; }

    public TimeMarks Marks { get; init; }

    public required ChannelValue[] Values { get; init; }

    /// <summary>The received time, not the sender's, is this reading's event time.</summary>
    public bool ReceivedTimeStandsIn => !IsRedecoded && (Marks & (TimeMarks.NoTime | TimeMarks.ClockAhead | TimeMarks.ClockUnset)) != 0;

    /// <summary>Its sender has no clock, or one that begins anew with each start: its time, and its sequence after a while, tell it from no other.</summary>
    public bool HasNoClock => !IsRedecoded && (Marks & (TimeMarks.NoTime | TimeMarks.ClockUnset)) != 0;

    /// <summary>No sign of life of its device or gateway: what it says is late data, and it came long ago.</summary>
    public bool IsRedecoded => (Marks & TimeMarks.Redecoded) != 0;
}
