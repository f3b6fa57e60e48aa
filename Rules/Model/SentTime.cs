using Telemetry.Rules.Conditions;

namespace Telemetry.Rules.Model;

/// <summary>What a time as a device sent it is worth: one judgement for the service's decoders and for the simulators' virtual one.</summary>
public static class SentTime
{
    /// <summary>2015, Unix ms. A clock that says less was never set.</summary>
    public const long Earliest = 1_420_070_400_000;

    /// <summary>2100, Unix ms.</summary>
    public const long Latest = 4_102_444_800_000;

    /// <summary>Milliseconds by which a clock may run ahead before the received time stands in.</summary>
    public const long MaxAhead = 5 * 60_000;

    private const string ClockAhead = "clock_ahead";

    /// <summary>Milliseconds by which the register declares a device's clock to run ahead, in its setting <c>clock_ahead</c>: local time sent as UTC. The register has checked that it is a number of hours.</summary>
    public static long AheadOf(Device? device) =>
        device is not null && device.Settings.TryGetValue(ClockAhead, out var text) && Quantity.TryParse(text, out var quantity, out _) && quantity.TryIn("h", out var hours)
            ? (long)(hours * 3_600_000)
            : 0;

    /// <summary>A number of seconds of 2015 to 2100: read as milliseconds it would lie in the first seven weeks of 1970, where no true time lies.</summary>
    public static bool IsSeconds(double number) => number is >= Earliest / 1000 and < Latest / 1000;

    /// <param name="milliseconds">Unix ms as sent.</param>
    /// <param name="marks">What is known of it already.</param>
    /// <param name="received">Unix ms; stands in for a time that can't be true.</param>
    /// <param name="ahead">Milliseconds by which the register declares the device's clock to run ahead; 0 for none.</param>
    public static (long Event, TimeMarks Marks) Judge(long milliseconds, TimeMarks marks, long received, long ahead)
    {
        if (ahead != 0 && milliseconds >= Earliest)
            (milliseconds, marks) = (milliseconds - ahead, marks | TimeMarks.Shifted);
        if (milliseconds < Earliest)
            return (received, marks | TimeMarks.ClockUnset);
        return milliseconds > received + MaxAhead ? (received, marks | TimeMarks.ClockAhead) : (milliseconds, marks);
    }

    /// <summary>The clock is plainly wrong, which makes one doubt what it stands beside: its values are uncertain at best.</summary>
    public static bool IsDoubtful(this TimeMarks marks) => (marks & (TimeMarks.ClockAhead | TimeMarks.ClockUnset)) != 0;
}
