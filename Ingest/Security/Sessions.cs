using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Telemetry.Ingest.Cluster.Owner;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Logins of browsers: a random id in a cookie stands for what was shown. In memory: a restart ends them. A session lives as long as that is good and its
/// person sees no less than at its begin, 12 h at most; 2 h without any use. A page that is open uses it. In a cluster the nodes share them.
/// </summary>
public sealed class Sessions
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static readonly TimeSpan Idle = TimeSpan.FromHours(2);

    // Another node may end an idle session by so much too soon.
    private static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(1);

    private const int MaxSessions = 10_000;

    private readonly record struct Session(User User, bool IsForeign, DateTimeOffset Ends, DateTimeOffset Used, DateTimeOffset Noted);

    private sealed record SessionRow(
        string Name, Role Role, string Key, DateTimeOffset? Expires, IReadOnlyList<string>? Districts, IReadOnlyList<string>? Families, bool IsIssued, bool MustChangePassword, bool IsForeign, DateTimeOffset Ends);

    private readonly UserTokens _tokens;
    private readonly TimeProvider _time;
    private readonly SharedList? _shared;
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();
    private readonly Lock _gate = new();

    /// <param name="shared">Null where this is the only node.</param>
    public Sessions(UserTokens tokens, TimeProvider time, SharedList? shared = null)
    {
        (_tokens, _time, _shared) = (tokens, time, shared);
        shared?.Copy(Own, Take);
    }

    /// <summary>The id for the cookie: a new one each time. Any node knows it when this completes, if PostgreSQL answers.</summary>
    /// <param name="isForeign">Another service knows the user: what it said holds as long as the session.</param>
    public async Task<string> BeginAsync(User user, bool isForeign = false)
    {
        var (id, now) = (Secrets.Base64Url(32), _time.GetUtcNow());
        var (key, session) = (KeyOf(id), new Session(user, isForeign, now + Lifetime, now, now));
        // First, so that no look at the table takes it for one that has ended.
        _shared?.Put(RowOf(key, session));
        lock (_gate)
            Enter(key, session);
        await RefreshAsync();
        return id;
    }

    /// <summary>As <see cref="Find"/>; where this node does not know it, after a look at what another one may have begun.</summary>
    public async ValueTask<User?> FindAsync(string id)
    {
        var user = Find(id);
        if (user is not null || _shared is null)
            return user;
        // It may have begun with a password that was set at the same moment.
        if (_tokens.Accounts is { } accounts)
            await accounts.RefreshAsync();
        await RefreshAsync();
        return Find(id);
    }

    /// <inheritdoc cref="SharedList.RefreshAsync"/>
    public Task RefreshAsync(bool isFirst = false) => _shared?.RefreshAsync(isFirst) ?? Task.CompletedTask;

    /// <summary>Whose session it is; null once it has ended.</summary>
    public User? Find(string id)
    {
        Session session;
        lock (_gate)
        {
            var (key, now) = (KeyOf(id), _time.GetUtcNow());
            if (!_sessions.TryGetValue(key, out session) || session.Ends <= now || session.Used + Idle <= now)
                return null;
            var isToNote = _shared is not null && now - session.Noted >= NoteEvery;
            _sessions[key] = session with { Used = now, Noted = isToNote ? now : session.Noted };
            if (isToNote)
                _shared!.Note(key, now.ToUnixTimeMilliseconds());
        }
        if (session.IsForeign)
            return session.User;
        return _tokens.Still(session.User.Key) is { } user && user.Scope.Covers(session.User.Scope) ? user : null;
    }

    /// <summary>At every node when this completes, or once PostgreSQL answers again.</summary>
    public Task EndAsync(string id) => EndAsync([KeyOf(id)]);

    /// <summary>How many other sessions the person of this one has.</summary>
    public int Others(string id) => KeysOfOthers(id).Count;

    /// <summary>Ends them.</summary>
    /// <returns>How many.</returns>
    public async Task<int> EndOthersAsync(string id)
    {
        await RefreshAsync();
        var others = KeysOfOthers(id);
        await EndAsync(others);
        return others.Count;
    }

    private Task EndAsync(IReadOnlyList<string> keys)
    {
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (_sessions.Remove(key, out var session))
                    _shared?.Put(new SharedRow(key, null, Ends: session.Ends.ToUnixTimeMilliseconds()));
            }
        }
        return RefreshAsync();
    }

    private void Enter(string key, Session session)
    {
        while (_oldestFirst.TryPeek(out var oldest) && (_sessions.Count >= MaxSessions || !_sessions.TryGetValue(oldest, out var known) || known.Ends <= _time.GetUtcNow()))
            _sessions.Remove(_oldestFirst.Dequeue());
        if (!_sessions.ContainsKey(key))
            _oldestFirst.Enqueue(key);
        _sessions[key] = session;
    }

    private List<SharedRow> Own()
    {
        lock (_gate)
            return [.. _sessions.Select(pair => RowOf(pair.Key, pair.Value))];
    }

    private void Take(IReadOnlyList<SharedRow> rows, bool isWhole)
    {
        lock (_gate)
        {
            var known = isWhole ? rows.Select(row => row.Key).ToHashSet(StringComparer.Ordinal) : null;
            foreach (var ended in known is null ? [] : _sessions.Keys.Where(key => !known.Contains(key)).ToList())
                _sessions.Remove(ended);
            foreach (var row in rows)
            {
                if (row.Value is null)
                    _sessions.Remove(row.Key);
                else if (Read(row) is { } session)
                    Enter(row.Key, _sessions.TryGetValue(row.Key, out var own) && own.Used > session.Used ? session with { Used = own.Used, Noted = own.Noted } : session);
            }
        }
    }

    private static SharedRow RowOf(string key, Session session)
    {
        var user = session.User;
        var row = new SessionRow(user.Name, user.Role, user.Key, user.Expires, user.Scope.Districts, user.Scope.Families, user.IsIssued, user.MustChangePassword, session.IsForeign, session.Ends);
        return new SharedRow(key, JsonSerializer.Serialize(row), session.Used.ToUnixTimeMilliseconds(), session.Ends.ToUnixTimeMilliseconds());
    }

    // One that this version does not understand is not known here.
    private static Session? Read(SharedRow row)
    {
        try
        {
            if (JsonSerializer.Deserialize<SessionRow>(row.Value!) is not { } read || !Enum.IsDefined(read.Role))
                return null;
            var user = new User(read.Name, read.Role, read.Key, read.Expires) { Scope = new Scope(read.Districts, read.Families), IsIssued = read.IsIssued, MustChangePassword = read.MustChangePassword };
            var used = DateTimeOffset.FromUnixTimeMilliseconds(row.Noted);
            return new Session(user, read.IsForeign, read.Ends, used, used);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private List<string> KeysOfOthers(string id)
    {
        var (key, now) = (KeyOf(id), _time.GetUtcNow());
        List<(string Key, Session Session)> others;
        lock (_gate)
        {
            if (!_sessions.TryGetValue(key, out var own))
                return [];
            others = [.. _sessions.Where(pair => pair.Key != key && pair.Value.User.Name == own.User.Name && pair.Value.Ends > now && pair.Value.Used + Idle > now).Select(pair => (pair.Key, pair.Value))];
        }
        return [.. others.Where(other => other.Session.IsForeign || _tokens.Still(other.Session.User.Key) is not null).Select(other => other.Key)];
    }

    // Kept as a hash: a dump of the memory's dictionary opens nothing, and a lookup's time tells nothing.
    private static string KeyOf(string id) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
