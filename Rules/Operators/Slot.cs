using Telemetry.Rules.Conditions;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>The newest value of one channel of one device.</summary>
public struct Slot
{
    public double Value;

    /// <summary>Event time, Unix ms.</summary>
    public long Time;

    /// <summary>False until the device has sent this channel for the first time.</summary>
    public bool Present;

    /// <summary>Above the plausible range: satisfies every "above".</summary>
    public bool Over;

    public Quality Quality;

    public static Slot Of(Channel channel, in ChannelValue value, long at) => new()
    {
        Present = true,
        Time = at,
        Quality = value.Quality,
        Value = value.State is null ? value.Number : channel.States.IndexOf(value.State),
        Over = value.State is null && value.Number > channel.PlausibleMax,
    };

    /// <summary>What it says at a moment: unknown where it is bad or past its hold.</summary>
    public readonly Num At(Channel channel, long at)
    {
        if (!Present)
            return Num.Absent;
        if (Quality is Quality.Bad or Quality.Stale || (channel.Hold is { } hold && at > Time + hold))
            return Num.Unknown;
        return new Num(Value, Over ? NumState.Over : NumState.Known);
    }
}

/// <summary>How one rung of one rule stands at one device: what it was last evaluated to, since when, and whether it has matured.</summary>
public struct StepState
{
    /// <summary>Event time, Unix ms, at which <see cref="Truth"/> began.</summary>
    public long Since;

    /// <summary>Key of the reading that began it; enters the alarm's id.</summary>
    public ulong Key;

    public Conditions.Truth Truth;

    /// <summary>The on-delay has passed, and no off-delay since.</summary>
    public bool Active;

    /// <summary>
    /// By the ticks its value has ceased to count before the pending change was due. Only a reading decides: one that is on its way late may
    /// show that the condition went on.
    /// </summary>
    public bool Expired;
}
