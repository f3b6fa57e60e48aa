using System.Text.Json;
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

    private sealed record AccountRow(string Name, string Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, string Password, DateTimeOffset? OneTimeUntil, bool Disabled, DateTimeOffset? LastLogin);

    private sealed record TokenRow(
        string Id, string Owner, string Name, string Hash, string Role, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, DateTimeOffset Made, DateTimeOffset Expires, DateOnly? LastUsed);

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
    public IReadOnlyList<Account> Accounts() => [.. Rows<AccountRow>("accounts").Select(row => new Account(
        row.Name, RoleOf(row.Role), new Scope(row.Districts, row.Families), PasswordHash.Parse(row.Password).Hash ?? throw Damaged($"the password of {row.Name}"), row.OneTimeUntil, row.Disabled) { LastLogin = row.LastLogin })];

    /// <exception cref="InvalidDataException">Likewise.</exception>
    public IReadOnlyList<IssuedToken> Tokens() => [.. Rows<TokenRow>("tokens").Select(row => new IssuedToken(
        row.Id, row.Owner, row.Name, row.Hash, RoleOf(row.Role), new Scope(row.Districts, row.Families), row.Made, row.Expires, row.LastUsed))];

    public void Save(Account account) => Write("INSERT OR REPLACE INTO accounts VALUES ($key, $json)", account.Name, new AccountRow(
        account.Name, account.Role.Name(), account.Scope.Districts, account.Scope.Families, account.Password.Text, account.OneTimeUntil, account.Disabled, account.LastLogin));

    public void Save(IssuedToken token) => Write("INSERT OR REPLACE INTO tokens VALUES ($key, $json)", token.Id, new TokenRow(
        token.Id, token.Owner, token.Name, token.Hash, token.Role.Name(), token.Scope.Districts, token.Scope.Families, token.Made, token.Expires, token.LastUsed));

    public void DeleteToken(string id) => Write<object?>("DELETE FROM tokens WHERE id = $key", id, null);

    public void Dispose() => _connection.Dispose();

    private static void CreateForOwnerAlone(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (OperatingSystem.IsWindows() || File.Exists(path))
            return;
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
    }

    private IEnumerable<T> Rows<T>(string table)
    {
        foreach (var json in _connection.Rows($"SELECT json FROM {table}", row => row.GetString(0)))
        {
            T? row;
            try
            {
                row = JsonSerializer.Deserialize<T>(json);
            }
            catch (JsonException)
            {
                throw Damaged($"a row of {table}");
            }
            yield return row ?? throw Damaged($"a row of {table}");
        }
    }

    private void Write<T>(string sql, string key, T row)
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.Parameters.AddWithValue("$key", key);
            if (row is not null)
                command.Parameters.AddWithValue("$json", JsonSerializer.Serialize(row));
            command.ExecuteNonQuery();
        }
        catch (SqliteException error)
        {
            throw new IOException($"{_path} can't be written: {error.Message}", error);
        }
    }

    private Role RoleOf(string name) => Roles.Find(name) ?? throw Damaged($"the role '{name}'");

    private InvalidDataException Damaged(string what) => new($"{_path}: {what} can't be read; restore the file from a backup, or move it away to begin with a new first administrator");
}
