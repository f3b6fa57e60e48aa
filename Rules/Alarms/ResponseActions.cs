using Telemetry.Rules.Model;

namespace Telemetry.Rules.Alarms;

/// <summary>Response beside acknowledgement: assigned, accepted by name, on site, done or declined, false alarm. None of them changes the state.</summary>
internal static class ResponseActions
{
    public static ActionOutcome Assign(Alarm alarm, ActionEntry action)
    {
        if (string.IsNullOrWhiteSpace(action.To))
            return ActionOutcome.Refused("to_missing", "to: say who is asked to go");
        return alarm.AssignedTo == action.To ? ActionOutcome.Already : Change(alarm, "assigned", alarm with { AssignedTo = action.To, DeclinedBy = null });
    }

    public static ActionOutcome Accept(Alarm alarm, ActionEntry action) => alarm.AcceptedBy == action.By
        ? ActionOutcome.Already
        : Change(alarm, "accepted", alarm with { AcceptedBy = action.By, AcceptedAt = action.Time, DeclinedBy = null });

    /// <summary>Who had accepted goes after all not: the escalation goes on.</summary>
    public static ActionOutcome Decline(Alarm alarm, ActionEntry action) => alarm.DeclinedBy == action.By
        ? ActionOutcome.Already
        : Change(alarm, "declined", alarm with { DeclinedBy = action.By, AcceptedBy = null, AcceptedAt = null, OnSiteAt = null });

    public static ActionOutcome OnSite(Alarm alarm, ActionEntry action) => alarm.OnSiteAt is not null
        ? ActionOutcome.Already
        : Accepted(alarm) ?? Change(alarm, "on_site", alarm with { OnSiteAt = action.Time, ResponseOverdue = false });

    public static ActionOutcome Done(Alarm alarm, ActionEntry action) => alarm.DoneAt is not null
        ? ActionOutcome.Already
        : Accepted(alarm) ?? Change(alarm, "done", alarm with { DoneAt = action.Time, ResponseOverdue = false });

    public static ActionOutcome FalseAlarm(Alarm alarm, ActionEntry action)
    {
        if (string.IsNullOrWhiteSpace(action.Reason))
            return ActionOutcome.Refused("reason_missing", "reason: say what it was instead");
        return alarm.FalseAlarm == action.Reason ? ActionOutcome.Already : Change(alarm, "false_alarm", alarm with { FalseAlarm = action.Reason });
    }

    private static ActionOutcome? Accepted(Alarm alarm) => alarm.AcceptedBy is null && alarm.State != AlarmState.Normal
        ? ActionOutcome.Refused("not_accepted", "nobody has accepted it yet; accept it first")
        : null;

    private static ActionOutcome Change(Alarm before, string cause, Alarm after) => OperatorActions.Ended(before) ?? new(after, cause);
}
