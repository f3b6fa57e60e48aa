using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

/// <summary>Keeps the list of what sends and is not in the register. Within the transactions of <see cref="StateWriter"/>.</summary>
internal sealed class UnknownDeviceWriter(SqliteConnection connection) : IDisposable
{
    /// <summary>Wire ids kept; whoever was heard least lately makes room. A neighbour's network may send ever new ones.</summary>
    public const int Most = 10_000;

    private readonly SqliteCommand _seen = StateWriter.Prepare(
        connection,
        """
        INSERT INTO unknown_devices VALUES ($wire_id, $format, $topic, $time, $time, 1, $detail)
        ON CONFLICT (wire_id) DO UPDATE SET format = excluded.format, topic = excluded.topic, last_seen = excluded.last_seen, letters = letters + 1, detail = excluded.detail
        """,
        "$wire_id", "$format", "$topic", "$time", "$detail");

    private readonly SqliteCommand _known = StateWriter.Prepare(connection, "DELETE FROM unknown_devices WHERE wire_id = $wire_id", "$wire_id");

    private readonly SqliteCommand _trim = StateWriter.Prepare(
        connection, "DELETE FROM unknown_devices WHERE wire_id IN (SELECT wire_id FROM unknown_devices ORDER BY last_seen, wire_id LIMIT $count)", "$count");

    private readonly SqliteCommand _dropped = StateWriter.Prepare(connection, "UPDATE unknown_dropped SET count = count + $count", "$count");

    /// <param name="letters">Those that count for the first time.</param>
    public void Apply(IEnumerable<DeadLetterEntry> letters, IReadOnlyList<Device> devices, SqliteTransaction transaction)
    {
        var isSeen = false;
        foreach (var letter in letters)
        {
            if (letter.Reason != RejectReason.UnknownDevice || !LetterSender.TryRead(letter.Detail, out var wireId, out var format))
                continue;
            StateWriter.Run(_seen, transaction, wireId, format, letter.Topic, letter.Time, letter.Detail);
            isSeen = true;
        }
        // Most stretches change devices while nobody unknown waits.
        if (devices.Count > 0 && Count(transaction) > 0)
        {
            foreach (var wireId in devices.SelectMany(device => device.Sensors.Keys.Append(device.Id)))
                StateWriter.Run(_known, transaction, wireId);
        }
        if (!isSeen || Count(transaction) - Most is not (> 0 and var over))
            return;
        StateWriter.Run(_trim, transaction, over);
        StateWriter.Run(_dropped, transaction, over);
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_seen, _known, _trim, _dropped])
            command.Dispose();
    }

    private long Count(SqliteTransaction transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT count(*) FROM unknown_devices";
        return (long)command.ExecuteScalar()!;
    }
}
