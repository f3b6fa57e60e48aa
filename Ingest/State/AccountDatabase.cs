using Microsoft.Data.Sqlite;
using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.State;

/// <summary>
/// <c>people.db</c>: accounts and issued tokens, each row a JSON text. No projection of the log: what opens a door does not belong into a log that is exported and kept for years.
/// Each change is on the disk when the call returns.
/// </summary>
internal sealed class AccountDatabase : IDisposable
{
    private const int Version = 1;

    private readonly SqliteConnection _connection;
    private readonly string _path;

    /// <exception cref="IOException">It can't be opened or created.</exception>
    /// <exception cref="InvalidDataException">A newer version wrote it, or it is damaged.</exception>
    public AccountDatabase(string path)
    {
        _path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            CreateForOwnerAlone(path);
            _connection.Open();
            StateSchema.Execute(_connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
            var version = StateSchema.Scalar(_connection, "PRAGMA user_version");
            if (version > Version)
                throw new InvalidDataException($"{path} has schema {version}; this version knows schemas up to {Version}. Run the newer version");
            StateSchema.Execute(_connection, $"""
                CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS tokens (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS heard (key TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
                PRAGMA user_version = {Version};
                """);
        }
        catch (SqliteException error)
        {
            _connection.Dispose();
            throw new IOException($"{path} can't be opened: {error.Message}", error);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidDataException">A row says nothing that this version understands: nobody must be let in or kept out by a guess.</exception>
    public IReadOnlyList<Account> Accounts() => [.. Rows("accounts").Select(json => Read(json, AccountJson.Account))];

    /// <exception cref="InvalidDataException">Likewise.</exception>
    public IReadOnlyList<IssuedToken> Tokens() => [.. Rows("tokens").Select(json => Read(json, AccountJson.Token))];

    /// <summary>In a cluster: at which position the log last took something from an account or a token that this copy may not know of.</summary>
    public IReadOnlyDictionary<string, long> Heard() => _connection.Rows("SELECT key, position FROM heard", row => (Key: row.GetString(0), Position: row.GetInt64(1))).ToDictionary(row => row.Key, row => row.Position, StringComparer.Ordinal);

    public void Save(Account account) => Write("INSERT OR REPLACE INTO accounts VALUES ($key, $value)", account.Name, AccountJson.Of(account));

    public void Save(IssuedToken token) => Write("INSERT OR REPLACE INTO tokens VALUES ($key, $value)", token.Id, AccountJson.Of(token));

    public void DeleteToken(string id) => Write("DELETE FROM tokens WHERE id = $key", id, null);

    public void SaveHeard(string key, long position) => Write("INSERT OR REPLACE INTO heard VALUES ($key, $value)", key, position);

    public void DeleteHeard(string key) => Write("DELETE FROM heard WHERE key = $key", key, null);

    /// <summary>Several changes, all of them or none.</summary>
    public void AtOnce(Action changes)
    {
        Write("BEGIN IMMEDIATE", "", null);
        try
        {
            changes();
            Write("COMMIT", "", null);
        }
        catch
        {
            Write("ROLLBACK", "", null);
            throw;
        }
    }

    /// <summary>Neither accounts nor tokens.</summary>
    public void Clear() => Write("DELETE FROM accounts; DELETE FROM tokens", "", null);

    public void Dispose() => _connection.Dispose();

    private static void CreateForOwnerAlone(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (OperatingSystem.IsWindows() || File.Exists(path))
            return;
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
    }

    private List<string> Rows(string table) => _connection.Rows($"SELECT json FROM {table}", row => row.GetString(0));

    private void Write(string sql, string key, object? value)
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.Parameters.AddWithValue("$key", key);
            if (value is not null)
                command.Parameters.AddWithValue("$value", value);
            command.ExecuteNonQuery();
        }
        catch (SqliteException error)
        {
            throw new IOException($"{_path} can't be written: {error.Message}", error);
        }
    }

    private T Read<T>(string json, Func<string, T> read)
    {
        try
        {
            return read(json);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{_path}: {error.Message}; restore the file from a backup, or move it away to begin with a new first administrator", error);
        }
    }
}
