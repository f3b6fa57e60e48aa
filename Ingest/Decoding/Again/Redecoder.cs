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
    /// <summary>Not all bytes of the message are kept.</summary>
    public const string Cut = "cut";

    private const int Page = 100;

    // Between two groups live data has its turn.
    private const int MaxEntries = 512;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ReadingHistory _history = log.OpenHistory().Invoke;
    private readonly Dictionary<(string Device, long EventTime), List<Reading>> _waiting = [];
    private RedecodedMessage? _message;
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
        // The register and the families may be others since the last run.
        _message = null;
        _waiting.Clear();
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
        _waiting.Clear();
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
            // It waits for its device no longer: else it would be read in vain as often as the register's letters are.
            if (letter.Reason == RejectReason.UnknownDevice)
                entries.Add(new RedecodedEntry(letter.Position, by, 0, Cut, letter.Detail + " (not all bytes of the message are kept, so it can't be decoded again)"));
            return;
        }
        // Of the letters of one message, which stand together, the first one gives what it has to give.
        var readings = 0;
        if (_message?.IsOf(letter, bytes!) != true)
        {
            _message = Decode(letter, bytes!);
            readings = Add(_message.Readings, letter, entries);
        }
        var left = WhatIsLeft(kept, _message);
        var detail = left is null || !isElsewhere ? left?.Detail : left.Detail + Refusals.BytesElsewhere;
        if (left is null || readings > 0 || left.Reason != letter.Reason || detail != letter.Detail)
            entries.Add(new RedecodedEntry(letter.Position, by, readings, left?.Reason, detail));
        counts.Add(readings, left?.Reason);
    }

    private RedecodedMessage Decode(DeadLetterEntry letter, byte[] bytes)
    {
        var decoded = new List<LogEntry>();
        decoder.Decode(Encoding.UTF8.GetBytes(letter.Topic), bytes, letter.Received == 0 ? letter.Time : letter.Received, decoded);
        return new RedecodedMessage(letter, bytes, decoded);
    }

    /// <summary>How many of them neither the log nor the group in the making has.</summary>
    private int Add(IReadOnlyList<Reading> decoded, DeadLetterEntry letter, List<LogEntry> entries)
    {
        var before = entries.Count;
        foreach (var each in decoded)
        {
            var at = RedecodedReading.EventTime(each, letter);
            var waiting = _waiting.GetValueOrDefault((each.Device, at)) ?? [];
            // At the letter's own position stands the reading that the rules refused.
            var logged = _history(each.Device, at, at + 1).Where(entry => entry.Position != letter.Position).Select(entry => entry.Reading);
            if (RedecodedReading.Of(each, letter, logged.Concat(waiting)) is not { } reading)
                continue;
            entries.Add(new ReadingEntry(reading));
            waiting.Add(reading);
            _waiting[(each.Device, at)] = waiting;
        }
        return entries.Count - before;
    }

    /// <summary>What the letter stands for now; null for nothing any more. Of a message with several devices, or several mistakes, each has a letter of its own.</summary>
    private DeadLetterEntry? WhatIsLeft(KeptLetter kept, RedecodedMessage message)
    {
        var refused = message.RefusedOf(kept.Sender).ToList();
        return refused.Find(other => other.Reason == kept.Letter.Reason)
            ?? refused.Find(other => message.Readings.Count == 0 || !database.HasSibling(kept.Letter, other));
    }

    private static string? WhyNever(DeadLetterEntry letter, byte[]? bytes)
    {
        // The first value of a key stands, and a line of a database is no message.
        if (letter.Reason is RejectReason.ConflictingDuplicate or RejectReason.StoreRefused or Cut)
            return letter.Reason;
        return bytes is null || bytes.Length >= Refusals.MaxKept || Encoding.UTF8.GetByteCount(letter.Topic) >= Refusals.MaxTopic ? Cut : null;
    }
}
