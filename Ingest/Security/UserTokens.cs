using System.Text;

namespace Telemetry.Ingest.Security;

/// <summary>Whose token it is, by the users' file as it stands now.</summary>
public sealed class UserTokens(WatchedFile<UserList> users, TimeProvider time)
{
    /// <summary>The user, or why not (<see cref="LoginRefusal"/>).</summary>
    public (User? User, string Refusal) Find(string token) => FindByHash(ApiToken.HashOf(Encoding.UTF8.GetBytes(token)));

    /// <summary>The user as the file has him now, by the hash of a token that was shown before; null once it is revoked or has expired.</summary>
    public User? Still(string tokenHash) => FindByHash(tokenHash).User;

    private (User? User, string Refusal) FindByHash(string hash)
    {
        if (users.Current.FindByTokenHash(hash) is not { } user)
            return (null, LoginRefusal.UnknownToken);
        return user.Expires is { } end && time.GetUtcNow() >= end ? (null, LoginRefusal.ExpiredToken) : (user, "");
    }
}
