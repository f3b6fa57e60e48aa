namespace Telemetry.Rules.Model;

/// <summary>What happens at an operator position. Numbers stand in the log.</summary>
public enum PositionAction : byte
{
    /// <summary>Somebody takes the position.</summary>
    SignOn = 0,

    /// <summary>Whoever mans it leaves.</summary>
    SignOff = 1,

    /// <summary>A note for the next shift.</summary>
    Note = 2,

    /// <summary>Whoever mans it freezes the document of the handover.</summary>
    OpenHandover = 3,

    /// <summary>Outgoing or incoming signs it.</summary>
    SignHandover = 4,
}

/// <summary>Somebody takes an operator position, leaves it, writes a note, or hands over. Changes no alarm but <c>system/handover_unsigned</c>.</summary>
/// <param name="name">The position's, as the configuration has it.</param>
public sealed class PositionEntry(PositionAction action, string name, string by) : LogEntry
{
    public PositionAction Action { get; } = action;

    public string Name { get; } = name;

    public string By { get; } = by;

    /// <summary>Who is signed off, where somebody else does it.</summary>
    public string? Person { get; init; }

    /// <summary>Of a note; of a handover that is opened, its document as JSON.</summary>
    public string? Text { get; init; }

    /// <summary>SHA-256 of the document, 64 hex digits.</summary>
    public string? Hash { get; init; }

    /// <summary>The handover that is signed: position of the entry that opened it.</summary>
    public long Handover { get; init; }

    /// <summary>Ids of the shelved alarms that whoever signs has seen.</summary>
    public IReadOnlyList<string> Seen { get; init; } = [];
}
