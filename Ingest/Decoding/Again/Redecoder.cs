using System.Text;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.State;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Decoding.Again;

/// <summary>
/// Decodes dead letters again, with the families, models and register of today and the time at which each came. The readings that the log does not
/// have enter it as late data; in the same group an entry says of each letter what became of it, so that a crash leaves both or neither.
/// </summary>
/// <param name="decoder">Of its own: what it refuses once more has been counted.</param>
public sealed class Redecoder(StateDatabase database, DurableLog log, LogWriting writing, MessageDecoder decoder) : IDisposable
{
    private const int Page = 100;

    // Between two groups live data has its turn.
    private const int MaxEntries = 512;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ReadingHistory _history = log.OpenHistory().Invoke;
    private readonly List<LogEntry> _decoded = [];
    private volatile RedecodeProgress _progress = new(false, 0, 0);

    public RedecodeProgress Progress => _progress;

    /// <summary>Completes when the rules have processed what came of it. One run at a time; another one waits.</summary>
    /// <param name="by">Who asked for it, as it will stand in the log.</param>
    /// <param name="dry">Say what would come of it, and write nothing.</param>
    /// <exception cref="ApiException">503: the log does not take it for now. What was done until then stands.</exception>
    public async Task<RedecodeResult> RunAsync(DeadLetterFilter filter, string by, bool dry, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await RunInTurnAsync(filter with { Redecoded = false }, by, dry, cancellationToken);
        }
        finally
        {
            _progress = _progress with { Running = false };
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<RedecodeResult> RunInTurnAsync(DeadLetterFilter filter, string by, bool dry, CancellationToken cancellationToken)
    {
        var counts = new RedecodeCounts();
        var entries = new List<LogEntry>();
        var total = database.CountDeadLetters(filter);
        // What comes meanwhile is for the next run.
        var (after, last) = (0L, log.Committed);
        for (var isMore = true; isMore;)
        {
            var letters = database.DeadLettersAfter(after, filter, Page);
            foreach (var kept in letters.TakeWhile(letter => letter.Letter.Position <= last))
            {
                Decode(kept, by, entries, counts);
                if (entries.Count >= MaxEntries)
                    await WriteAsync(entries, dry, cancellationToken);
            }
            await WriteAsync(entries, dry, cancellationToken);
            _progress = new RedecodeProgress(true, counts.Letters, total);
            after = letters.Count > 0 ? letters[^1].Letter.Position : last;
            isMore = letters.Count == Page && after < last;
        }
        return counts.ToResult(dry);
    }

    private async Task WriteAsync(List<LogEntry> entries, bool dry, CancellationToken cancellationToken)
    {
        if (!dry)
            await writing.WriteAsync(entries, Patience, cancellationToken);
        entries.Clear();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Decode(KeptLetter kept, string by, List<LogEntry> entries, RedecodeCounts counts)
    {
        var letter = kept.Letter;
        var isElsewhere = letter.Detail.EndsWith(Refusals.BytesElsewhere, StringComparison.Ordinal);
        var bytes = isElsewhere ? database.BytesBeside(letter) : letter.Payload;
        if (WhyNever(letter, bytes) is { } why)
        {
            counts.Skip(why);
            return;
        }
        _decoded.Clear();
        decoder.Decode(Encoding.UTF8.GetBytes(letter.Topic), bytes, letter.Time, _decoded);
        var readings = 0;
        foreach (var entry in _decoded)
        {
            if (entry is not ReadingEntry { Reading: var decoded } || RedecodedReading.Of(decoded, letter, _history) is not { } reading)
                continue;
            entries.Add(new ReadingEntry(reading));
            readings++;
        }
        var left = WhatIsLeft(kept);
        var detail = left is null || !isElsewhere ? left?.Detail : left.Detail + Refusals.BytesElsewhere;
        if (left is null || readings > 0 || left.Reason != letter.Reason || detail != letter.Detail)
            entries.Add(new RedecodedEntry(letter.Position, by, readings, left?.Reason, detail));
        counts.Add(readings, left?.Reason);
    }

    /// <summary>What the letter stands for now; null for nothing any more. Of a message with several devices, or several mistakes, each has a letter of its own.</summary>
    private DeadLetterEntry? WhatIsLeft(KeptLetter kept)
    {
        var refused = _decoded.OfType<DeadLetterEntry>().Where(other => IsOf(kept.Sender, other)).ToList();
        return refused.Find(other => other.Reason == kept.Letter.Reason)
            ?? refused.Find(other => !_decoded.Exists(entry => entry is ReadingEntry) || !database.HasSibling(kept.Letter, other));
    }

    private static bool IsOf(string? sender, DeadLetterEntry letter) =>
        sender is null || LetterSender.Of(letter.Topic, letter.Detail) is not { } other || other.Equals(sender, StringComparison.OrdinalIgnoreCase);

    private static string? WhyNever(DeadLetterEntry letter, byte[]? bytes)
    {
        // The first value of a key stands, and a line of a database is no message.
        if (letter.Reason is "conflicting_duplicate" or "store_refused")
            return letter.Reason;
        return bytes is null || bytes.Length >= Refusals.MaxKept || Encoding.UTF8.GetByteCount(letter.Topic) >= Refusals.MaxTopic ? "cut" : null;
    }
}
