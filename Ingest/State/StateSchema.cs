using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Decoding;

namespace Telemetry.Ingest.State;

/// <summary>The tables of <c>state.db</c>.</summary>
internal static class StateSchema
{
    private const int Version = 1;

    // The alarms' columns are those that the list filters and sorts by; the record itself is the JSON.
    private const string Create = """
        CREATE TABLE meta (position INTEGER NOT NULL, dead_letters INTEGER NOT NULL);
        INSERT INTO meta VALUES (0, 0);
        CREATE TABLE devices (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE alarms (
            id TEXT PRIMARY KEY, raised_at INTEGER NOT NULL, cleared_at INTEGER, state TEXT NOT NULL, kind TEXT NOT NULL,
            severity TEXT NOT NULL, family TEXT NOT NULL, district TEXT, device TEXT NOT NULL, json TEXT NOT NULL);
        CREATE INDEX alarms_newest ON alarms (raised_at DESC, id);
        CREATE INDEX alarms_of_device ON alarms (device, raised_at DESC, id);
        CREATE INDEX alarms_open ON alarms (raised_at DESC, id) WHERE state <> 'normal';
        CREATE TABLE journal (
            position INTEGER NOT NULL, ordinal INTEGER NOT NULL, line TEXT NOT NULL, alarm TEXT NOT NULL,
            PRIMARY KEY (position, ordinal)) WITHOUT ROWID;
        CREATE INDEX journal_of_alarm ON journal (json_extract(alarm, '$.id'), position, ordinal);
        CREATE TABLE dead_letters (
            position INTEGER PRIMARY KEY, time INTEGER NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, payload BLOB NOT NULL);
        PRAGMA user_version = 1;
        """;

    // Beside the version: a database of an earlier one gets it too. What was in force before stands in the log alone.
    private const string CreateFamilies = """
        CREATE TABLE IF NOT EXISTS families (
            family TEXT NOT NULL, position INTEGER NOT NULL, time INTEGER NOT NULL, hash TEXT NOT NULL, text TEXT NOT NULL, changed_by TEXT, approved_by TEXT,
            PRIMARY KEY (family, position)) WITHOUT ROWID;
        """;

    // Likewise. The rest of dead_letters' columns, which an earlier version has not made, AddColumns adds.
    private const string CreateUnknownDevices = """
        CREATE TABLE IF NOT EXISTS unknown_devices (
            wire_id TEXT PRIMARY KEY COLLATE NOCASE, format TEXT NOT NULL, topic TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            letters INTEGER NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS unknown_devices_by_age ON unknown_devices (last_seen, wire_id);
        CREATE TABLE IF NOT EXISTS unknown_dropped (count INTEGER NOT NULL);
        INSERT INTO unknown_dropped SELECT 0 WHERE NOT EXISTS (SELECT * FROM unknown_dropped);
        CREATE INDEX IF NOT EXISTS dead_letters_to_decode ON dead_letters (reason, sender, position) WHERE redecoded_at IS NULL;
        """;

    // Likewise. What stands here waits to be sent.
    private const string CreateMinutes = "CREATE TABLE IF NOT EXISTS series_minutes (time INTEGER PRIMARY KEY, count INTEGER NOT NULL, lines BLOB NOT NULL)";

    // Likewise. Who wrote the journal from a position on; what stands before the first one was written by nobody knows whom.
    private const string CreateJournalBy = "CREATE TABLE IF NOT EXISTS journal_by (position INTEGER PRIMARY KEY, engine TEXT NOT NULL, duplicate_window INTEGER NOT NULL)";

    // Likewise. The document stands byte for byte as the log has it.
    private const string CreateHandovers = "CREATE TABLE IF NOT EXISTS handovers (id INTEGER PRIMARY KEY, position TEXT NOT NULL, json TEXT NOT NULL, document TEXT NOT NULL)";

    /// <summary>Makes the connection a durable writer and the database one of this version.</summary>
    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    public static void Prepare(SqliteConnection connection, string path)
    {
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        var version = Scalar(connection, "PRAGMA user_version");
        if (version > Version)
            throw new InvalidDataException($"{path} has schema {version}; this version knows schemas up to {Version}. Run the newer version, or move the file away to have it rebuilt from the log.");
        using var transaction = connection.BeginTransaction();
        if (version < Version)
            Execute(connection, Create);
        Execute(connection, CreateFamilies);
        AddColumns(connection);
        Execute(connection, CreateUnknownDevices);
        Execute(connection, CreateMinutes);
        Execute(connection, CreateJournalBy);
        Execute(connection, CreateHandovers);
        transaction.Commit();
    }

    private static void AddColumns(SqliteConnection connection)
    {
        if (!HasColumn(connection, "received"))
            Execute(connection, "ALTER TABLE dead_letters ADD COLUMN received INTEGER NOT NULL DEFAULT 0");
        if (HasColumn(connection, "sender"))
            return;
        Execute(
            connection,
            """
            ALTER TABLE dead_letters ADD COLUMN sender TEXT COLLATE NOCASE;
            ALTER TABLE dead_letters ADD COLUMN redecoded_at INTEGER;
            ALTER TABLE dead_letters ADD COLUMN readings INTEGER NOT NULL DEFAULT 0;
            """);
        connection.CreateFunction("sender_of", (string topic, string detail) => LetterSender.Of(topic, detail), isDeterministic: true);
        Execute(connection, "UPDATE dead_letters SET sender = sender_of(topic, detail)");
    }

    private static bool HasColumn(SqliteConnection connection, string column) =>
        Scalar(connection, $"SELECT count(*) FROM pragma_table_info('dead_letters') WHERE name = '{column}'") > 0;

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
