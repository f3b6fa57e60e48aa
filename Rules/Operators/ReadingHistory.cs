using Telemetry.Rules.Model;

namespace Telemetry.Rules.Operators;

/// <summary>A device's readings in the log, by ascending position: the only thing that the rules ask of the outside.</summary>
/// <param name="from">Event time, Unix ms, inclusive.</param>
/// <param name="to">Event time, Unix ms, exclusive.</param>
public delegate IEnumerable<ReadingEntry> ReadingHistory(string device, long from, long to);
