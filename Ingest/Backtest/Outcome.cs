using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Backtest;

/// <summary>What one rule set made of the log.</summary>
/// <param name="Occurrences">Raised within the span and not taken back, by key and time.</param>
/// <param name="Load">Of the operators over the span, positions first.</param>
/// <param name="CallsPerHour">Calls by hour of log time since the epoch.</param>
/// <param name="Families">In force at the end, by name.</param>
/// <param name="Readings">Played, the warm-up included.</param>
public sealed record Outcome(
    IReadOnlyList<Occurred> Occurrences, IReadOnlyList<LoadFigures> Load, IReadOnlyDictionary<long, int> CallsPerHour, IReadOnlyList<Family> Families, long Readings);
