using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Rules.Alarms;

/// <summary>
/// What ticks do to alarms: overlays end, a critical alarm that nobody has accepted sounds again, and one at which nobody is on site in time raises
/// <c>system/response_overdue</c> for its device.
/// </summary>
internal sealed class Insistence(OpenAlarms open, Occurrences occurrences, Fleet fleet)
{
    /// <summary>Milliseconds between the sounds of a critical alarm that nobody has accepted.</summary>
    public const long BetweenSounds = 5 * 60 * 1000;

    // The service's own alarms call no one to a site.
    private const string System = "system";

    /// <summary>Log time, Unix ms, at which the alarm next changes by itself; <see cref="long.MaxValue"/> for never.</summary>
    public static long DueOf(Alarm alarm, Rule? rule)
    {
        var due = alarm.Overlay?.Until ?? long.MaxValue;
        if (alarm.AcceptedBy is null && Asks(alarm))
            due = Math.Min(due, alarm.SoundedAt!.Value + BetweenSounds);
        return Math.Min(due, OverdueAt(alarm, rule));
    }

    public void Tick(LogEntry entry)
    {
        while (open.TakeDue(entry.Time) is { } alarm)
        {
            if (alarm.Overlay is { Until: { } until } overlay && until <= entry.Time)
                open.Change(alarm, OverlayActions.Off(alarm).Announced(entry.Time), until, overlay.State == AlarmState.Shelved ? "shelve_expired" : "suppression_expired");
            else if (OverdueAt(alarm, open.RuleOf(alarm)) is var overdue && overdue <= entry.Time)
                open.Change(alarm, alarm with { ResponseOverdue = true }, overdue, "response_overdue");
            else
                open.Change(alarm, alarm with { SoundedAt = entry.Time }, entry.Time, "re_sounded");
        }
    }

    /// <summary>One alarm a device, however many of its alarms wait for someone; it climbs with each further one.</summary>
    public void Judge(LogEntry entry, string device)
    {
        var waiting = open.At(device).Where(alarm => alarm.ResponseOverdue && Asks(alarm)).ToList();
        var standing = open.Find(new AlarmSlot(device, Vocabulary.ResponseOverdueRule, 0));
        if (waiting.Count == 0 && standing is not { Holds: true })
            return;
        if (fleet.Plan(System) is not { } plan || plan.Family.Rules.FirstOrDefault(known => known.Name == Vocabulary.ResponseOverdueRule) is not { } rule)
            return;
        var names = waiting.Select(alarm => alarm.Instance is null ? alarm.Rule : $"{alarm.Rule}/{alarm.Instance}").ToList();
        var detail = string.Join(", ", names);
        if (waiting.Count > 0 && standing is { Holds: true })
        {
            if (!names.TrueForAll(standing.Detail!.Split(", ").Contains))
                open.Change(standing, (standing with { Detail = detail }).Settled(AlarmMachine.On(standing.Underlying, AlarmEvent.Climb).To!.Value).Announced(entry.Time), entry.Time, "climbed");
            return;
        }
        var first = waiting.Count > 0 ? waiting[0] : standing!;
        occurrences.Apply(entry, new ConditionChange(
            new Subject(device, plan.Family.Name, first.District, first.Street, plan.Family.Hash), rule, 0, waiting.Count > 0 ? 0 : -1, entry.Time, (ulong)entry.Time,
            new Evidence(null, null, null, null, null, detail)));
    }

    /// <summary>Critical, live, in sight and not over by itself: somebody has to go.</summary>
    private static bool Asks(Alarm alarm) =>
        alarm is { Kind: AlarmKind.Alarm, Severity: Severity.Critical, Mode: null, SoundedAt: not null }
        && alarm.State is AlarmState.ActiveUnacknowledged or AlarmState.ActiveAcknowledged or AlarmState.LatchedUnacknowledged or AlarmState.LatchedAcknowledged;

    private static long OverdueAt(Alarm alarm, Rule? rule) =>
        rule?.RespondIn is { } within && alarm is { ResponseOverdue: false, OnSiteAt: null, DoneAt: null } && alarm.Family != System && Asks(alarm)
            ? alarm.AnnouncedAt!.Value + within
            : long.MaxValue;
}
