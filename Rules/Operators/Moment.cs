using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>What the duplicate filter says of one value.</summary>
public enum ValueVerdict : byte
{
    Accept,

    /// <summary>The same key has been seen, or the whole reading is refused.</summary>
    Drop,

    /// <summary>Older than the window: for the store alone, which looks it up before it inserts.</summary>
    LookUp,
}

/// <summary>A rule's condition came, went, or changed its step at a device: what the state machine turns into transitions.</summary>
/// <param name="Step">The step that stands now; -1 for none.</param>
/// <param name="At">Event time, Unix ms.</param>
/// <param name="Key">Of the reading (or tick) that began it.</param>
public readonly record struct ConditionChange(
    Subject Subject, Rule Rule, int Instance, int Step, long At, ulong Key, Evidence Evidence);

/// <summary>What an alarm is about: a device, a gateway, an area or the service itself.</summary>
public readonly record struct Subject(string Id, string Family, string? District, string? Street, string RuleVersion);

/// <summary>Value and limit at raise time.</summary>
public readonly record struct Evidence(string? Channel, double? Value, string? State, double? Limit, string? Unit, string? Detail, Severity? Severity = null);

/// <summary>One entry of the log on its way through the stages, with what they made of it. One object, reused for every entry.</summary>
public sealed class Moment
{
    public LogEntry Entry { get; private set; } = null!;

    /// <summary>The device of a reading that is not refused; null otherwise.</summary>
    public DeviceState? Device { get; set; }

    /// <summary>One verdict per value of the reading; null where all are accepted.</summary>
    public ValueVerdict[]? Verdicts { get; set; }

    /// <summary>Some value is older than the newest of its channel, or than the duplicate window.</summary>
    public bool Late { get; set; }

    /// <summary>Devices for which the reading belongs before what their rules have decided, and its event time.</summary>
    public List<(DeviceState Device, long From)> OutOfOrder { get; } = [];

    /// <summary>Devices of which another anchor is due.</summary>
    internal List<DeviceState> AnchorsDue { get; } = [];

    /// <summary>Register entries that this entry created or changed.</summary>
    public List<Device> ChangedDevices { get; } = [];

    /// <summary>One at most: its position is its key in the projections.</summary>
    public List<DeadLetterEntry> DeadLetters { get; } = [];

    /// <summary>Why the operator's action was refused; null if it was not.</summary>
    public ActionOutcome? Refusal { get; set; }

    /// <summary>The family file that the entry replaces, and what goes on under the new one; null for every other entry.</summary>
    public FamilyMove? Move { get; set; }

    /// <summary>Causes before effects.</summary>
    public List<ConditionChange> Changes { get; } = [];

    /// <summary>What late readings make of alarms that were made known. Before <see cref="Changes"/>.</summary>
    public List<Alarms.Amendment> Amendments { get; } = [];

    public Moment For(LogEntry entry)
    {
        Entry = entry;
        Device = null;
        Verdicts = null;
        Late = false;
        OutOfOrder.Clear();
        AnchorsDue.Clear();
        Amendments.Clear();
        Refusal = null;
        ChangedDevices.Clear();
        DeadLetters.Clear();
        Move = null;
        Changes.Clear();
        return this;
    }
}
