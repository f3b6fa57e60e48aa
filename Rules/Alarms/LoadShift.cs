namespace Telemetry.Rules.Alarms;

/// <summary>What a shift had to bear at an operator position. Log time, Unix ms.</summary>
/// <param name="Calls">In the windows of 10 min that began since then: the first minutes of a shift may belong to the one before.</param>
/// <param name="FloodTime">Milliseconds in flood.</param>
/// <param name="FloodPeak">Most calls in any 10 min of a flood; 0 without one.</param>
public sealed record LoadShift(long From, long To, int Calls, long FloodTime, int FloodPeak);
