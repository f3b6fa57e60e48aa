using System.Collections.Concurrent;

namespace Telemetry.Ingest.Notify.Delivery;

/// <summary>Counts of this process since its start, and what is wrong now. Any thread.</summary>
internal sealed class DeliveryStats
{
    private readonly ConcurrentDictionary<(string Channel, string Result), long> _attempts = new();

    private readonly ConcurrentDictionary<(string Via, string Result), long> _answers = new();

    private volatile string? _outboxFailing;

    /// <summary>Why the outbox takes nothing; null while it does.</summary>
    public string? OutboxFailing
    {
        get => _outboxFailing;
        set => _outboxFailing = value;
    }

    public IEnumerable<((string Channel, string Result) Of, long Count)> Attempts => _attempts.Select(pair => (pair.Key, pair.Value));

    public IEnumerable<((string Via, string Result) Of, long Count)> Answers => _answers.Select(pair => (pair.Key, pair.Value));

    public void CountAnswer(string via, string result) => _answers.AddOrUpdate((via, result), 1, (_, count) => count + 1);

    public void Count(string channel, string result) => _attempts.AddOrUpdate((channel, result), 1, (_, count) => count + 1);
}
