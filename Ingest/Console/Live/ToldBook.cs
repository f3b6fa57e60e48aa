using System.Collections.Concurrent;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.OperatorPage.Live;

/// <summary>Who has been told of which alarm, for the list: read on from the outbox once a second. Empty where the service tells nobody.</summary>
internal sealed class ToldBook(OutboxDatabase? outbox)
{
    // At the start so far back; what is older has been dealt with.
    private const int Remembered = 20_000;

    private readonly ConcurrentDictionary<string, IReadOnlyList<SentMessage>> _byAlarm = new(StringComparer.Ordinal);
    private long _read;

    public IReadOnlyList<SentMessage> Of(string alarm) => _byAlarm.GetValueOrDefault(alarm) ?? [];

    /// <summary>One caller at a time.</summary>
    /// <param name="isOpen">What has ended is forgotten.</param>
    public void ReadOn(Func<string, bool> isOpen)
    {
        if (outbox is null)
            return;
        foreach (var sent in outbox.SentAfter(_read, Remembered))
        {
            _read = sent.Attempt;
            _byAlarm[sent.Alarm] = [.. Of(sent.Alarm), sent];
        }
        foreach (var alarm in _byAlarm.Keys.Where(alarm => !isOpen(alarm)))
            _byAlarm.TryRemove(alarm, out _);
    }
}
