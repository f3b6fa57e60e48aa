using System.Collections.Concurrent;
using System.Text;

namespace Telemetry.Ingest.Decoding;

/// <summary>One string per gateway, family or device, found by its bytes on the wire: a fleet's names are few and come again and again. Any thread.</summary>
internal sealed class NamePool
{
    // A sender that makes up ids must not fill the memory; beyond this many, names are merely allocated.
    private const int Capacity = 4_000_000;

    private readonly ConcurrentDictionary<string, string> _names = new(AsciiComparer.Instance);
    private readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private int _count;

    public NamePool() => _byBytes = _names.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <param name="name">ASCII; the caller has checked it.</param>
    public string Get(ReadOnlySpan<byte> name)
    {
        if (_byBytes.TryGetValue(name, out var known))
            return known;
        var added = Encoding.ASCII.GetString(name);
        // Counted apart: ConcurrentDictionary.Count takes every lock.
        if (Volatile.Read(ref _count) >= Capacity)
            return added;
        Interlocked.Increment(ref _count);
        return _names.GetOrAdd(added, added);
    }
}
