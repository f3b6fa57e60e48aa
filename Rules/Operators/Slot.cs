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

    /// <summary>The sender's sequence number + 1, its low 32 bits; 0 without one. Which of two values of one time stands.</summary>
    public uint Sequence;

    public static Slot Of(Channel channel, in ChannelValue value, long at, long? sequence = null) => new()
    {
        Present = true,
        Time = at,
        Quality = value.Quality,
        Value = value.State is null ? value.Number : channel.States.IndexOf(value.State),
        Over = value.State is null && value.Number > channel.PlausibleMax,
        Sequence = sequence is { } number ? unchecked((uint)(number + 1)) : 0,
    };

    /// <summary>
    /// Whether it takes the place of another one, whichever came first: the later event time, then the higher sequence, then the greater value,
    /// then the worse quality.
    /// </summary>
    public readonly bool Replaces(in Slot other)
    {
        if (!other.Present || Time != other.Time)
            return !other.Present || Time > other.Time;
        if (Sequence != other.Sequence)
            return Sequence > other.Sequence;
        return Value != other.Value ? Value > other.Value : Quality >= other.Quality;
    }

    /// <summary>What it says at a moment: unknown where it is bad or past its hold.</summary>
    public readonly Num At(Channel channel, long at)
    {
        if (!Present)
            return Num.Absent;
        if (Quality is Quality.Bad or Quality.Stale || at > EndOfHold(channel))
            return Num.Unknown;
        return new Num(Value, Over ? NumState.Over : NumState.Known);
    }

    /// <summary>Event time, Unix ms, after which it counts no more; <see cref="long.MaxValue"/> for never.</summary>
    public readonly long EndOfHold(Channel channel) => Present && channel.Hold is { } hold ? Time + hold : long.MaxValue;

    /// <summary>One byte for a channel that was never sent: most of a device's instances send few.</summary>
    public readonly void Save(BinaryWriter into)
    {
        into.Write((byte)((Present ? 1 : 0) | (Over ? 2 : 0) | ((int)Quality << 2)));
        if (!Present)
            return;
        into.Write(Value);
        into.Write(Time);
        into.Write7BitEncodedInt((int)Sequence);
    }

    public static Slot Load(BinaryReader from)
    {
        var flags = from.ReadByte();
        if ((flags & 1) == 0)
            return default;
        return new Slot
        {
            Present = true,
            Over = (flags & 2) != 0,
            Quality = (Quality)(flags >> 2),
            Value = from.ReadDouble(),
            Time = from.ReadInt64(),
            Sequence = (uint)from.Read7BitEncodedInt(),
        };
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
