using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Alarms;

/// <summary>Shelving, suppressing, taking out of service, and back: who may hide what, and for how long.</summary>
internal static class OverlayActions
{
    public static ActionOutcome Put(Alarm alarm, Rule? rule, ActionEntry action, OverlayEvent what, string cause)
    {
        var ruling = AlarmMachine.On(alarm.State, alarm is { SuppressedBy: not null, Overlay: null }, what);
        if (ruling.Refusal is { } refusal)
            return ActionOutcome.Refused(refusal, OperatorActions.Explain(refusal));
        if (ruling.To is not { } to)
            return ActionOutcome.Already;
        if ((OperatorActions.Ended(alarm) ?? Forbidden(alarm, rule, action, what)) is { } no)
            return no;
        var overlay = new Overlay
        {
            State = to,
            By = action.By,
            Reason = action.Reason!,
            Since = action.Time,
            Until = action.Until,
            Step = alarm.Step,
            Second = action.Second,
            Permit = action.Permit,
            Watch = action.Watch,
            OneShot = action.OneShot,
        };
        return new((alarm with { Overlay = overlay }).Settled(alarm.Underlying), cause);
    }

    public static ActionOutcome Take(Alarm alarm, OverlayEvent what, string cause) => AlarmMachine.On(alarm.State, alarm is { SuppressedBy: not null, Overlay: null }, what) switch
    {
        { Refusal: { } refusal } => ActionOutcome.Refused(refusal, OperatorActions.Explain(refusal)),
        { To: not null } => new(Off(alarm), cause),
        _ => ActionOutcome.Already,
    };

    /// <summary>The alarm without its overlay: what a cause still explains stays suppressed, anything else is as its condition is. Not yet announced.</summary>
    public static Alarm Off(Alarm alarm) =>
        (alarm with { Overlay = null }).Settled(alarm.SuppressedBy is null ? AlarmMachine.On(alarm.Underlying, AlarmEvent.Leave).To!.Value : alarm.Underlying);

    private static ActionOutcome? Forbidden(Alarm alarm, Rule? rule, ActionEntry action, OverlayEvent what)
    {
        if (string.IsNullOrWhiteSpace(action.Reason))
            return ActionOutcome.Refused("reason_missing", "reason: say why");
        if (what == OverlayEvent.TakeOutOfService)
            return string.IsNullOrWhiteSpace(action.Permit) || string.IsNullOrWhiteSpace(action.Watch)
                ? ActionOutcome.Refused("permit_missing", "permit, watch: out of service takes the number of a permit and what stands watch instead")
                : null;
        if (rule?.HasUpTo(alarm.Step, name => Vocabulary.IsNeverShelved(alarm.Family, name)) ?? Vocabulary.IsNeverShelved(alarm.Family, alarm.Rule))
            return ActionOutcome.Refused("never_shelved", $"nobody shelves or suppresses {alarm.Rule}: people depend on it. Take it out of service, by permit and with a substitute watch");
        if (action.Until is not { } until || until <= action.Time)
            return ActionOutcome.Refused("until_missing", "until: say when it ends, a time to come");
        var isCritical = alarm.Severity == Severity.Critical;
        if (until - action.Time > (isCritical ? Overlay.LongestCritical : Overlay.Longest))
            return ActionOutcome.Refused("too_long", isCritical ? "until: what is critical is shelved for 30 min at most" : "until: 8 h from now at most");
        if (isCritical && (string.IsNullOrWhiteSpace(action.Second) || PersonName.IsSame(action.Second, action.By)))
            return ActionOutcome.Refused("second_person", "second: shelving what is critical takes a second person, another than by");
        return null;
    }
}
