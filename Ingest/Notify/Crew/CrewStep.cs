using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Notify.Crew;

/// <summary>What a member of a crew may say of an alarm.</summary>
internal enum CrewStep : byte
{
    Accept,

    /// <summary>Accepts what somebody else has accepted.</summary>
    TakeOver,

    OnSite,

    Done,

    Decline,

    FalseAlarm,
}

/// <summary>Which steps are possible when. Stricter than the rules are with an operator: nobody declines, arrives or finishes in another's place.</summary>
internal static class CrewSteps
{
    /// <summary>Of forms; the action's name for the log is <see cref="Action"/>.</summary>
    public static readonly IReadOnlyDictionary<string, CrewStep> Names = new Dictionary<string, CrewStep>(StringComparer.Ordinal)
    {
        ["accept"] = CrewStep.Accept, ["take-over"] = CrewStep.TakeOver, ["on-site"] = CrewStep.OnSite, ["done"] = CrewStep.Done, ["decline"] = CrewStep.Decline, ["false-alarm"] = CrewStep.FalseAlarm,
    };

    public static string Name(this CrewStep step) => Names.First(pair => pair.Value == step).Key;

    public static string Action(this CrewStep step) => step == CrewStep.TakeOver ? "accept" : step.Name();

    /// <summary>Buttons for this person, the next thing to do first.</summary>
    public static IEnumerable<CrewStep> Offered(Alarm alarm, string by) => alarm switch
    {
        { State: AlarmState.Normal } or { DoneAt: not null } => [],
        { AcceptedBy: { } who } when who == by => alarm.OnSiteAt is null ? [CrewStep.OnSite, CrewStep.Decline, CrewStep.FalseAlarm] : [CrewStep.Done, CrewStep.FalseAlarm],
        // Whoever is there is not replaced from afar.
        { AcceptedBy: not null } => alarm.OnSiteAt is null ? [CrewStep.TakeOver, CrewStep.FalseAlarm] : [CrewStep.FalseAlarm],
        // It is over, and only an operator has to see it.
        { Underlying: AlarmState.ClearedUnacknowledged } => [CrewStep.FalseAlarm],
        _ => alarm.DeclinedBy == by ? [CrewStep.Accept, CrewStep.FalseAlarm] : [CrewStep.Accept, CrewStep.Decline, CrewStep.FalseAlarm],
    };

    /// <summary>Null where the step may be taken; otherwise why not.</summary>
    public static StepResult? Hindrance(Alarm alarm, CrewStep step, string by, string? reason)
    {
        if (alarm.State == AlarmState.Normal)
            return StepResult.Ended;
        var isOthers = alarm.AcceptedBy is { } who && who != by;
        return step switch
        {
            CrewStep.Accept or CrewStep.TakeOver when alarm.AcceptedBy == by => StepResult.Already,
            CrewStep.Accept when isOthers => StepResult.AcceptedByOther,
            CrewStep.TakeOver when isOthers && alarm.OnSiteAt is not null => StepResult.AcceptedByOther,
            CrewStep.Decline when alarm.DeclinedBy == by => StepResult.Already,
            CrewStep.Decline or CrewStep.OnSite or CrewStep.Done when isOthers => StepResult.AcceptedByOther,
            CrewStep.OnSite or CrewStep.Done when alarm.AcceptedBy is null => StepResult.NotAccepted,
            CrewStep.OnSite when alarm.OnSiteAt is not null => StepResult.Already,
            CrewStep.Done when alarm.DoneAt is not null => StepResult.Already,
            CrewStep.FalseAlarm when alarm.FalseAlarm is not null => StepResult.Already,
            CrewStep.FalseAlarm when string.IsNullOrWhiteSpace(reason) => StepResult.ReasonMissing,
            _ => null,
        };
    }
}

/// <summary>What came of a step. Its name in snake_case is that in answers, log and metrics.</summary>
internal enum StepResult : byte
{
    Taken,

    /// <summary>It was so before; nothing was written.</summary>
    Already,

    /// <summary>Somebody has done something since the page was loaded; nothing was written.</summary>
    Changed,

    Ended,

    AcceptedByOther,

    NotAccepted,

    ReasonMissing,

    /// <summary>The rules refused it, or the log takes nothing for now.</summary>
    Refused,

    Unavailable,
}
