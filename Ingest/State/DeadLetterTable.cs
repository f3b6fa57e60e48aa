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

    private const string Size = "length(payload) + length(CAST(topic AS BLOB)) + length(CAST(reason AS BLOB)) + length(CAST(detail AS BLOB))";

    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _size;
    private readonly SqliteCommand _redecoded;
    private readonly SqliteCommand _decodedAgain;
    private readonly SqliteCommand _oldest;
    private readonly SqliteCommand _trim;
    private readonly DeadLetterOptions _options;

    public DeadLetterTable(SqliteConnection connection, DeadLetterOptions options)
    {
        _options = options;
        _insert = StateSchema.Command(
            connection,
            "INSERT INTO dead_letters (position, time, topic, reason, detail, payload, sender) VALUES ($position, $time, $topic, $reason, $detail, $payload, $sender)",
            "$position", "$time", "$topic", "$reason", "$detail", "$payload", "$sender");
        _size = StateSchema.Command(connection, $"SELECT {Size} FROM dead_letters WHERE position = $letter", "$letter");
        _redecoded = StateSchema.Command(
            connection, "UPDATE dead_letters SET redecoded_at = $time, readings = readings + $readings WHERE position = $letter", "$letter", "$time", "$readings");
        _decodedAgain = StateSchema.Command(
            connection,
            "UPDATE dead_letters SET reason = $reason, detail = $detail, readings = readings + $readings WHERE position = $letter",
            "$letter", "$readings", "$reason", "$detail");
        _oldest = StateSchema.Command(connection, $"SELECT position, time, {Size} FROM dead_letters ORDER BY position");
        _trim = StateSchema.Command(connection, "DELETE FROM dead_letters WHERE position < $position", "$position");
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
            StateSchema.Run(_insert, transaction, letter.Position, letter.Time, letter.Topic, letter.Reason, letter.Detail, letter.Payload, LetterSender.Of(letter.Topic, letter.Detail));
            kept = new DeadLettersKept(kept.Count + 1, kept.Bytes + SizeOf(letter), Math.Min(kept.Oldest, letter.Time));
        }
        return Fits(kept, time) ? kept : Trim(kept, time, transaction);
    }

    /// <summary>A letter was decoded again: it is done, or has another reason now. One that has been trimmed is nobody's business any more.</summary>
    /// <param name="kept">So far in this transaction.</param>
    /// <returns>What is kept once the transaction is committed.</returns>
    public DeadLettersKept Mark(RedecodedEntry entry, DeadLettersKept kept, SqliteTransaction transaction)
    {
        if (entry.Reason is null)
        {
            StateSchema.Run(_redecoded, transaction, entry.Letter, entry.Time, entry.Readings);
            return kept;
        }
        var before = SizeAt(entry.Letter, transaction);
        StateSchema.Run(_decodedAgain, transaction, entry.Letter, entry.Readings, entry.Reason, entry.Detail);
        return kept with { Bytes = kept.Bytes - before + SizeAt(entry.Letter, transaction) };
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_insert, _size, _redecoded, _decodedAgain, _oldest, _trim])
            command.Dispose();
    }

    private long SizeAt(long letter, SqliteTransaction transaction)
    {
        _size.Transaction = transaction;
        _size.Parameters[0].Value = letter;
        return _size.ExecuteScalar() as long? ?? 0;
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
        StateSchema.Run(_trim, transaction, first);
        return kept;
    }

    private bool Fits(DeadLettersKept kept, long time) =>
        kept.Count <= MaxCount && kept.Bytes <= _options.MaxBytes && kept.Oldest >= time - (long)_options.Keep.TotalMilliseconds;

    private static long SizeOf(DeadLetterEntry letter) =>
        letter.Payload.Length + Encoding.UTF8.GetByteCount(letter.Topic) + Encoding.UTF8.GetByteCount(letter.Reason) + Encoding.UTF8.GetByteCount(letter.Detail);
}
