namespace Telemetry.Rules.Alarms;

/// <summary>What an operator position bears at one moment of log time: of <see cref="LoadFigures"/> what is worth a point a minute.</summary>
public sealed record LoadMinute
{
    public required string Position { get; init; }

    /// <summary>Calls in the 600 s up to now.</summary>
    public int Last10Minutes { get; init; }

    /// <summary>Calls in the 5 finished windows of 10 min before now and the present one.</summary>
    public int LastHour { get; init; }

    /// <summary>Calls in the 143 finished windows before now and the present one; by severity in the next four.</summary>
    public int LastDay { get; init; }

    public int Critical { get; init; }

    public int High { get; init; }

    public int Medium { get; init; }

    public int Low { get; init; }

    /// <summary>A flood lasts.</summary>
    public bool Flood { get; init; }

    /// <summary>Milliseconds in flood in the last 24 h.</summary>
    public long FloodTime { get; init; }

    /// <summary>Of the ten most frequent alarms of 31 days, 0 to 1; null without alarms.</summary>
    public double? TopTenShare { get; init; }

    /// <summary>Alarms that are active now and not shelved, suppressed or out of service.</summary>
    public int Standing { get; init; }

    /// <summary>Of those, active for more than 24 h.</summary>
    public int Stale { get; init; }

    public int Shelved { get; init; }

    /// <summary>Alarms that have not ended and chatter: three occurrences within a minute.</summary>
    public int Chattering { get; init; }

    /// <summary>Alarms that nobody has acknowledged and that sound.</summary>
    public int Unacknowledged { get; init; }
}
