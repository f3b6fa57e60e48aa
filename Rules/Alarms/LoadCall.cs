using Telemetry.Rules.Families;

namespace Telemetry.Rules.Alarms;

/// <summary>What a transition means for the operators' load, in one place.</summary>
public static class LoadCall
{
    /// <summary>
    /// An alarm calls: it is newly unacknowledged and sounds, for the first time, because it climbed, because it outlived what lay over it
    /// (a latched one that ended beneath it too), or because late data showed a latched one. Sounding again without a new reason is no new call; tests, drills and what late data enters as history are none.
    /// </summary>
    public static bool Is(AlarmTransition transition) =>
        transition.Alarm is { Kind: AlarmKind.Alarm, Mode: null, Retrospective: false } && (transition.To, transition.From) switch
        {
            (AlarmState.ActiveUnacknowledged, AlarmState.ActiveUnacknowledged) => transition.Cause is "climbed" or "escalated",
            (AlarmState.ActiveUnacknowledged, _) => true,
            (AlarmState.LatchedUnacknowledged, AlarmState.Normal or AlarmState.ClearedUnacknowledged or AlarmState.Suppressed or AlarmState.Shelved or AlarmState.OutOfService) => true,
            _ => false,
        };

    /// <summary>Somebody did more than acknowledge.</summary>
    public static bool IsAnswer(string cause) => cause is "assigned" or "accepted" or "declined" or "on_site" or "done" or "false_alarm" or "reset" or "shelved" or "out_of_service";

    /// <summary>Why it was false, as the operator said; null where the transition does not say so.</summary>
    public static string? FalseAlarm(AlarmTransition transition) => transition.Cause == "false_alarm" ? transition.Alarm.FalseAlarm ?? "" : null;
}
