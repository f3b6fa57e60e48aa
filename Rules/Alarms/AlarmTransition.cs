namespace Telemetry.Rules.Alarms;

/// <summary>One change of one alarm's state: a line of the journal.</summary>
/// <param name="Position">The log entry that caused it.</param>
/// <param name="Ordinal">0, 1, … among the transitions of one entry.</param>
/// <param name="Id">hash(alarm id, number of the transition within its alarm): the receiver's dedup key.</param>
/// <param name="From">State before.</param>
/// <param name="To">State after.</param>
/// <param name="At">Event time, Unix ms.</param>
/// <param name="ReceivedAt">Log time of the entry, Unix ms.</param>
/// <param name="Cause">raised, climbed, descended, cleared, acknowledged, reset, recurred, commented, rule_removed, commissioning.</param>
/// <param name="Alarm">The alarm as it stands after this transition.</param>
public sealed record AlarmTransition(
    long Position,
    int Ordinal,
    string Id,
    AlarmState From,
    AlarmState To,
    long At,
    long ReceivedAt,
    string Cause,
    Alarm Alarm);
