using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Log;

/// <summary>
/// Entries encoded on the producer's thread, appended together: all of them become durable by one commit, in this order. Positions and
/// log time are given by the log. May be cleared and used again once the outer task of its append has completed.
/// </summary>
public sealed class EntryBatch
{
    private readonly ByteWriter _bytes = new();

    public int Count { get; private set; }

    /// <summary>True if every entry may use the reserve: ticks, operator, device, rule and system entries.</summary>
    public bool MayUseReserve { get; private set; } = true;

    internal ReadOnlySpan<byte> Bytes => _bytes.Written;

    /// <summary>Log time of entries that another log has ordered already; null where this log gives it.</summary>
    internal long? Time { get; private set; }

    /// <summary>Entries of another log, encoded, to be appended as they stand there: none passes another one, not even where the disk is full.</summary>
    internal static EntryBatch Copy(ReadOnlySpan<byte> entries, int count, long time)
    {
        var batch = new EntryBatch { Count = count, MayUseReserve = false, Time = time };
        batch._bytes.Raw(entries);
        return batch;
    }

    public void Add(LogEntry entry)
    {
        MayUseReserve &= EntryCodec.Write(_bytes, entry).MayUseReserve();
        Count++;
    }

    public void Clear()
    {
        _bytes.Clear();
        Count = 0;
        MayUseReserve = true;
        Time = null;
    }
}
