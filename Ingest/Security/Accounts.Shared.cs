using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Security;

/// <summary>
/// In a cluster: the copy of the list that all nodes share in PostgreSQL. While that is away the copy goes on letting people in, except whom the log, which each node hears by itself, has taken
/// something from since.
/// </summary>
public sealed partial class Accounts
{
    private const string AccountPrefix = "account/", TokenPrefix = "token/";

    private readonly SharedList? _shared;
    private readonly Func<long> _position = () => 0;

    /// <summary>By row: where the log last took something from it that the copy did not have then.</summary>
    private readonly Dictionary<string, long> _heard;

    /// <summary>Other nodes may change them.</summary>
    public bool IsShared => _shared is not null;

    /// <inheritdoc cref="SharedList.TurnAsync"/>
    /// <returns>Null where nobody else changes the list.</returns>
    public async Task<SharedTurn?> TurnAsync(CancellationToken cancellationToken) => _shared is null ? null : await _shared.TurnAsync(cancellationToken);

    /// <inheritdoc cref="SharedList.RefreshAsync"/>
    public Task RefreshAsync(bool isFirst = false) => _shared?.RefreshAsync(isFirst) ?? Task.CompletedTask;

    /// <summary>Lets nobody in: it is disabled, or this copy of it is known to be old.</summary>
    public bool IsShut(string name)
    {
        lock (_gate)
            return _accounts.TryGetValue(name, out var account) && (account.Disabled || IsOutdated(KeyOf(account), account.Position));
    }

    /// <summary>The log says that something was taken from an account or a token.</summary>
    public void Heard(AccountEntry entry)
    {
        if (_shared is null || TakesFrom(entry) is not { } key)
            return;
        lock (_gate)
        {
            // One without a position was never a copy: it is as its own machine left it.
            var isNews = key.StartsWith(AccountPrefix, StringComparison.Ordinal)
                ? _accounts.GetValueOrDefault(entry.Name) is { Position: > 0 } account && account.Position < entry.Position
                : _byHash.Values.Any(token => KeyOf(token) == key);
            if (!isNews)
                return;
            _heard[key] = entry.Position;
            try
            {
                _database.SaveHeard(key, entry.Position);
            }
            catch (IOException)
            {
                // It holds until a restart; rules don't wait for a disk.
            }
        }
    }

    private static string? TakesFrom(AccountEntry entry) => entry.Action switch
    {
        "change" or "disable" or "one-time-password" or "password" => AccountPrefix + entry.Name,
        "revoke-token" => TokenPrefix + entry.Detail,
        _ => null,
    };

    private bool IsOutdated(string key, long position) => _shared is { IsAway: true } && _heard.GetValueOrDefault(key) > position;

    /// <summary>What the shared list begins with: as far as the log says that this is still good.</summary>
    private List<SharedRow> Own()
    {
        var position = _position();
        lock (_gate)
        {
            var accounts = _accounts.Values.Select(account => _heard.GetValueOrDefault(KeyOf(account)) is var heard && heard > account.Position
                ? account with { Disabled = true, Position = heard } : account with { Position = Math.Max(account.Position, position) });
            return [.. accounts.Select(RowOf), .. _byHash.Values.Where(token => !_heard.ContainsKey(KeyOf(token))).Select(RowOf)];
        }
    }

    private void Take(IReadOnlyList<SharedRow> rows, bool isWhole)
    {
        var accounts = rows.Where(row => row.Value is not null && row.Key.StartsWith(AccountPrefix, StringComparison.Ordinal)).Select(AccountOf).ToList();
        var tokens = rows.Where(row => row.Value is not null && row.Key.StartsWith(TokenPrefix, StringComparison.Ordinal)).Select(TokenOf).ToList();
        var removed = rows.Where(row => row.Value is null).Select(row => row.Key).ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            // In force at once, whatever the disk says.
            if (isWhole)
            {
                _accounts.Clear();
                _byHash.Clear();
            }
            foreach (var account in accounts)
                _accounts[account.Name] = account;
            foreach (var token in tokens)
                _byHash[token.Hash] = token;
            var revoked = _byHash.Values.Where(token => removed.Contains(KeyOf(token))).ToList();
            foreach (var token in revoked)
                _byHash.Remove(token.Hash);
            var settled = _heard.Keys.Where(key => removed.Contains(key) || accounts.Any(account => KeyOf(account) == key && account.Position >= _heard[key])).ToList();
            settled.ForEach(key => _heard.Remove(key));
            _database.AtOnce(() =>
            {
                if (isWhole)
                    _database.Clear();
                accounts.ForEach(_database.Save);
                tokens.ForEach(_database.Save);
                revoked.ForEach(token => _database.DeleteToken(token.Id));
                settled.ForEach(_database.DeleteHeard);
            });
        }
    }

    private static string KeyOf(Account account) => AccountPrefix + account.Name;

    private static string KeyOf(IssuedToken token) => TokenPrefix + token.Id;

    private static SharedRow RowOf(Account account) => new(KeyOf(account), AccountJson.Of(account), Used(account));

    private static SharedRow RowOf(IssuedToken token) => new(KeyOf(token), AccountJson.Of(token), token.LastUsed?.DayNumber ?? 0);

    private static long Used(Account account) => account.LastLogin?.ToUnixTimeMilliseconds() ?? 0;

    private static Account AccountOf(SharedRow row) =>
        AccountJson.Account(row.Value!) is var account && row.Noted > Used(account) ? account with { LastLogin = DateTimeOffset.FromUnixTimeMilliseconds(row.Noted) } : account;

    private static IssuedToken TokenOf(SharedRow row) =>
        AccountJson.Token(row.Value!) is var token && row.Noted > (token.LastUsed?.DayNumber ?? 0) ? token with { LastUsed = DateOnly.FromDayNumber((int)row.Noted) } : token;
}
