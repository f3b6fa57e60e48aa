using System.Text.Json;
using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Decoding;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.State;

/// <summary>The one connection that changes <c>state.db</c>, with its statements prepared. For one thread at a time.</summary>
internal sealed class StateWriter : IDisposable
{
    /// <summary>Dead letters kept; the log keeps them all for its own time.</summary>
    public const int MaxDeadLetters = 100_000;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _device;
    private readonly SqliteCommand _alarm;
    private readonly SqliteCommand _journal;
    private readonly SqliteCommand _deadLetter;
    private readonly SqliteCommand _redecoded;
    private readonly SqliteCommand _decodedAgain;
    private readonly UnknownDeviceWriter _unknown;
    private readonly SqliteCommand _family;
    private readonly SqliteCommand _trim;
    private readonly SqliteCommand _meta;

    public StateWriter(SqliteConnection connection)
    {
        _connection = connection;
        _device = Prepare(connection, "INSERT INTO devices VALUES ($id, $json) ON CONFLICT (id) DO UPDATE SET json = excluded.json", "$id", "$json");
        _alarm = Prepare(
            connection,
            """
            INSERT INTO alarms VALUES ($id, $raised_at, $cleared_at, $state, $kind, $severity, $family, $district, $device, $json)
            ON CONFLICT (id) DO UPDATE SET raised_at = excluded.raised_at, cleared_at = excluded.cleared_at, state = excluded.state, kind = excluded.kind,
                severity = excluded.severity, family = excluded.family, district = excluded.district, device = excluded.device, json = excluded.json
            """,
            "$id", "$raised_at", "$cleared_at", "$state", "$kind", "$severity", "$family", "$district", "$device", "$json");
        _journal = Prepare(connection, "INSERT INTO journal VALUES ($position, $ordinal, $line, $alarm)", "$position", "$ordinal", "$line", "$alarm");
        _deadLetter = Prepare(
            connection,
            "INSERT INTO dead_letters (position, time, topic, reason, detail, payload, sender) VALUES ($position, $time, $topic, $reason, $detail, $payload, $sender)",
            "$position", "$time", "$topic", "$reason", "$detail", "$payload", "$sender");
        _redecoded = Prepare(connection, "UPDATE dead_letters SET redecoded_at = $time, readings = readings + $readings WHERE position = $letter", "$letter", "$time", "$readings");
        _decodedAgain = Prepare(
            connection,
            "UPDATE dead_letters SET reason = $reason, detail = $detail, readings = readings + $readings WHERE position = $letter",
            "$letter", "$readings", "$reason", "$detail");
        _unknown = new UnknownDeviceWriter(connection);
        _family = Prepare(
            connection,
            "INSERT OR IGNORE INTO families VALUES ($family, $position, $time, $hash, $text, $changed_by, $approved_by)",
            "$family", "$position", "$time", "$hash", "$text", "$changed_by", "$approved_by");
        _trim = Prepare(connection, "DELETE FROM dead_letters WHERE position IN (SELECT position FROM dead_letters ORDER BY position LIMIT $count)", "$count");
        _meta = Prepare(connection, "UPDATE meta SET position = $position, dead_letters = $dead_letters", "$position", "$dead_letters");
        Position = StateSchema.Scalar(connection, "SELECT position FROM meta");
        DeadLetters = StateSchema.Scalar(connection, "SELECT dead_letters FROM meta");
    }

    public long Position { get; private set; }

    /// <summary>Rows in dead_letters.</summary>
    public long DeadLetters { get; private set; }

    public void Apply(ProjectionBatch batch)
    {
        using var transaction = _connection.BeginTransaction();
        foreach (var device in batch.Devices)
            Run(_device, transaction, device.Id, JsonSerializer.Serialize(device, StateJson.Default.Device));
        foreach (var transition in batch.Transitions)
        {
            if (transition.Position > Position)
                Add(transition, transaction);
        }
        foreach (var family in batch.Families ?? [])
            Run(_family, transaction, family.Family, family.Position, family.Time, family.Hash, family.Text, family.By, family.ApprovedBy);
        _unknown.Apply(batch.DeadLetters.Where(letter => letter.Position > Position), batch.Devices, transaction);
        var letters = AddDeadLetters(batch.DeadLetters, transaction);
        foreach (var redecoded in batch.Redecoded ?? [])
        {
            if (redecoded.Position > Position)
                Mark(redecoded, transaction);
        }
        Run(_meta, transaction, batch.Position, letters);
        transaction.Commit();
        (Position, DeadLetters) = (batch.Position, letters);
    }

    /// <summary>Bounds the file, so that a test can fill its disk.</summary>
    public void Limit(int pages) => StateSchema.Execute(_connection, FormattableString.Invariant($"PRAGMA max_page_count = {pages}"));

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_device, _alarm, _journal, _deadLetter, _redecoded, _decodedAgain, _family, _trim, _meta])
            command.Dispose();
        _unknown.Dispose();
        _connection.Dispose();
    }

    private void Add(AlarmTransition transition, SqliteTransaction transaction)
    {
        var alarm = transition.Alarm;
        var json = JsonSerializer.Serialize(alarm, StateJson.Default.Alarm);
        Run(_journal, transaction, transition.Position, transition.Ordinal, AlarmJson.JournalLine(transition), json);
        Run(
            _alarm,
            transaction,
            alarm.Id,
            alarm.RaisedAt,
            alarm.ClearedAt,
            AlarmJson.Name(alarm.State),
            AlarmJson.Name(alarm.Kind),
            AlarmJson.Name(alarm.Severity),
            alarm.Family,
            alarm.District,
            alarm.Device,
            json);
    }

    /// <returns>How many there are afterwards.</returns>
    private long AddDeadLetters(IReadOnlyList<DeadLetterEntry> letters, SqliteTransaction transaction)
    {
        var count = DeadLetters;
        foreach (var letter in letters)
        {
            if (letter.Position <= Position)
                continue;
            Run(_deadLetter, transaction, letter.Position, letter.Time, letter.Topic, letter.Reason, letter.Detail, letter.Payload, LetterSender.Of(letter.Topic, letter.Detail));
            count++;
        }
        if (count <= MaxDeadLetters)
            return count;
        Run(_trim, transaction, count - MaxDeadLetters);
        return MaxDeadLetters;
    }

    private void Mark(RedecodedEntry entry, SqliteTransaction transaction)
    {
        if (entry.Reason is null)
            Run(_redecoded, transaction, entry.Letter, entry.Time, entry.Readings);
        else
            Run(_decodedAgain, transaction, entry.Letter, entry.Readings, entry.Reason, entry.Detail);
    }

    internal static SqliteCommand Prepare(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        command.Prepare();
        return command;
    }

    internal static void Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        command.ExecuteNonQuery();
    }
}
