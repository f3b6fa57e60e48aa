using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Backtest;

public enum Change
{
    /// <summary>The new rules raise what the old ones did not.</summary>
    Added,
    Removed,
    Earlier,
    Later,

    /// <summary>The highest severity that it reached is another.</summary>
    Severity,
}

/// <summary>One occurrence that the new rules judge otherwise. Of one pair there may be two: the time and the severity.</summary>
/// <param name="Was">Under the old rules; null for what was added.</param>
/// <param name="Is">Under the new ones; null for what was removed.</param>
public sealed record Difference(Change Change, Occurred? Was, Occurred? Is)
{
    /// <summary>The one that there is; the new one of two.</summary>
    public Occurred Of => Is ?? Was!;

    /// <summary>Milliseconds from the old raising to the new one, negative for earlier; 0 unless there are both.</summary>
    public long Shift => Was is { } was && Is is { } now ? now.RaisedAt - was.RaisedAt : 0;

    /// <summary>The higher one of the two.</summary>
    public Severity Severity => Was is { } was && Is is { } now ? (Severity)Math.Max((byte)was.Severity, (byte)now.Severity) : Of.Severity;
}
