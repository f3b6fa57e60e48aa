using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Api;

/// <summary>Changes who may log in: each first an entry of the log, so that nothing is changed of which nobody knows who did it. One at a time, over all nodes of a cluster. Each may be refused with 503 <c>accounts_away</c> there.</summary>
public sealed class AccountChanges(SecurityParts security, SecurityOptions options, LogWriting log, TimeProvider time) : IDisposable
{
    /// <summary>The reason where PostgreSQL, in which the nodes share them, does not answer.</summary>
    public const string Away = "accounts_away";

    private readonly SemaphoreSlim _turn = new(1);

    /// <exception cref="ApiException">404: the service keeps no accounts.</exception>
    public Accounts Accounts => security.Users?.Accounts ?? throw ApiException.NotFound("no_accounts", "the service keeps no accounts: start it with --Security:Accounts=true");

    /// <exception cref="ApiException">404: no account of this name, which may be the users' file's.</exception>
    public Account NeedOwn(string name) => Accounts.Find(name) is { } account && !IsOfFile(name) ? account : throw Unknown(name);

    /// <returns>The account, and its one-time password.</returns>
    /// <exception cref="ApiException">400 <c>bad_account</c>; 409: the name is taken, or too many.</exception>
    public Task<(Account Account, string Password)> CreateAsync(string name, Role role, Scope scope, string by, CancellationToken cancellationToken) => InTurnAsync(
        async turn =>
        {
            if (!UserFile.IsName(name))
                throw ApiException.BadRequest("bad_account", $"name: 1 to {UserFile.MaxName} characters, no control characters and no blanks around it");
            if (Accounts.Find(name) is not null || IsOfFile(name))
                throw ApiException.Conflict("name_taken", $"there is somebody of the name '{name}'; names are never given twice, since the log tells people apart by them");
            if (Accounts.All.Count >= Accounts.MostAccounts)
                throw ApiException.Conflict("too_many_accounts", $"{Accounts.MostAccounts} accounts are the most");
            var (password, hash, until) = Accounts.NewOneTimePassword();
            var account = new Account(name, role, scope, hash, until, false);
            account = account with { Position = await WriteAsync(new AccountEntry(by, "create", name, Detail(account)), cancellationToken) };
            await Accounts.PutAsync(account, turn);
            return (account, password);
        },
        cancellationToken);

    /// <exception cref="ApiException">404; 409 <c>last_administrator</c>.</exception>
    public Task<Account> ChangeAsync(string name, Role role, Scope scope, bool disabled, string by, CancellationToken cancellationToken) => InTurnAsync(
        async turn =>
        {
            var before = NeedOwn(name);
            var after = before with { Role = role, Scope = scope, Disabled = disabled };
            if (IsAdministrator(before) && !IsAdministrator(after) && !Accounts.All.Any(other => other.Name != before.Name && IsAdministrator(other)) && !options.Users.HasAdministrator)
                throw ApiException.Conflict("last_administrator", "nobody would be left who may change accounts; make another administrator first");
            if (before.Role != role || Detail(before) != Detail(after))
                after = after with { Position = await WriteAsync(new AccountEntry(by, "change", before.Name, Detail(after)), cancellationToken) };
            if (before.Disabled != disabled)
                after = after with { Position = await WriteAsync(new AccountEntry(by, disabled ? "disable" : "enable", before.Name), cancellationToken) };
            await Accounts.PutAsync(after, turn);
            return after;
        },
        cancellationToken);

    /// <summary>For somebody who has forgotten it. Every session of that person ends.</summary>
    /// <exception cref="ApiException">404.</exception>
    public Task<(Account Account, string Password)> ResetAsync(string name, string by, CancellationToken cancellationToken) => InTurnAsync(
        async turn =>
        {
            var (password, hash, until) = Accounts.NewOneTimePassword();
            var account = NeedOwn(name) with { Password = hash, OneTimeUntil = until };
            account = account with { Position = await WriteAsync(new AccountEntry(by, "one-time-password", account.Name), cancellationToken) };
            await Accounts.PutAsync(account, turn);
            return (account, password);
        },
        cancellationToken);

    /// <returns>Whose sessions are good from now on.</returns>
    /// <exception cref="ApiException">400 <c>weak_password</c>; 404.</exception>
    public Task<User> SetPasswordAsync(string name, string password, CancellationToken cancellationToken) => InTurnAsync(
        async turn =>
        {
            var account = NeedOwn(name);
            if (PasswordRules.Wrong(password, account.Name) is { } wrong)
                throw ApiException.BadRequest("weak_password", $"next: {wrong}");
            var position = await WriteAsync(new AccountEntry(account.Name, "password", account.Name), cancellationToken);
            await Accounts.PutAsync(account with { Password = PasswordHash.Create(Secrets.Utf8(password)), OneTimeUntil = null, Position = position }, turn);
            return security.Users!.Owner(name) ?? throw Unknown(name);
        },
        cancellationToken);

    /// <param name="wanted">Null in it stands for all that the owner sees.</param>
    /// <exception cref="ApiException">400 <c>bad_token</c>; 403 <c>by_token</c>, <c>no_account</c>, <c>role</c>, <c>scope</c>: more than the owner may; 409: too many.</exception>
    public Task<(IssuedToken Token, string Secret)> IssueAsync(User owner, string name, Role role, Scope wanted, DateTimeOffset expires, CancellationToken cancellationToken) => InTurnAsync(
        async turn =>
        {
            var scope = new Scope(wanted.Districts ?? owner.Scope.Districts, wanted.Families ?? owner.Scope.Families);
            CheckToken(owner, name, role, scope, expires);
            if (Accounts.TokensOf(owner.Name).Count >= Accounts.MostTokens)
                throw ApiException.Conflict("too_many_tokens", $"{Accounts.MostTokens} tokens are the most; revoke some");
            var secret = ApiToken.New();
            var token = new IssuedToken(Secrets.Base64Url(9), owner.Name, name, ApiToken.HashOf(secret), role, scope, time.GetUtcNow(), expires, null);
            await WriteAsync(new AccountEntry(owner.Name, "create-token", owner.Name, $"{token.Id} '{name}': {role.Name()}, {scope}, until {expires.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"), cancellationToken);
            await Accounts.AddAsync(token, turn);
            return (token, secret);
        },
        cancellationToken);

    /// <param name="by">The owner, or an administrator of the whole city.</param>
    /// <exception cref="ApiException">404: no such token of this person.</exception>
    public Task<IssuedToken> RevokeAsync(string owner, string id, string by, CancellationToken cancellationToken) => InTurnAsync(
        async turn =>
        {
            if (Accounts.TokensOf(owner).FirstOrDefault(token => token.Id == id) is not { } token)
                throw ApiException.NotFound("unknown_token", $"'{owner}' has no token '{id}'");
            await WriteAsync(new AccountEntry(by, "revoke-token", owner, id), cancellationToken);
            await Accounts.RevokeAsync(token, turn);
            return token;
        },
        cancellationToken);

    /// <summary>The one who makes the others, where there is nobody yet; null where there is. Of the nodes of a cluster one makes it.</summary>
    public async Task<string?> FirstAdministratorAsync(CancellationToken cancellationToken)
    {
        if (security.Users?.Accounts is not { } accounts || accounts.HasAdministrator || options.Users.HasAdministrator)
            return null;
        return await InTurnAsync(
            async turn =>
            {
                if (accounts.HasAdministrator)
                    return null;
                var (password, hash, until) = accounts.NewOneTimePassword();
                var first = new Account(Accounts.First, Role.Administrator, Scope.City, hash, until, false);
                first = first with { Position = await WriteAsync(new AccountEntry("service", "create", first.Name, Detail(first)), cancellationToken) };
                await accounts.PutAsync(first, turn);
                return password;
            },
            cancellationToken);
    }

    public void Dispose() => _turn.Dispose();

    private void CheckToken(User owner, string name, Role role, Scope scope, DateTimeOffset expires)
    {
        // A stolen token must end when it is revoked, and leave no other behind.
        if (owner.IsIssued)
            throw new ApiException(StatusCodes.Status403Forbidden, "by_token", "a token makes no tokens; log in yourself");
        if (security.Users!.Owner(owner.Name) is null)
            throw new ApiException(StatusCodes.Status403Forbidden, "no_account", "whoever logs in through another service has no tokens here: nobody would say when they must end");
        if (!UserFile.IsName(name))
            throw ApiException.BadRequest("bad_token", $"name: 1 to {UserFile.MaxName} characters that say what it is for");
        if (role > owner.Role)
            throw new ApiException(StatusCodes.Status403Forbidden, "role", $"role: at most {owner.Role.Name()}, your own");
        if (!owner.Scope.Covers(scope))
            throw AccessGuard.OutOfScope($"a token sees no more than you, and you see {owner.Scope}");
        var now = time.GetUtcNow();
        if (expires <= now || expires > now + Accounts.LongestToken)
            throw ApiException.BadRequest("bad_token", $"expires: a time to come, within {Accounts.LongestToken.TotalDays:0} d");
    }

    private static bool IsAdministrator(Account account) => account is { Role: Role.Administrator, Scope.IsCity: true, Disabled: false };

    private static string Detail(Account account) => $"{account.Role.Name()}, {account.Scope}";

    private static ApiException Unknown(string name) => ApiException.NotFound("unknown_account", $"there is no account '{name}'; people of Security:UsersFile are changed there");

    private bool IsOfFile(string name) => security.Users?.IsOfFile(name) == true;

    private Task<long> WriteAsync(AccountEntry entry, CancellationToken cancellationToken) => log.WriteAsync([entry], LogWriting.Patience, cancellationToken);

    private async Task<T> InTurnAsync<T>(Func<SharedTurn?, Task<T>> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await using var turn = await TurnAsync(cancellationToken);
            return await change(turn);
        }
        catch (IOException error) when (Accounts.IsShared)
        {
            throw IsAway($"it is not known whether this stands ({error.Message}). Look at it again once PostgreSQL answers, and repeat it if it does not");
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<SharedTurn?> TurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Accounts.TurnAsync(cancellationToken);
        }
        catch (IOException error)
        {
            throw IsAway($"nothing was changed: the nodes share their accounts in PostgreSQL ({error.Message}). Who is logged in stays so, and logging in goes on; repeat this once PostgreSQL answers (Cluster:Postgres)");
        }
    }

    private static ApiException IsAway(string detail) => new(StatusCodes.Status503ServiceUnavailable, Away, detail);
}
