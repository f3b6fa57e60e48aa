namespace Telemetry.Rules.Model;

/// <summary>How far a value may be trusted. Bad and stale values never clear an alarm.</summary>
public enum Quality : byte
{
    Good,

    /// <summary>Usable with care: over its plausible range, or its time had to be replaced.</summary>
    Uncertain,

    /// <summary>Not a measurement: non-finite, a fault sentinel, or below what the instrument can show.</summary>
    Bad,

    /// <summary>The source itself says that the value is old.</summary>
    Stale,
}
