using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Alarms;

/// <summary>What becomes of an alarm by an operator's action: changed, nothing because it is so already, or a refusal.</summary>
/// <param name="After">Null where nothing changes.</param>
/// <param name="Cause">Of the transition.</param>
/// <param name="Refusal">A name that programs can rely on; null where the action is possible.</param>
/// <param name="Why">For people: what was wrong and what would be right.</param>
public sealed record ActionOutcome(Alarm? After, string Cause, string? Refusal = null, string? Why = null)
{
    public static ActionOutcome Already { get; } = new(null, "");

    public static ActionOutcome Refused(string reason, string why) => new(null, "", reason, why);
}

/// <summary>Everything that an operator may do to one alarm. The API asks before it writes an entry, and the rules when they come to it: both ask here.</summary>
public static class OperatorActions
{
    private delegate ActionOutcome Judge(Alarm alarm, Rule? rule, ActionEntry action);

    private static readonly Dictionary<string, Judge> Known = new(StringComparer.Ordinal)
    {
        ["acknowledge"] = Acknowledge,
        ["reset"] = Reset,
        ["comment"] = Comment,
        ["shelve"] = (alarm, rule, action) => OverlayActions.Put(alarm, rule, action, OverlayEvent.Shelve, "shelved"),
        ["unshelve"] = (alarm, _, _) => OverlayActions.Take(alarm, OverlayEvent.Unshelve, "unshelved"),
        ["suppress"] = (alarm, rule, action) => OverlayActions.Put(alarm, rule, action, OverlayEvent.Suppress, "suppressed"),
        ["unsuppress"] = (alarm, _, _) => OverlayActions.Take(alarm, OverlayEvent.Unsuppress, "unsuppressed"),
        ["out-of-service"] = (alarm, rule, action) => OverlayActions.Put(alarm, rule, action, OverlayEvent.TakeOutOfService, "out_of_service"),
        ["return-to-service"] = (alarm, _, _) => OverlayActions.Take(alarm, OverlayEvent.ReturnToService, "returned_to_service"),
        ["assign"] = (alarm, _, action) => ResponseActions.Assign(alarm, action),
        ["accept"] = (alarm, _, action) => ResponseActions.Accept(alarm, action),
        ["decline"] = (alarm, _, action) => ResponseActions.Decline(alarm, action),
        ["on-site"] = (alarm, _, action) => ResponseActions.OnSite(alarm, action),
        ["done"] = (alarm, _, action) => ResponseActions.Done(alarm, action),
        ["false-alarm"] = (alarm, _, action) => ResponseActions.FalseAlarm(alarm, action),
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <param name="rule">Null if it has left the family file.</param>
    /// <param name="action">Its <see cref="LogEntry.Time"/> is now.</param>
    public static ActionOutcome Of(Alarm alarm, Rule? rule, ActionEntry action) =>
        Known.TryGetValue(action.Action, out var judge) ? judge(alarm, rule, action) : ActionOutcome.Refused("unknown_action", $"'{action.Action}' is none of {string.Join(", ", Names)}");

    /// <summary>The same for an alarm that has ended meanwhile: what leads there is so already, and nothing else is possible.</summary>
    public static ActionOutcome OfEnded(ActionEntry action) =>
        action.Action is "acknowledge" or "reset" or "unshelve" or "unsuppress" or "return-to-service" ? ActionOutcome.Already : ActionOutcome.Refused("ended", Explain("ended"));

    private static ActionOutcome Acknowledge(Alarm alarm, Rule? rule, ActionEntry action) =>
        Beneath(alarm, action) ?? Of(alarm, AlarmEvent.Acknowledge, "acknowledged", after => after with { AcknowledgedAt = action.Time, AcknowledgedBy = action.By });

    private static ActionOutcome Reset(Alarm alarm, Rule? rule, ActionEntry action)
    {
        if (Beneath(alarm, action) is { } beneath)
            return beneath;
        var outcome = Of(alarm, AlarmEvent.Reset, "reset", after => after);
        return outcome.After is not null && rule is { ResetOnSite: true } && Missing(action) is { Length: > 0 } missing
            ? ActionOutcome.Refused("reset_needs_site", $"{alarm.Rule} is reset by someone who has been there; missing: {string.Join(", ", missing)}")
            : outcome;
    }

    private static string[] Missing(ActionEntry action) =>
    [
        .. Absent(action.By, "by (a name)"),
        .. Absent(action.Place, "place"),
        .. action.CheckedOnSite ? (IEnumerable<string>)[] : ["checkedOnSite: true"],
    ];

    private static IEnumerable<string> Absent(string? text, string name) => string.IsNullOrWhiteSpace(text) ? [name] : [];

    private static ActionOutcome Comment(Alarm alarm, Rule? rule, ActionEntry action) => Ended(alarm) ?? new(alarm, "commented");

    private static ActionOutcome Of(Alarm alarm, AlarmEvent what, string cause, Func<Alarm, Alarm> change) => AlarmMachine.On(alarm.State, what) switch
    {
        { Refusal: { } refusal } => ActionOutcome.Refused(refusal, Explain(refusal)),
        { To: { } to } => new(change(alarm).Settled(to), cause),
        _ => ActionOutcome.Already,
    };

    private static ActionOutcome? Beneath(Alarm alarm, ActionEntry action) => alarm.State < AlarmState.Shelved
        ? null
        : ActionOutcome.Refused("illegal_transition", $"{action.Action} is not possible while the alarm is {(alarm.State == AlarmState.OutOfService ? "out of service" : alarm.State == AlarmState.Shelved ? "shelved" : "suppressed")}");

    internal static ActionOutcome? Ended(Alarm alarm) =>
        alarm.State == AlarmState.Normal ? ActionOutcome.Refused("ended", Explain("ended")) : null;

    internal static string Explain(string refusal) => refusal switch
    {
        "ended" => "the alarm has ended; look for the one that stands now",
        "condition_unknown" => "nobody knows whether the condition is over: its values are bad, missing or past their hold",
        "condition_active" => "the condition still holds; an alarm is reset once it is over",
        "not_latched" => "the alarm is not latched: acknowledging it ends it",
        "not_acknowledged" => "acknowledge the alarm before resetting it",
        "shelved" => "the alarm is shelved; unshelve it first",
        "not_shelved" => "the alarm is not shelved",
        "not_suppressed" => "the alarm is not suppressed",
        "suppressed_by_cause" => "its cause suppresses the alarm and ends that by itself: see suppressedBy",
        "out_of_service" => "the alarm is out of service; return it to service first",
        "not_out_of_service" => "the alarm is not out of service",
        _ => refusal,
    };
}
