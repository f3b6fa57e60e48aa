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

    /// <summary>The same for one step of a rule: one that qualifies the first has no on-delay of its own, and waits for the first's.</summary>
    public static long Due(in StepStates states, RulePlan rule, int step) =>
        states.AreAtRest ? long.MaxValue : Due(states.Of(rule.First + step), states.Of(rule.First), rule, step);

    /// <param name="first">State of the rule's first step.</param>
    public static long Due(in StepState state, in StepState first, RulePlan rule, int step)
    {
        if (!rule.Steps[step].Qualifies || state.Truth != Truth.True || state.Active)
            return Due(state, rule.Steps[step]);
        return first.Active ? state.Since : first.Truth == Truth.True ? Math.Max(state.Since, first.Since + rule.Steps[0].OnDelay) : long.MaxValue;
    }

    /// <summary>Notes what the condition is now; a truth that stays keeps its beginning.</summary>
    public static void Note(ref StepState state, Truth truth, long at, ulong key)
    {
        state.Expired = false;
        if (state.Truth == truth)
            return;
        state.Truth = truth;
        state.Since = at;
        state.Key = key;
    }

    /// <summary>Whether the change pending at <paramref name="now"/> has matured; then it is carried out.</summary>
    public static bool Mature(ref StepState state, Step step, long now, out long at) => Mature(ref state, at = Due(state, step), now);

    /// <param name="due">When it is due.</param>
    public static bool Mature(ref StepState state, long due, long now)
    {
        if (due > now)
            return false;
        state.Active = !state.Active;
        return true;
    }
}
