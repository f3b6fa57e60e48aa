using System.Text;

namespace Telemetry.Ingest.Security;

/// <summary>Who somebody is by what was shown: a token of the users' file or one that was issued, or a name's password; as file and accounts stand now. Where both have a name, it is the file's.</summary>
/// <param name="file">Null without <c>Security:UsersFile</c>.</param>
/// <param name="accounts">Null without <c>Security:Accounts</c>.</param>
public sealed class UserTokens(WatchedFile<UserList>? file, Accounts? accounts, TimeProvider time)
{
    private const string PasswordKey = "password ";

    /// <summary>Null where the service keeps none.</summary>
    public Accounts? Accounts => accounts;

    public bool HasName(string name) => IsOfFile(name) || accounts?.Find(name) is not null;

    public bool IsOfFile(string name) => file?.Current.Has(name) == true;

    /// <summary>The user, or why not (<see cref="LoginRefusal"/>).</summary>
    public (User? User, string Refusal) Find(string token)
    {
        var found = FindByHash(ApiToken.HashOf(Encoding.UTF8.GetBytes(token)));
        if (found.User is { IsIssued: true } && accounts?.FindToken(found.User.Key) is { } issued)
            accounts.Used(issued);
        return found;
    }

    /// <summary>Who would be in with the right password, and which that is; null for nobody. What has expired or is disabled is said by <see cref="Still"/> alone: finding out takes the password.</summary>
    public (User User, PasswordHash Password)? FindByName(string name)
    {
        if (file?.Current is { } list && list.Has(name))
            return list.FindByName(name);
        return accounts?.Find(name) is { } account ? (UserOf(account), account.Password) : null;
    }

    /// <summary>The user as he stands now, by the <see cref="User.Key"/> of what was shown before; null once it is revoked, changed, disabled or expired.</summary>
    public User? Still(string key)
    {
        if (!key.StartsWith(PasswordKey, StringComparison.Ordinal))
            return FindByHash(key).User;
        var name = key[PasswordKey.Length..key.IndexOf('\n', StringComparison.Ordinal)];
        return FindByName(name) is var (user, _) && user.Key == key && IsInForce(user) && !IsDisabled(name) ? user : null;
    }

    /// <summary>The file's or the accounts' person of a name, to whom issued tokens belong; null where there is none (any more).</summary>
    public User? Owner(string name)
    {
        if (file?.Current is { } list && list.Has(name))
            return list.Person(name) is { } user && IsInForce(user) ? user : null;
        return accounts?.Find(name) is { } account && !IsDisabled(name) ? UserOf(account) : null;
    }

    internal static string KeyOf(string name, PasswordHash password) => $"{PasswordKey}{name}\n{password.Text}";

    private static User UserOf(Account account) => new(account.Name, account.Role, KeyOf(account.Name, account.Password), account.OneTimeUntil)
    {
        Scope = account.Scope,
        MustChangePassword = account.OneTimeUntil is not null,
    };

    private (User? User, string Refusal) FindByHash(string hash)
    {
        if (file?.Current.FindByTokenHash(hash) is { } user)
            return IsInForce(user) ? (user, "") : (null, LoginRefusal.ExpiredToken);
        if (accounts?.FindToken(hash) is not { } token || Owner(token.Owner) is not { } owner)
            return (null, LoginRefusal.UnknownToken);
        var issued = new User(owner.Name, (Role)Math.Min((int)token.Role, (int)owner.Role), hash, token.Expires) { Scope = owner.Scope.And(token.Scope), IsIssued = true };
        return IsInForce(issued) ? (issued, "") : (null, LoginRefusal.ExpiredToken);
    }

    private bool IsDisabled(string name) => file?.Current.Has(name) != true && accounts?.IsShut(name) == true;

    private bool IsInForce(User user) => !(user.Expires <= time.GetUtcNow());
}
