namespace Telemetry.Rules.Alarms;

/// <summary>An alarm that has called an operator and has not ended.</summary>
internal sealed class LoadOccurrence
{
    public required string Family { get; init; }

    public required string Rule { get; init; }

    /// <summary>Log time of the call that nobody has acknowledged yet, Unix ms; null once someone has.</summary>
    public long? CalledAt { get; set; }

    /// <summary>The rule's time to respond at that call, ms; null where it has none.</summary>
    public long? RespondIn { get; set; }

    /// <summary>Someone has acknowledged it once.</summary>
    public bool Acknowledged { get; set; }

    /// <summary>Someone did more than acknowledge it.</summary>
    public bool Answered { get; set; }

    /// <summary>Too long without an acknowledgement at that moment.</summary>
    public bool IsLateAt(long now) => CalledAt is { } called && RespondIn is { } limit && now - called > limit;

    public void Save(BinaryWriter into)
    {
        into.Write(Family);
        into.Write(Rule);
        into.Write(CalledAt ?? -1);
        into.Write(RespondIn ?? -1);
        into.Write(Acknowledged);
        into.Write(Answered);
    }

    public static LoadOccurrence Load(BinaryReader from) => new()
    {
        Family = from.ReadString(),
        Rule = from.ReadString(),
        CalledAt = from.ReadInt64() is >= 0 and var called ? called : null,
        RespondIn = from.ReadInt64() is >= 0 and var limit ? limit : null,
        Acknowledged = from.ReadBoolean(),
        Answered = from.ReadBoolean(),
    };
}
