using System.Net;
using System.Security.Cryptography;

namespace Telemetry.Ingest.Security;

/// <summary>Logins with name and password. Whoever is refused learns neither from the answer nor from its time whether there is such a name.</summary>
public sealed class PasswordLogins(UserTokens users, LoginFailures failures, TimeProvider time) : IDisposable
{
    /// <summary>Characters; longer ones are nobody's and cost nothing.</summary>
    private const int MaxLength = 256;

    private readonly PasswordChecks _checks = new();
    private readonly byte[] _decoyKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>How many hashes were really computed.</summary>
    public long Computed => _checks.Computed;

    public PasswordThrottle Throttle { get; } = new(time);

    /// <returns>The user; or why not, and how long to wait where that is the reason.</returns>
    public async Task<(User? User, string Refusal, TimeSpan Wait)> TryAsync(string name, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        if (name.Length is 0 or > MaxLength || password.Length is 0 or > MaxLength)
            return Refused(LoginRefusal.WrongPassword);
        if (Throttle.Begin(name, address) is var wait && wait > TimeSpan.Zero)
            return Refused(LoginRefusal.TooManyTries, wait);
        await failures.SlowDownAsync(address, cancellationToken);
        var found = users.FindByName(name);
        // As long for a name that is not there. One decoy a name: what is remembered of a computed one must not tell either.
        var hash = found?.Password ?? PasswordHash.Decoy(_decoyKey, name);
        var isRight = await _checks.VerifyAsync(hash, Secrets.Utf8(password), cancellationToken);
        if (isRight is null)
            return Refused(LoginRefusal.Busy);
        if (isRight is not true || found is null || users.Still(found.Value.User.Key) is not { } user)
            return Refused(LoginRefusal.WrongPassword);
        Throttle.Succeeded(name, address);
        if (!users.IsOfFile(name))
            users.Accounts?.LoggedIn(name);
        return (user, "", TimeSpan.Zero);

        (User?, string, TimeSpan) Refused(string refusal, TimeSpan wait = default)
        {
            failures.Refused("http", address, name, refusal);
            return (null, refusal, wait);
        }
    }

    public void Dispose() => _checks.Dispose();
}
