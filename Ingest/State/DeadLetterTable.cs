using System.Text;
using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

/// <summary>What stands in the table of dead letters.</summary>
/// <param name="Bytes">As <see cref="DeadLetterOptions.MaxBytes"/> counts them.</param>
/// <param name="Oldest">Log time, Unix ms; <see cref="long.MaxValue"/> without any.</param>
internal readonly record struct DeadLettersKept(long Count, long Bytes, long Oldest);

/// <summary>The table of dead letters, bounded by number, bytes and age: the oldest go first. For one thread.</summary>
internal sealed class DeadLetterTable : IDisposable
{
    public const int MaxCount = 100_000;

    // Of what a later try to decode does not change.
    private const string Size = "length(payload) + length(CAST(topic AS BLOB))";

    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _redecoded;
    private readonly SqliteCommand _decodedAgain;
    private readonly SqliteCommand _oldest;
    private readonly SqliteCommand _trim;
    private readonly DeadLetterOptions _options;

    public DeadLetterTable(SqliteConnection connection, DeadLetterOptions options)
    {
        _options = options;
        _insert = StateWriter.Prepare(
            connection,
            "INSERT INTO dead_letters (position, time, topic, reason, detail, payload, sender, received) VALUES ($position, $time, $topic, $reason, $detail, $payload, $sender, $received)",
            "$position", "$time", "$topic", "$reason", "$detail", "$payload", "$sender", "$received");
        _redecoded = StateWriter.Prepare(connection, "UPDATE dead_letters SET redecoded_at = $time, readings = readings + $readings WHERE position = $letter", "$letter", "$time", "$readings");
        _decodedAgain = StateWriter.Prepare(
            connection,
            "UPDATE dead_letters SET reason = $reason, detail = $detail, readings = readings + $readings WHERE position = $letter",
            "$letter", "$readings", "$reason", "$detail");
        _oldest = StateWriter.Prepare(connection, $"SELECT position, time, {Size} FROM dead_letters ORDER BY position");
        _trim = StateWriter.Prepare(connection, "DELETE FROM dead_letters WHERE position < $position", "$position");
        Kept = new DeadLettersKept(
            StateSchema.Scalar(connection, "SELECT count(*) FROM dead_letters"),
            StateSchema.Scalar(connection, $"SELECT coalesce(sum({Size}), 0) FROM dead_letters"),
            StateSchema.Scalar(connection, $"SELECT coalesce(min(time), {long.MaxValue}) FROM dead_letters"));
    }

    /// <summary>As last committed.</summary>
    public DeadLettersKept Kept { get; set; }

    /// <param name="after">Letters up to this position are there already, or were.</param>
    /// <param name="time">Log time, Unix ms.</param>
    /// <returns>What is kept once the transaction is committed.</returns>
    public DeadLettersKept Add(IReadOnlyList<DeadLetterEntry> letters, long after, long time, SqliteTransaction transaction)
    {
        var kept = Kept;
        foreach (var letter in letters.Where(letter => letter.Position > after))
        {
            StateWriter.Run(_insert, transaction, letter.Position, letter.Time, letter.Topic, letter.Reason, letter.Detail, letter.Payload, LetterSender.Of(letter.Topic, letter.Detail), letter.Received);
            kept = new DeadLettersKept(kept.Count + 1, kept.Bytes + SizeOf(letter), Math.Min(kept.Oldest, letter.Time));
        }
        return Fits(kept, time) ? kept : Trim(kept, time, transaction);
    }

    /// <summary>It was tried again: nothing is left to decode, or this is what is still wrong.</summary>
    public void Mark(RedecodedEntry entry, SqliteTransaction transaction)
    {
        if (entry.Reason is null)
            StateWriter.Run(_redecoded, transaction, entry.Letter, entry.Time, entry.Readings);
        else
            StateWriter.Run(_decodedAgain, transaction, entry.Letter, entry.Readings, entry.Reason, entry.Detail);
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_insert, _redecoded, _decodedAgain, _oldest, _trim])
            command.Dispose();
    }

    private DeadLettersKept Trim(DeadLettersKept kept, long time, SqliteTransaction transaction)
    {
        var first = long.MaxValue;
        _oldest.Transaction = transaction;
        using (var rows = _oldest.ExecuteReader())
        {
            while (rows.Read())
            {
                kept = kept with { Oldest = rows.GetInt64(1) };
                if (Fits(kept, time))
                {
                    first = rows.GetInt64(0);
                    break;
                }
                kept = new DeadLettersKept(kept.Count - 1, kept.Bytes - rows.GetInt64(2), long.MaxValue);
            }
        }
        StateWriter.Run(_trim, transaction, first);
        return kept;
    }

    private bool Fits(DeadLettersKept kept, long time) =>
        kept.Count <= MaxCount && kept.Bytes <= _options.MaxBytes && kept.Oldest >= time - (long)_options.Keep.TotalMilliseconds;

    private static long SizeOf(DeadLetterEntry letter) => letter.Payload.Length + Encoding.UTF8.GetByteCount(letter.Topic);
}
