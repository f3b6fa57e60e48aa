using System.Globalization;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>Test, drill and exercises end by themselves: no device is forgotten in a mode in which nobody is paged.</summary>
public static class Modes
{
    /// <summary>Milliseconds: 8 h, a shift.</summary>
    public const long Longest = 8 * 3600 * 1000;

    /// <summary>What the register will say of a device that is set at this moment: a mode has an end, whatever was written.</summary>
    /// <param name="now">Log time, Unix ms.</param>
    public static Device Bounded(Device device, long now) => device.IsForAWhile
        ? device with { StateUntil = Iso.Time(Math.Min(End(device) ?? long.MaxValue, now + Longest)) }
        : device with { StateUntil = null, StateReason = null, Exercise = null };

    public static Device Live(Device device) => device with { State = "live", StateUntil = null, StateReason = null, Exercise = null };

    /// <summary>Unix ms; null where none is written, or no time.</summary>
    public static long? End(Device device) =>
        DateTimeOffset.TryParse(device.StateUntil, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) ? until.ToUnixTimeMilliseconds() : null;
}
