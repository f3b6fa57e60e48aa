namespace Telemetry.Rules.Alarms;

/// <summary>One change of one alarm's state: a line of the journal.</summary>
/// <param name="Position">The log entry that caused it.</param>
/// <param name="Ordinal">0, 1, … among the transitions of one entry.</param>
/// <param name="Id">hash(alarm id, number of the transition within its alarm): the receiver's dedup key.</param>
/// <param name="From">State before.</param>
/// <param name="To">State after.</param>
/// <param name="At">Event time, Unix ms.</param>
/// <param name="ReceivedAt">Log time of the entry, Unix ms.</param>
/// <param name="Cause">
/// Of the condition: raised, climbed, descended, escalated, cleared, recurred, suppressed, cause_over. Of an operator: acknowledged, reset, commented, shelved,
/// unshelved, suppressed, unsuppressed, out_of_service, returned_to_service, assigned, accepted, declined, on_site, done, false_alarm. Of time: shelve_expired,
/// suppression_expired, re_sounded, response_overdue. Of the register and the rules: rule_removed, moved, commissioning, live.
/// </param>
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
    Alarm Alarm)
{
    /// <summary>The operator; null where nobody acted.</summary>
    public string? By { get; init; }

    public string? Comment { get; init; }

    public string? Reason { get; init; }
}
