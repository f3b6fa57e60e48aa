namespace Telemetry.Rules.Alarms;

/// <summary>What can happen to an alarm beneath its overlays.</summary>
public enum AlarmEvent : byte
{
    /// <summary>The condition came, or came back.</summary>
    Activate,

    /// <summary>A higher step was reached, or another rule escalates.</summary>
    Climb,

    /// <summary>The condition is over.</summary>
    Clear,

    /// <summary>The condition is over, of an alarm that latches.</summary>
    ClearLatched,

    /// <summary>The condition is over while an overlay lies on it: nobody waits for an acknowledgement.</summary>
    ClearBeneath,

    /// <summary>The last overlay is taken off.</summary>
    Leave,

    Acknowledge,

    Reset,
}

/// <summary>What an operator may do with overlays.</summary>
public enum OverlayEvent : byte
{
    Shelve,
    Unshelve,
    Suppress,
    Unsuppress,
    TakeOutOfService,
    ReturnToService,
}

/// <summary>What comes of an event: a state, nothing because it is so already, or a refusal by name.</summary>
/// <param name="To">The state after; null where nothing changes. For an overlay that is taken off: <see cref="AlarmState.Normal"/>.</param>
/// <param name="Refusal">Null where it is possible.</param>
public readonly record struct Ruling(AlarmState? To, string? Refusal);

/// <summary>The state machine of ISA-18.2 as two tables: states and overlays.</summary>
public static class AlarmMachine
{
    private static readonly Ruling Already = new(null, null);
    private static readonly Ruling A = new(AlarmState.Normal, null);
    private static readonly Ruling B = new(AlarmState.ActiveUnacknowledged, null);
    private static readonly Ruling C = new(AlarmState.ActiveAcknowledged, null);
    private static readonly Ruling D = new(AlarmState.ClearedUnacknowledged, null);
    private static readonly Ruling E = new(AlarmState.LatchedUnacknowledged, null);
    private static readonly Ruling F = new(AlarmState.LatchedAcknowledged, null);
    private static readonly Ruling G = new(AlarmState.Shelved, null);
    private static readonly Ruling H = new(AlarmState.Suppressed, null);
    private static readonly Ruling I = new(AlarmState.OutOfService, null);
    private static readonly Ruling Off = A;

    // D and activate: the occurrence ends, and a new one begins.
    private static readonly Ruling[,] States =
    {
        //        activate climb    clear    latched  beneath  leave    acknowledge reset
        /* A */ { B,       Already, Already, Already, Already, A,       Already,    Already },
        /* B */ { Already, B,       D,       E,       A,       B,       C,          No("condition_active") },
        /* C */ { Already, B,       A,       F,       A,       B,       Already,    No("condition_active") },
        /* D */ { A,       Already, Already, Already, Already, A,       A,          No("not_latched") },
        /* E */ { B,       E,       Already, Already, Already, E,       F,          No("not_acknowledged") },
        /* F */ { B,       E,       Already, Already, Already, E,       Already,    A },
    };

    private static readonly Ruling[,] Overlays =
    {
        //                shelve               unshelve           suppress             unsuppress                 out of service return
        /* none       */ { G,                  Already,           H,                   Already,                   I,             Already },
        /* shelved    */ { Already,            Off,               No("shelved"),       No("not_suppressed"),      I,             No("not_out_of_service") },
        /* suppressed */ { G,                  No("not_shelved"), Already,             Off,                       I,             No("not_out_of_service") },
        /* out        */ { No("out_of_service"), No("not_shelved"), No("out_of_service"), No("not_suppressed"),   Already,       Off },
        /* by a cause */ { G,                  No("not_shelved"), Already,             No("suppressed_by_cause"), I,             No("not_out_of_service") },
    };

    /// <param name="state">A state that is no overlay: what lies beneath one is followed on.</param>
    public static Ruling On(AlarmState state, AlarmEvent what) => States[(int)state, (int)what];

    /// <param name="over">What lies over the alarm: an overlay's state, or any other for none.</param>
    /// <param name="byCause">It is suppressed by a cause alone.</param>
    public static Ruling On(AlarmState over, bool byCause, OverlayEvent what) =>
        Overlays[byCause ? 4 : over >= AlarmState.Shelved ? over - AlarmState.Shelved + 1 : 0, (int)what];

    private static Ruling No(string refusal) => new(null, refusal);
}
