using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Positions;

/// <summary>Who mans the operator positions, in memory: a projection of the log, as far as the rules have come.</summary>
public sealed class PositionDirectory
{
    private volatile PositionBook _book = PositionBook.Empty;

    public PositionBook Book => _book;

    /// <summary>Called by the rules' runner after each position entry.</summary>
    public void Set(PositionBook book) => _book = book;
}
