using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Scenarios;

/// <summary>
/// People who do what they should: accept what calls after 15 s and acknowledge it, are on site in half of the rule's time, and reset what is latched two
/// minutes after it is over. Without them every critical alarm would raise <c>response_overdue</c> beside it.
/// </summary>
internal sealed class Crew(FamilySet families)
{
    private const string Name = "crew";
    private const long AcceptAfter = 15_000;
    private const long ResetAfter = 120_000;

    private readonly PriorityQueue<ActionEntry, (long At, int Order)> _plans = new();
    private int _order;

    public void See(AlarmTransition transition)
    {
        var alarm = transition.Alarm;
        if (alarm.Sounds && alarm.AnnouncedAt == transition.ReceivedAt)
            Answer(alarm, transition.ReceivedAt);
        else if (alarm.State == AlarmState.LatchedAcknowledged && transition.From != AlarmState.LatchedAcknowledged)
            Plan(alarm, "reset", transition.ReceivedAt + ResetAfter);
    }

    /// <summary>What is due up to this log time, Unix ms, in order.</summary>
    public IEnumerable<ActionEntry> ActionsAt(long now)
    {
        while (_plans.TryPeek(out _, out var due) && due.At <= now)
            yield return _plans.Dequeue();
    }

    private void Answer(Alarm alarm, long now)
    {
        Plan(alarm, "accept", now + AcceptAfter);
        Plan(alarm, "acknowledge", now + AcceptAfter);
        if (families.RuleOf(alarm)?.RespondIn is { } respondIn)
            Plan(alarm, "on-site", now + Math.Max(AcceptAfter, respondIn / 2));
    }

    private void Plan(Alarm alarm, string action, long at) => _plans.Enqueue(
        new ActionEntry
        {
            Action = action,
            Alarm = alarm.Id,
            By = Name,
            Place = action == "reset" ? "on site" : null,
            CheckedOnSite = action == "reset",
        },
        (at, _order++));
}
