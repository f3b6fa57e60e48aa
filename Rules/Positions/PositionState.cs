using System.Collections.Immutable;

namespace Telemetry.Rules.Positions;

/// <param name="At">Log time, Unix ms.</param>
public sealed record ShiftNote(long At, string By, string Text);

/// <summary>Who mans an operator position, and what the shift leaves to the next. Immutable. Times are log time, Unix ms.</summary>
public sealed record PositionState
{
    public static readonly PositionState Empty = new();

    /// <summary>Null while nobody mans it.</summary>
    public string? Person { get; init; }

    /// <summary>Since when it is manned, or unmanned; null where nobody ever has.</summary>
    public long? Since { get; init; }

    /// <summary>Since the last handover, in order.</summary>
    public ImmutableList<ShiftNote> Notes { get; init; } = [];

    /// <summary>Waits for signatures; null for none.</summary>
    public Handover? Open { get; init; }

    /// <summary>The last that was signed; null for none.</summary>
    public Handover? Signed { get; init; }
}
