using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>
/// Entries encoded on the producer's thread, appended together: all of them become durable by one commit, in this order. Positions and
/// log time are given by the log.
/// </summary>
public sealed class EntryBatch
{
    public int Count => throw new NotImplementedException();

    /// <summary>True if every entry may use the reserve: ticks, operator, device, rule and system entries.</summary>
    public bool MayUseReserve => throw new NotImplementedException();

    public void Add(LogEntry entry) => throw new NotImplementedException();

    public void Clear() => throw new NotImplementedException();
}
