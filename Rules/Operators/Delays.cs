using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;

namespace Telemetry.Rules.Operators;

/// <summary>On-delay and off-delay as data: when a step state would mature.</summary>
internal static class Delays
{
    /// <summary>Event time at which the pending change is due, Unix ms; <see cref="long.MaxValue"/> where none is pending.</summary>
    public static long Due(in StepState state, Step step) => state.Truth switch
    {
        Truth.True when !state.Active => state.Since + step.OnDelay,
        Truth.False when state.Active => state.Since + step.OffDelay,
        _ => long.MaxValue,
    };

    /// <summary>Notes what the condition is now; a truth that stays keeps its beginning.</summary>
    public static void Note(ref StepState state, Truth truth, long at, ulong key)
    {
        if (state.Truth == truth)
            return;
        state.Truth = truth;
        state.Since = at;
        state.Key = key;
    }

    /// <summary>Whether the change pending at <paramref name="now"/> has matured; then it is carried out.</summary>
    public static bool Mature(ref StepState state, Step step, long now, out long at)
    {
        at = Due(state, step);
        if (at > now)
            return false;
        state.Active = !state.Active;
        return true;
    }
}
