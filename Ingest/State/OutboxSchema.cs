using Microsoft.Data.Sqlite;

namespace Telemetry.Ingest.State;

/// <summary>The tables of <c>notify.db</c>. Unlike <c>state.db</c> it is no projection: what was sent stands nowhere else.</summary>
internal static class OutboxSchema
{
    private const int Version = 2;

    private const string Create = """
        CREATE TABLE place (log TEXT NOT NULL, position INTEGER NOT NULL);
        CREATE TABLE escalation (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE messages (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, json TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE TABLE message_alarms (alarm TEXT NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (alarm, message)) WITHOUT ROWID;
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY, message INTEGER NOT NULL, receiver TEXT NOT NULL, ways TEXT NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL, kind INTEGER NOT NULL,
            way INTEGER NOT NULL, tries INTEGER NOT NULL, attempts INTEGER NOT NULL, round INTEGER NOT NULL, since INTEGER, begun INTEGER, next_at INTEGER NOT NULL,
            UNIQUE (message, receiver));
        CREATE INDEX deliveries_open ON deliveries (channel, kind, next_at) WHERE state = 'Open';
        CREATE TABLE attempts (id INTEGER PRIMARY KEY, message INTEGER NOT NULL, receiver TEXT NOT NULL, channel TEXT NOT NULL, at INTEGER NOT NULL, result TEXT NOT NULL, detail TEXT, tries INTEGER NOT NULL);
        CREATE INDEX attempts_of_message ON attempts (message, id);
        CREATE TABLE dead_channels (channel TEXT PRIMARY KEY, since INTEGER NOT NULL, reason TEXT) WITHOUT ROWID;
        """;

    // Since version 2. How a message is answered: by the link in it, or by its code from the recipient's phone; and the replies that came with a number of their own.
    private const string CreateAnswers = """
        CREATE TABLE answers (message INTEGER PRIMARY KEY, recipient TEXT NOT NULL, code TEXT NOT NULL, link TEXT NOT NULL UNIQUE);
        CREATE INDEX answers_by_code ON answers (recipient, code);
        CREATE TABLE replies (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
        PRAGMA user_version = 2;
        """;

    // Beside the version: a database of an earlier one gets it too.
    private const string CreateProofs = """
        CREATE TABLE IF NOT EXISTS proofs (
            id TEXT PRIMARY KEY, at INTEGER NOT NULL, channel TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, asked_by TEXT, code TEXT NOT NULL, due_at INTEGER NOT NULL,
            key TEXT NOT NULL, confirmed_at INTEGER, confirmed_by TEXT) WITHOUT ROWID;
        """;

    // Likewise. at in Unix ms.
    private const string CreateBrowsers = """
        CREATE TABLE IF NOT EXISTS browsers (endpoint TEXT PRIMARY KEY, person TEXT NOT NULL, p256dh TEXT NOT NULL, auth TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        """;

    // Likewise. Asked for each second.
    private const string CreateOwed = $"CREATE INDEX IF NOT EXISTS attempts_owed ON attempts (id) WHERE detail = '{OutboxDatabase.Owed}'";

    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    public static void Prepare(SqliteConnection connection, string path)
    {
        StateSchema.Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
        var version = StateSchema.Scalar(connection, "PRAGMA user_version");
        if (version > Version)
            throw new InvalidDataException($"{path} has schema {version}; this version knows schemas up to {Version}. Run the newer version");
        using var transaction = connection.BeginTransaction();
        if (version < 1)
            StateSchema.Execute(connection, Create);
        if (version < 2)
            StateSchema.Execute(connection, CreateAnswers);
        StateSchema.Execute(connection, CreateProofs);
        StateSchema.Execute(connection, CreateBrowsers);
        StateSchema.Execute(connection, CreateOwed);
        // Likewise.
        if (StateSchema.Scalar(connection, "SELECT count(*) FROM pragma_table_info('answers') WHERE name = 'sent'") == 0)
            StateSchema.Execute(connection, "ALTER TABLE answers ADD COLUMN sent INTEGER NOT NULL DEFAULT 0");
        // What a downtime took counts for nobody: the clocks of what is open begin anew.
        StateSchema.Execute(connection, "UPDATE deliveries SET since = NULL, begun = NULL WHERE state = 'Open'");
        transaction.Commit();
    }
}
