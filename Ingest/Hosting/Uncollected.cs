using System.Runtime;

namespace Telemetry.Ingest.Hosting;

/// <summary>
/// No garbage collection while a checkpoint is read, where the memory suffices: all of it stays, and each collection would look through what is there
/// already and find nothing.
/// </summary>
internal sealed class Uncollected : IDisposable
{
    // Of a million devices 1,151 bytes in the file are 1,945 in memory (docs/growth.md), and some are only passed through.
    private const double Grows = 2.1;

    // Tables by device: a guess. What does not fit ends the region, and the collector goes on as always.
    private const double LargePart = 0.15;

    // What is smaller is read before the collector has looked twice.
    private const long Least = 64 << 20;

    private readonly bool _begun;

    public Uncollected(long fileBytes)
    {
        var memory = GC.GetGCMemoryInfo();
        var bytes = (long)(fileBytes * Grows);
        if (fileBytes < Least || bytes > (memory.HighMemoryLoadThresholdBytes - memory.MemoryLoadBytes) / 2)
            return;
        try
        {
            _begun = GC.TryStartNoGCRegion(bytes, (long)(bytes * LargePart));
        }
        catch (ArgumentOutOfRangeException)
        {
            // More than this runtime puts aside at once: then it collects.
        }
    }

    public void Dispose()
    {
        // One that needed more memory has ended by itself.
        if (_begun && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            GC.EndNoGCRegion();
    }
}
