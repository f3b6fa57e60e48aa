using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Logins of browsers: a random id in a cookie stands for a token. In memory: a restart ends them. A session lives as long as its token does
/// and its person sees no less than at its begin, 12 h at most.
/// </summary>
public sealed class Sessions(UserTokens tokens, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private const int MaxSessions = 10_000;

    private readonly record struct Session(string TokenHash, Scope Scope, DateTimeOffset Ends);

    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();
    private readonly Lock _gate = new();

    /// <summary>The id for the cookie.</summary>
    public string Begin(User user)
    {
        var id = Secrets.Base64Url(32);
        lock (_gate)
        {
            while (_oldestFirst.TryPeek(out var oldest) && (_sessions.Count >= MaxSessions || !_sessions.TryGetValue(oldest, out var session) || session.Ends <= time.GetUtcNow()))
                _sessions.Remove(_oldestFirst.Dequeue());
            var key = KeyOf(id);
            _sessions[key] = new Session(user.TokenHash, user.Scope, time.GetUtcNow() + Lifetime);
            _oldestFirst.Enqueue(key);
        }
        return id;
    }

    /// <summary>Whose session it is; null once it has ended.</summary>
    public User? Find(string id)
    {
        Session session;
        lock (_gate)
        {
            if (!_sessions.TryGetValue(KeyOf(id), out session) || session.Ends <= time.GetUtcNow())
                return null;
        }
        return tokens.Still(session.TokenHash) is { } user && user.Scope.Covers(session.Scope) ? user : null;
    }

    public void End(string id)
    {
        lock (_gate)
            _sessions.Remove(KeyOf(id));
    }

    // Kept as a hash: a dump of the memory's dictionary opens nothing, and a lookup's time tells nothing.
    private static string KeyOf(string id) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
