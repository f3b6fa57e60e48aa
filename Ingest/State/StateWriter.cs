using System.Text.Json;
using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Alarms;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.State;

/// <summary>The one connection that changes <c>state.db</c>, with its statements prepared. For one thread at a time.</summary>
internal sealed class StateWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _device;
    private readonly SqliteCommand _alarm;
    private readonly SqliteCommand _journal;
    private readonly DeadLetterTable _deadLetters;
    private readonly UnknownDeviceWriter _unknown;
    private readonly MinuteTable _minutes;
    private readonly HandoverTable _handovers;
    private readonly SqliteCommand _family;
    private readonly SqliteCommand _meta;
    private readonly SqliteCommand _journalBy;

    // Null once it is noted.
    private JournalBy? _by;

    public StateWriter(SqliteConnection connection, DeadLetterOptions deadLetters, JournalBy? by)
    {
        (_connection, _by) = (connection, by);
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
        _deadLetters = new DeadLetterTable(connection, deadLetters);
        _unknown = new UnknownDeviceWriter(connection);
        _minutes = new MinuteTable(connection);
        _handovers = new HandoverTable(connection);
        _family = Prepare(
            connection,
            "INSERT OR IGNORE INTO families VALUES ($family, $position, $time, $hash, $text, $changed_by, $approved_by)",
            "$family", "$position", "$time", "$hash", "$text", "$changed_by", "$approved_by");
        _meta = Prepare(connection, "UPDATE meta SET position = $position", "$position");
        _journalBy = Prepare(
            connection,
            """
            INSERT INTO journal_by SELECT $position, $engine, $duplicate_window
            WHERE ($engine, $duplicate_window) IS NOT (SELECT engine, duplicate_window FROM journal_by ORDER BY position DESC LIMIT 1)
            """,
            "$position", "$engine", "$duplicate_window");
        Position = StateSchema.Scalar(connection, "SELECT position FROM meta");
    }

    public long Position { get; private set; }

    /// <summary>Log time of the last batch, Unix ms; 0 before the first of the process.</summary>
    public long Time { get; private set; }

    /// <summary>Lines of series that wait to be sent.</summary>
    public MinutesKept Minutes => _minutes.Kept;

    /// <summary>Rows in dead_letters.</summary>
    public long DeadLetters => _deadLetters.Kept.Count;

    public void Apply(ProjectionBatch batch)
    {
        using var transaction = _connection.BeginTransaction();
        if (_by is { } by)
            Run(_journalBy, transaction, Position + 1, by.Engine, by.DuplicateWindow);
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
        var letters = _deadLetters.Add(batch.DeadLetters, Position, batch.Time, transaction);
        foreach (var redecoded in batch.Redecoded ?? [])
        {
            if (redecoded.Position > Position)
                _deadLetters.Mark(redecoded, transaction);
        }
        foreach (var handover in batch.Handovers)
            _handovers.Set(handover, transaction);
        var minutes = _minutes.Change(batch.Minutes ?? [], Position, batch.MinutesSent, transaction);
        Run(_meta, transaction, batch.Position);
        transaction.Commit();
        _by = null;
        (Position, Time, _deadLetters.Kept, _minutes.Kept) = (batch.Position, batch.Time, letters, minutes);
    }

    public void Reserve() => SqliteReserve.Hold(_connection);

    /// <summary>Bounds the file, so that a test can fill its disk.</summary>
    public void Limit(int pages) => StateSchema.Execute(_connection, FormattableString.Invariant($"PRAGMA max_page_count = {pages}"));

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_device, _alarm, _journal, _family, _meta, _journalBy])
            command.Dispose();
        _deadLetters.Dispose();
        _unknown.Dispose();
        _minutes.Dispose();
        _handovers.Dispose();
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

    internal static SqliteCommand Prepare(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        command.Prepare();
        return command;
    }

    /// <returns>How many rows changed.</returns>
    internal static int Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command.ExecuteNonQuery();
    }
}
