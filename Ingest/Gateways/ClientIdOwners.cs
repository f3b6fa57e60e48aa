using Telemetry.Ingest.Security;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// To whom a client id, and the session under it, belongs: nobody else can take it over. An id without connection and session is free again a
/// minute or two later.
/// </summary>
internal sealed class ClientIdOwners(TimeProvider time)
{
    // A gateway has one or two. Whoever takes a new one each time (mosquitto_pub without -i) uses up some sixty a minute.
    private const int MaxPerOwner = 1000;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Owner, long Since)> _owners = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <returns>Null, or why not (<see cref="LoginRefusal"/>): it is somebody else's, or the owner has too many.</returns>
    public string? Claim(string clientId, string owner)
    {
        lock (_gate)
        {
            var isKnown = _owners.TryGetValue(clientId, out var known);
            if (isKnown && known.Owner != owner)
                return LoginRefusal.ForeignClientId;
            var count = _counts.GetValueOrDefault(owner);
            if (!isKnown && count >= MaxPerOwner)
                return LoginRefusal.TooManySessions;
            if (!isKnown)
                _counts[owner] = count + 1;
            _owners[clientId] = (owner, time.GetTimestamp());
            return null;
        }
    }

    /// <param name="asOf">A moment before <paramref name="isInUse"/> was asked for: what was claimed since then is left alone.</param>
    public void ForgetUnused(long asOf, Func<string, bool> isInUse)
    {
        lock (_gate)
        {
            foreach (var (id, (owner, since)) in _owners)
            {
                if (since >= asOf || isInUse(id))
                    continue;
                _owners.Remove(id);
                if (--_counts[owner] == 0)
                    _counts.Remove(owner);
            }
        }
    }
}
