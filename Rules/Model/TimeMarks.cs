namespace Telemetry.Rules.Model;

/// <summary>What was wrong with a reading's time as sent; one name in the log, the API and the metrics.</summary>
[Flags]
public enum TimeMarks : byte
{
    None = 0,

    /// <summary>No <c>ts</c>: the received time stands in.</summary>
    NoTime = 1,

    /// <summary><c>ts</c> more than 5 min ahead of the received time, which stands in.</summary>
    ClockAhead = 2,

    /// <summary><c>ts</c> before 2015: the received time stands in.</summary>
    ClockUnset = 4,

    /// <summary><c>ts</c> was in seconds and was multiplied by 1000.</summary>
    Seconds = 8,

    /// <summary>The device's clock runs ahead by what the register declares (<c>settings.clock_ahead</c>), which was taken off.</summary>
    Shifted = 16,

    /// <summary>Decoded again from a dead letter: the message came long before its entry. Where it had no time to go by, the one at which it came stands in.</summary>
    Redecoded = 32,
}
