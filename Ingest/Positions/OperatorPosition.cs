using Telemetry.Rules.Positions;

namespace Telemetry.Ingest.Positions;

/// <summary>One operator position as it is now. Times are log time, Unix ms.</summary>
/// <param name="Districts">Null for all of them.</param>
/// <param name="Fallback">As configured; null for none.</param>
/// <param name="State">Who mans it, its notes, its handover.</param>
/// <param name="AnsweredBy">The position that answers for its alarms now; null while nobody is anywhere.</param>
/// <param name="AnswersFor">Other positions whose alarms it answers for now.</param>
/// <param name="Own">Of the alarms that belong to it, whoever answers for them.</param>
public sealed record OperatorPosition(
    string Name, IReadOnlyList<string>? Districts, string? Fallback, PositionState State, string? AnsweredBy, IReadOnlyList<string> AnswersFor, PositionCounts Own);

/// <summary>Open alarms of a position, of kind <c>alarm</c>; tickets apart.</summary>
/// <param name="Standing">Active now, nothing over them.</param>
/// <param name="Unacknowledged">They sound, and nobody has acknowledged them.</param>
/// <param name="Critical">Of the unacknowledged.</param>
public sealed record PositionCounts(int Standing, int Unacknowledged, int Critical, int Latched, int Shelved, int Suppressed, int OutOfService, int Tickets);
