using System.Collections.Concurrent;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.OperatorPage.Charts;

/// <summary>Readings of some devices between the rules' thread, which brings them, and a component, which takes them when it draws.</summary>
internal sealed class LiveReadings : IDisposable
{
    /// <summary>A browser that is away for minutes takes nothing: then the oldest are let go.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentQueue<ReadingEntry> _waiting = new();
    private readonly List<IDisposable> _listening;

    public LiveReadings(ReadingFeed feed, IEnumerable<string> devices) =>
        _listening = [.. devices.Distinct(StringComparer.Ordinal).Select(device => feed.Listen(device, Bring))];

    public IEnumerable<ReadingEntry> Take()
    {
        while (_waiting.TryDequeue(out var entry))
            yield return entry;
    }

    public void Dispose()
    {
        foreach (var each in _listening)
            each.Dispose();
    }

    private void Bring(ReadingEntry entry)
    {
        if (_waiting.Count >= Most)
            _waiting.TryDequeue(out _);
        _waiting.Enqueue(entry);
    }
}
