using Telemetry.Rules.Model;

namespace Telemetry.Simulators.Replay;

/// <summary>What is added to the times of a recording, so that an old storm comes today.</summary>
public static class TimeShift
{
    /// <summary>
    /// Milliseconds for a replay that begins now. Nothing may come from the future: a replay faster than life begins so far in the past that its last
    /// reading is sent at its own time.
    /// </summary>
    /// <param name="speed">How many times faster than life; infinity for as fast as it goes.</param>
    public static long ToNow(long now, long first, long last, double speed)
    {
        var lasts = last - first;
        return now + (long)Math.Min(lasts, lasts / speed) - last;
    }

    /// <summary>A time as it was sent, shifted: seconds become milliseconds, and a clock that was never set stays so.</summary>
    public static long Of(long sent, long shift)
    {
        var milliseconds = SentTime.IsSeconds(sent) ? sent * 1000 : sent;
        return shift == 0 || milliseconds < SentTime.Earliest ? sent : milliseconds + shift;
    }
}
