using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Decoding.Again;

/// <summary>What the message of a dead letter decodes to now; all letters of that message share it.</summary>
internal sealed class RedecodedMessage
{
    private readonly DeadLetterEntry _first;
    private readonly byte[] _bytes;
    private readonly List<DeadLetterEntry> _refused = [];
    private readonly ILookup<string, DeadLetterEntry> _bySender;

    /// <param name="first">The letter for which it was decoded.</param>
    public RedecodedMessage(DeadLetterEntry first, byte[] bytes, IReadOnlyList<LogEntry> decoded)
    {
        (_first, _bytes) = (first, bytes);
        Readings = [.. decoded.OfType<ReadingEntry>().Select(entry => entry.Reading)];
        _refused.AddRange(decoded.OfType<DeadLetterEntry>());
        _bySender = _refused.ToLookup(letter => LetterSender.Of(letter.Topic, letter.Detail) ?? "", StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<Reading> Readings { get; }

    public bool IsOf(DeadLetterEntry letter, byte[] bytes) =>
        letter.Time == _first.Time && letter.Received == _first.Received && letter.Topic == _first.Topic && bytes.AsSpan().SequenceEqual(_bytes);

    /// <param name="sender">Null for all.</param>
    /// <returns>With what does not say whose it is.</returns>
    public IEnumerable<DeadLetterEntry> RefusedOf(string? sender) => sender is null ? _refused : _bySender[sender].Concat(_bySender[""]);
}
