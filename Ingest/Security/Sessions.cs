using System.Security.Cryptography;
using System.Text;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Logins of browsers: a random id in a cookie stands for what was shown. In memory: a restart ends them. A session lives as long as that is good and its
/// person sees no less than at its begin, 12 h at most; 2 h without any use. A page that is open uses it.
/// </summary>
public sealed class Sessions(UserTokens tokens, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static readonly TimeSpan Idle = TimeSpan.FromHours(2);

    private const int MaxSessions = 10_000;

    private readonly record struct Session(User User, bool IsForeign, DateTimeOffset Ends, DateTimeOffset Used);

    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();
    private readonly Lock _gate = new();

    /// <summary>The id for the cookie: a new one each time.</summary>
    /// <param name="isForeign">Another service knows the user: what it said holds as long as the session.</param>
    public string Begin(User user, bool isForeign = false)
    {
        var id = Secrets.Base64Url(32);
        lock (_gate)
        {
            while (_oldestFirst.TryPeek(out var oldest) && (_sessions.Count >= MaxSessions || !_sessions.TryGetValue(oldest, out var session) || session.Ends <= time.GetUtcNow()))
                _sessions.Remove(_oldestFirst.Dequeue());
            var key = KeyOf(id);
            _sessions[key] = new Session(user, isForeign, time.GetUtcNow() + Lifetime, time.GetUtcNow());
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
            var (key, now) = (KeyOf(id), time.GetUtcNow());
            if (!_sessions.TryGetValue(key, out session) || session.Ends <= now || session.Used + Idle <= now)
                return null;
            _sessions[key] = session with { Used = now };
        }
        if (session.IsForeign)
            return session.User;
        return tokens.Still(session.User.Key) is { } user && user.Scope.Covers(session.User.Scope) ? user : null;
    }

    public void End(string id)
    {
        lock (_gate)
            _sessions.Remove(KeyOf(id));
    }

    /// <summary>How many other sessions the person of this one has.</summary>
    public int Others(string id) => KeysOfOthers(id).Count;

    /// <summary>Ends them.</summary>
    /// <returns>How many.</returns>
    public int EndOthers(string id)
    {
        var others = KeysOfOthers(id);
        lock (_gate)
            return others.Count(_sessions.Remove);
    }

    private List<string> KeysOfOthers(string id)
    {
        var (key, now) = (KeyOf(id), time.GetUtcNow());
        List<(string Key, Session Session)> others;
        lock (_gate)
        {
            if (!_sessions.TryGetValue(key, out var own))
                return [];
            others = [.. _sessions.Where(pair => pair.Key != key && pair.Value.User.Name == own.User.Name && pair.Value.Ends > now && pair.Value.Used + Idle > now).Select(pair => (pair.Key, pair.Value))];
        }
        return [.. others.Where(other => other.Session.IsForeign || tokens.Still(other.Session.User.Key) is not null).Select(other => other.Key)];
    }

    // Kept as a hash: a dump of the memory's dictionary opens nothing, and a lookup's time tells nothing.
    private static string KeyOf(string id) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
