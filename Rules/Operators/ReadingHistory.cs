using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>A device's readings in the log, by ascending position: with <see cref="EarlierReadings"/> all that the rules ask of the outside.</summary>
/// <param name="from">Event time, Unix ms, inclusive.</param>
/// <param name="to">Event time, Unix ms, exclusive.</param>
public delegate IEnumerable<ReadingEntry> ReadingHistory(string device, long from, long to);

/// <summary>
/// The readings that stand in the log before this one and have its device, its time as sent and its sequence (or lack the same), the latest first.
/// Asked for readings that have a time or a sequence; read only as far as needed.
/// </summary>
/// <param name="since">Log time, Unix ms, inclusive: what was received before it is left out.</param>
public delegate IEnumerable<ReadingEntry> EarlierReadings(ReadingEntry entry, long since);
