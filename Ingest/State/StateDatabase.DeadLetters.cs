using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

public sealed partial class StateDatabase
{
    private const string LetterColumns = "position, time, topic, reason, detail, payload, sender, redecoded_at, readings, received";

    /// <summary>Newest first.</summary>
    /// <param name="before">Only those of lower positions.</param>
    public IReadOnlyList<KeptLetter> DeadLetters(DeadLetterFilter filter, int limit, long before = long.MaxValue)
    {
        var (where, parameters) = filter.ToSql();
        return _reader.Query($"SELECT {LetterColumns} FROM dead_letters WHERE {where} AND position < $before ORDER BY position DESC LIMIT $limit", filter.Sees, LetterOf, [.. parameters, ("$before", before), ("$limit", limit)]);
    }

    /// <summary>In the order in which they came.</summary>
    /// <param name="after">Only those of higher positions.</param>
    public IReadOnlyList<KeptLetter> DeadLettersAfter(long after, DeadLetterFilter filter, int limit)
    {
        var (where, parameters) = filter.ToSql();
        return Query($"SELECT {LetterColumns} FROM dead_letters WHERE {where} AND position > $after ORDER BY position LIMIT $limit", LetterOf, [.. parameters, ("$after", after), ("$limit", limit)]);
    }

    /// <summary>Another letter of the same message stands for what was refused.</summary>
    internal bool HasSibling(DeadLetterEntry letter, DeadLetterEntry refused) =>
        Query(
            // What came of one message stands together.
            """
            SELECT EXISTS (SELECT * FROM dead_letters WHERE position BETWEEN $position - 20000 AND $position + 20000 AND position <> $position
                AND time = $time AND topic = $topic AND reason = $reason AND (payload = $payload OR length(payload) = 0))
            """,
            row => row.GetBoolean(0),
            ("$position", letter.Position),
            ("$time", letter.Time),
            ("$topic", letter.Topic),
            ("$reason", refused.Reason),
            ("$payload", refused.Payload))[0];

    /// <summary>The bytes of a letter that keeps none of its own: the next letter before it that has some is of the same message. Null where it is kept no longer.</summary>
    internal byte[]? BytesBeside(DeadLetterEntry letter) =>
        Query(
            """
            SELECT payload FROM dead_letters WHERE position BETWEEN $position - 20000 AND $position
                AND time = $time AND topic = $topic AND length(payload) > 0 ORDER BY position DESC LIMIT 1
            """,
            row => row.GetFieldValue<byte[]>(0),
            ("$position", letter.Position),
            ("$time", letter.Time),
            ("$topic", letter.Topic)).FirstOrDefault();

    public long CountDeadLetters(DeadLetterFilter filter)
    {
        var (where, parameters) = filter.ToSql();
        return Query($"SELECT count(*) FROM dead_letters WHERE {where}", row => row.GetInt64(0), [.. parameters])[0];
    }

    /// <summary>By reason, in the order of their names.</summary>
    public IReadOnlyList<DeadLetterCount> DeadLetterCounts() =>
        Query(
            "SELECT reason, count(*), count(redecoded_at), min(time), max(time) FROM dead_letters GROUP BY reason ORDER BY reason",
            row => new DeadLetterCount(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)));

    /// <summary>Who sent what nothing in the register reports for; the one heard last first. Some may have entered the register meanwhile.</summary>
    public IReadOnlyList<UnknownDevice> UnknownDevices() =>
        Query(
            "SELECT wire_id, format, topic, first_seen, last_seen, letters, detail FROM unknown_devices ORDER BY last_seen DESC, wire_id",
            row => new UnknownDevice(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetString(6)));

    /// <summary>How many of them had to make room for others.</summary>
    public long UnknownDevicesDropped() => Query("SELECT count FROM unknown_dropped", row => row.GetInt64(0))[0];

    /// <summary>Whose dead letters wait for them to enter the register.</summary>
    public IReadOnlyList<string> UnknownSenders() =>
        Query($"SELECT DISTINCT sender FROM dead_letters WHERE redecoded_at IS NULL AND reason = '{RejectReason.UnknownDevice}' AND sender IS NOT NULL ORDER BY sender", row => row.GetString(0));

    private static KeptLetter LetterOf(SqliteDataReader row) => new(
        new DeadLetterEntry
        {
            Position = row.GetInt64(0),
            Time = row.GetInt64(1),
            Topic = row.GetString(2),
            Reason = row.GetString(3),
            Detail = row.GetString(4),
            Payload = row.GetFieldValue<byte[]>(5),
            Received = row.GetInt64(9),
        },
        row.IsDBNull(6) ? null : row.GetString(6),
        row.IsDBNull(7) ? null : row.GetInt64(7),
        row.GetInt64(8));
}
