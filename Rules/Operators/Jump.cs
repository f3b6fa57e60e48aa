using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>
/// A value farther from the one before than its channel can have gone in the time (<c>max_rate</c>): a spike, or something that came very fast. It waits
/// for the next value of the channel, and meanwhile the one before goes on counting. Decision 0014.
/// </summary>
/// <param name="key"><see cref="ReadingKey"/> of the reading that brought it.</param>
internal sealed class Jump(ChannelRef channel, Slot value, ulong key)
{
    /// <summary>Longest wait, ms of event time.</summary>
    public const long Wait = 10_000;

    // Clocks that tell whole seconds put two values up to so much closer together than they were, ms.
    private const long Rounding = 1000;

    public ChannelRef Channel { get; } = channel;

    public Slot Value { get; } = value;

    public ulong Key { get; } = key;

    /// <summary>When rules of the device last moved while it waits: event time, Unix ms, by the rule's index and the instance.</summary>
    public SortedDictionary<(int Rule, int Instance), long> Moved { get; } = [];

    /// <summary>Event time at which it counts without another value, Unix ms: one that comes at the very end of the wait still decides.</summary>
    public long Due => Value.Time + Wait + 1;

    /// <summary>Whether <paramref name="next"/> is a jump from a value that counts then.</summary>
    public static bool Is(Channel channel, in Slot before, in Slot next) =>
        channel.MaxRate is { } rate && Measures(before) && Measures(next) && next.Time > before.Time
        && (channel.Hold is not { } hold || next.Time <= before.Time + hold) && !IsWithin(rate, before, next);

    /// <summary>The next value goes back to the one before the jump: that was a single one, and is forgotten. Any other value lets it count.</summary>
    /// <param name="before">What counts while it waits.</param>
    public bool IsRefutedBy(in Slot before, in Slot next)
    {
        var rate = Channel.Channel.MaxRate!.Value;
        return next.Time < Due && Measures(before) && Measures(next) && IsWithin(rate, before, next) && !IsWithin(rate, Value, next);
    }

    private static bool Measures(in Slot slot) => slot is { Present: true, Quality: Quality.Good or Quality.Uncertain };

    private static bool IsWithin(double rate, in Slot before, in Slot next) =>
        Math.Abs(next.Value - before.Value) <= rate * Math.Max(next.Time - before.Time, Rounding) / 1000;

    public static void Save(DeviceState device, BinaryWriter into)
    {
        into.Write7BitEncodedInt(device.Jumps.Length);
        foreach (var jump in device.Jumps)
        {
            into.Write(jump.Channel.Channel.Index);
            into.Write(jump.Channel.Instance);
            jump.Value.Save(into);
            into.Write(jump.Key);
            into.Write7BitEncodedInt(jump.Moved.Count);
            foreach (var ((rule, instance), at) in jump.Moved)
            {
                into.Write(rule);
                into.Write(instance);
                into.Write(at);
            }
        }
    }

    public static void Load(DeviceState device, BinaryReader from)
    {
        device.Jumps = new Jump[from.Read7BitEncodedInt()];
        for (var i = 0; i < device.Jumps.Length; i++)
        {
            var channel = new ChannelRef(device.Plan.Family.Channels[from.ReadInt32()], from.ReadInt32());
            device.Jumps[i] = new Jump(channel, Slot.Load(from), from.ReadUInt64());
            for (var left = from.Read7BitEncodedInt(); left > 0; left--)
                device.Jumps[i].Moved[(from.ReadInt32(), from.ReadInt32())] = from.ReadInt64();
        }
    }
}
