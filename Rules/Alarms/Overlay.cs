namespace Telemetry.Rules.Alarms;

/// <summary>What an operator has put over the alarms of one (device, rule, instance). It lives on when the occurrence beneath ends. Times are Unix ms, UTC.</summary>
public sealed record Overlay
{
    /// <summary>Never shelved for longer: 8 h, a shift. Milliseconds.</summary>
    public const long Longest = 8 * 3600 * 1000;

    /// <summary>The same for what is critical: 30 min. Milliseconds.</summary>
    public const long LongestCritical = 30 * 60 * 1000;

    /// <summary>Shelved, Suppressed or OutOfService.</summary>
    public required AlarmState State { get; init; }

    public required string By { get; init; }

    public required string Reason { get; init; }

    public required long Since { get; init; }

    /// <summary>It ends by itself then, at a tick; null for out of service, which only a return ends.</summary>
    public long? Until { get; init; }

    /// <summary>The step that stood when it was taken: a higher one ends it, unless out of service.</summary>
    public int Step { get; init; }

    /// <summary>Who agreed to shelving what is critical.</summary>
    public string? Second { get; init; }

    /// <summary>Number of the permit to work.</summary>
    public string? Permit { get; init; }

    /// <summary>What stands watch instead.</summary>
    public string? Watch { get; init; }

    /// <summary>Ends with the condition, if that comes first.</summary>
    public bool OneShot { get; init; }

    /// <summary>Whether it outlasts a climb to this step.</summary>
    internal bool Covers(int step) => State == AlarmState.OutOfService || step <= Step;
}
