namespace Telemetry.Ingest.Gateways;

/// <summary>
/// To whom a client id, and the session under it, belongs: nobody else can take it over. An id without connection and session is free again a
/// minute or two later.
/// </summary>
internal sealed class ClientIdOwners(TimeProvider time)
{
    private readonly Dictionary<string, (string Owner, long Since)> _owners = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>False where it is somebody else's.</summary>
    public bool Claim(string clientId, string owner)
    {
        lock (_gate)
        {
            if (_owners.TryGetValue(clientId, out var known) && known.Owner != owner)
                return false;
            _owners[clientId] = (owner, time.GetTimestamp());
            return true;
        }
    }

    /// <param name="asOf">A moment before <paramref name="isInUse"/> was asked for: what was claimed since then is left alone.</param>
    public void ForgetUnused(long asOf, Func<string, bool> isInUse)
    {
        lock (_gate)
        {
            foreach (var (id, (_, since)) in _owners)
            {
                if (since < asOf && !isInUse(id))
                    _owners.Remove(id);
            }
        }
    }
}
