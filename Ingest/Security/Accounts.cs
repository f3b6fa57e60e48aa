using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Security;

/// <summary>The service's own accounts and the tokens that people have made, in memory as on the disk; in a cluster a copy of those that all nodes share. Any thread. Who may change what is judged before.</summary>
public sealed partial class Accounts : IDisposable
{
    public static readonly TimeSpan OneTime = TimeSpan.FromHours(24), LongestToken = TimeSpan.FromDays(400);

    public const int MostAccounts = 10_000, MostTokens = 50;

    /// <summary>What the first administrator is called.</summary>
    public const string First = "admin";

    private readonly AccountDatabase _database;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    // Names that differ in case alone would pass for one another in the log.
    private readonly Dictionary<string, Account> _accounts;
    private readonly Dictionary<string, IssuedToken> _byHash;

    /// <exception cref="IOException">The file can't be opened or created.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of a newer version.</exception>
    public Accounts(string path, TimeProvider time, SharedLists? shared = null)
    {
        _time = time;
        _database = new AccountDatabase(path);
        _accounts = _database.Accounts().ToDictionary(account => account.Name, StringComparer.OrdinalIgnoreCase);
        _byHash = _database.Tokens().ToDictionary(token => token.Hash, StringComparer.Ordinal);
        _heard = new Dictionary<string, long>(_database.Heard(), StringComparer.Ordinal);
        if (shared is null)
            return;
        (_shared, _position) = (shared.People, shared.Position);
        _shared.Copy(Own, Take);
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<Account> All
    {
        get
        {
            lock (_gate)
                return [.. _accounts.Values.OrderBy(account => account.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Somebody can log in and make accounts.</summary>
    public bool HasAdministrator => All.Any(account => account is { Role: Role.Administrator, Scope.IsCity: true, Disabled: false } && !(account.OneTimeUntil <= _time.GetUtcNow()));

    public Account? Find(string name)
    {
        lock (_gate)
            return _accounts.GetValueOrDefault(name);
    }

    public IssuedToken? FindToken(string hash)
    {
        lock (_gate)
            return _byHash.GetValueOrDefault(hash) is { } token && !IsOutdated(KeyOf(token), 0) ? token : null;
    }

    /// <summary>By owner, the newest first.</summary>
    public IReadOnlyList<IssuedToken> Tokens
    {
        get
        {
            lock (_gate)
                return [.. _byHash.Values.OrderBy(token => token.Owner, StringComparer.Ordinal).ThenByDescending(token => token.Made).ThenBy(token => token.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<IssuedToken> TokensOf(string owner) => [.. Tokens.Where(token => token.Owner == owner)];

    /// <summary>Enters or replaces an account.</summary>
    /// <param name="turn">Where the list is shared.</param>
    /// <exception cref="IOException">It may stand or not.</exception>
    public Task PutAsync(Account account, SharedTurn? turn) => ChangeAsync(turn, RowOf(account), () =>
    {
        _database.Save(account);
        _accounts[account.Name] = account;
    });

    /// <summary>A password that is to be said to the person: good for 24 h, for nothing but setting another.</summary>
    public (string Password, PasswordHash Hash, DateTimeOffset Until) NewOneTimePassword()
    {
        // Read aloud over a telephone: no letter that looks like another, in fours. 99 random bits.
        var password = string.Join('-', Secrets.Letters(20).Chunk(4).Select(four => new string(four)));
        return (password, PasswordHash.Create(Secrets.Utf8(password)), _time.GetUtcNow() + OneTime);
    }

    /// <summary>Notes that somebody has come in with the password; nothing where the name is not of an account.</summary>
    public void LoggedIn(string name)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(name, out var account))
                return;
            _accounts[name] = account with { LastLogin = _time.GetUtcNow() };
            try
            {
                _database.Save(_accounts[name]);
            }
            catch (IOException)
            {
                // A time in a list is no reason to keep a person out.
            }
            _shared?.Note(KeyOf(account), Used(_accounts[name]));
        }
    }

    /// <param name="turn">Where the list is shared.</param>
    /// <exception cref="IOException">It may stand or not.</exception>
    public Task AddAsync(IssuedToken token, SharedTurn? turn) => ChangeAsync(turn, RowOf(token), () =>
    {
        _database.Save(token);
        _byHash[token.Hash] = token;
    });

    /// <param name="turn">Where the list is shared.</param>
    /// <exception cref="IOException">It may still be good.</exception>
    public Task RevokeAsync(IssuedToken token, SharedTurn? turn) => ChangeAsync(turn, new SharedRow(KeyOf(token), null, Ends: token.Expires.ToUnixTimeMilliseconds()), () =>
    {
        _database.DeleteToken(token.Id);
        _byHash.Remove(token.Hash);
    });

    /// <summary>Notes the day; at most one write a day for each token.</summary>
    public void Used(IssuedToken token)
    {
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        if (token.LastUsed == today)
            return;
        lock (_gate)
        {
            if (!_byHash.ContainsKey(token.Hash))
                return;
            _byHash[token.Hash] = token with { LastUsed = today };
            try
            {
                _database.Save(_byHash[token.Hash]);
            }
            catch (IOException)
            {
                // A day in a list is no reason to keep a program out; the next one of the day that changes it says so.
            }
            _shared?.Note(KeyOf(token), today.DayNumber);
        }
    }

    public void Dispose() => _database.Dispose();

    /// <summary>By the turn of the shared list; here alone where there is none.</summary>
    private async Task ChangeAsync(SharedTurn? turn, SharedRow row, Action here)
    {
        if (turn is not null)
        {
            await turn.WriteAsync(row);
            return;
        }
        lock (_gate)
            here();
    }
}
