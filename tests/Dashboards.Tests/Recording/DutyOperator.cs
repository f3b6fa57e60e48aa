using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Dashboards.Tests.Recording;

/// <summary>
/// Somebody on duty: acknowledges within minutes, sends the crew to what is grave, resets what stays latched, shelves some of the rest for
/// an hour, but nothing that a family's dashboard is looked at with. Misses a tenth of it until it sounds again. The same seed and alarms give the same actions.
/// </summary>
internal sealed class DutyOperator(int seed)
{
    private const string Name = "duty";
    private const long Minute = 60_000;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<ActionEntry, (long At, int Order)> _plans = new();
    private int _order;

    public void See(AlarmTransition transition)
    {
        var alarm = transition.Alarm;
        if (alarm.State == AlarmState.ActiveUnacknowledged && transition.From == AlarmState.Normal && alarm.Kind == AlarmKind.Alarm)
            Answer(alarm, transition.ReceivedAt);
        else if (alarm.State == AlarmState.LatchedAcknowledged && transition.From != AlarmState.LatchedAcknowledged)
            Plan(alarm, "reset", transition.ReceivedAt, 2, 15);
        else if (transition.Cause == "re_sounded")
            Plan(alarm, "acknowledge", transition.ReceivedAt, 1, 3);
        else if (alarm.State is AlarmState.ClearedUnacknowledged or AlarmState.LatchedUnacknowledged && transition.From != alarm.State)
            Plan(alarm, "acknowledge", transition.ReceivedAt, 1, 10);
    }

    /// <summary>What is due up to this log time, Unix ms, in order.</summary>
    public IEnumerable<ActionEntry> ActionsAt(long now)
    {
        while (_plans.TryPeek(out _, out var due) && due.At <= now)
            yield return _plans.Dequeue();
    }

    private void Answer(Alarm alarm, long now)
    {
        if (_random.Next(10) == 0)
            return;
        if (alarm.Severity <= Severity.High && _random.Next(6) == 0 && IncidentPlan.Others.All(family => family.Opening[0].Device != alarm.Device))
        {
            var at = now + (Minute * _random.Next(1, 4));
            Plan(Action(alarm, "shelve", reason: "known, work under way", until: at + (60 * Minute)), at);
            return;
        }
        Plan(alarm, "acknowledge", now, 1, 6);
        if (alarm.Severity == Severity.Critical && alarm.Device != IncidentPlan.NobodyGoesTo)
        {
            Plan(alarm, "accept", now, 1, 3);
            Plan(alarm, "on-site", now, 3, 6);
        }
    }

    private void Plan(Alarm alarm, string action, long now, int fromMinutes, int toMinutes) =>
        Plan(Action(alarm, action), now + _random.NextInt64(fromMinutes * Minute, toMinutes * Minute));

    private void Plan(ActionEntry action, long at) => _plans.Enqueue(action, (at, _order++));

    private static ActionEntry Action(Alarm alarm, string action, string? reason = null, long? until = null) => new()
    {
        Action = action,
        Alarm = alarm.Id,
        By = Name,
        Reason = reason,
        Until = until,
        Place = action == "reset" ? "on site" : null,
        CheckedOnSite = action == "reset",
    };
}
