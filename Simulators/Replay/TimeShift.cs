namespace Telemetry.Simulators.Replay;

/// <summary>What is added to the times of a recording, so that an old storm comes today.</summary>
public static class TimeShift
{
    // As the service has it: what lies before was no time when it was sent, and numbers in this range are seconds.
    private const long EarliestMs = 1_420_070_400_000;
    private const long LatestMs = 4_102_444_800_000;

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
        var milliseconds = sent is >= EarliestMs / 1000 and < LatestMs / 1000 ? sent * 1000 : sent;
        return shift == 0 || milliseconds < EarliestMs ? sent : milliseconds + shift;
    }
}
