using System.Net;

namespace Telemetry.Ingest.Security;

/// <summary>
/// How soon somebody may try a password again. The wait doubles with each failure of a name from an address, to a minute. Behind it a cap for each name over all addresses, for those who guess from many:
/// whoever has logged in from an address before waits there 5 s at most and is not met by the cap, so nobody locks a colleague out. Names that do not exist are treated alike. In memory; a restart forgets.
/// </summary>
public sealed class PasswordThrottle(TimeProvider time)
{
    /// <summary>Wrong ones that cost nothing: a slip of the hand.</summary>
    public const int Free = 3;

    /// <summary>Wrong ones of a name within <see cref="Window"/> from addresses where it has never logged in.</summary>
    public const int CapOfName = 50;

    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1), LongestWhereKnown = TimeSpan.FromSeconds(5), Window = TimeSpan.FromMinutes(15);

    private const int MostTracked = 20_000, MostAddresses = 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, IPAddress From), Tries> _tries = [];
    private readonly Dictionary<string, Tries> _ofName = [];
    private readonly Dictionary<string, List<IPAddress>> _known = [];

    private sealed record Tries(int Failures, DateTimeOffset Since, DateTimeOffset Last);

    /// <summary>Counts the attempt as a failure until <see cref="Succeeded"/>: who asks many times at once is counted before any answer.</summary>
    /// <returns>How long to wait first; zero where the password may be looked at now.</returns>
    public TimeSpan Begin(string name, IPAddress? address)
    {
        var (key, from) = (name.ToUpperInvariant(), Normal(address));
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var isKnown = _known.GetValueOrDefault(key)?.Contains(from) == true;
            var here = Current(_tries, (key, from), now);
            if (WaitAfter(here?.Failures ?? 0, isKnown) is var delay && here is not null && here.Last + delay > now)
                return here.Last + delay - now;
            var all = Current(_ofName, key, now);
            if (!isKnown && all?.Failures >= CapOfName)
                return all.Since + Window - now;
            Count(_tries, (key, from), here, now);
            if (!isKnown)
                Count(_ofName, key, all, now);
            return TimeSpan.Zero;
        }
    }

    public void Succeeded(string name, IPAddress? address)
    {
        var (key, from) = (name.ToUpperInvariant(), Normal(address));
        lock (_gate)
        {
            _tries.Remove((key, from));
            if (_ofName.TryGetValue(key, out var all))
                _ofName[key] = all with { Failures = Math.Max(0, all.Failures - 1) };
            if (!_known.TryGetValue(key, out var known))
            {
                if (_known.Count >= MostTracked)
                    _known.Remove(_known.Keys.First());
                _known[key] = known = [];
            }
            known.Remove(from);
            known.Add(from);
            if (known.Count > MostAddresses)
                known.RemoveAt(0);
        }
    }

    /// <summary>Of each name with wrong passwords within <see cref="Window"/>, whatever its case: how many there were over all addresses, and until when the longest wait holds; null for none.</summary>
    public IReadOnlyDictionary<string, (int Wrong, DateTimeOffset? Until)> Tried()
    {
        var tried = new Dictionary<string, (int Wrong, DateTimeOffset? Until)>(StringComparer.OrdinalIgnoreCase);
        lock (_gate)
        {
            var now = time.GetUtcNow();
            foreach (var ((name, from), here) in _tries.Where(pair => now - pair.Value.Since < Window))
            {
                var (wrong, longest) = tried.GetValueOrDefault(name);
                var until = here.Last + WaitAfter(here.Failures, _known.GetValueOrDefault(name)?.Contains(from) == true);
                tried[name] = (wrong + here.Failures, until > now && !(until <= longest) ? until : longest);
            }
            foreach (var (name, all) in _ofName.Where(pair => pair.Value.Failures >= CapOfName && now - pair.Value.Since < Window))
                tried[name] = (Math.Max(all.Failures, tried.GetValueOrDefault(name).Wrong), all.Since + Window);
        }
        return tried;
    }

    private static TimeSpan WaitAfter(int failures, bool isKnown)
    {
        if (failures < Free)
            return TimeSpan.Zero;
        var wait = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures - Free, 10)));
        var longest = isKnown ? LongestWhereKnown : Longest;
        return wait < longest ? wait : longest;
    }

    private static Tries? Current<TKey>(Dictionary<TKey, Tries> tries, TKey key, DateTimeOffset now)
        where TKey : notnull => tries.TryGetValue(key, out var found) && now - found.Since < Window ? found : null;

    private static void Count<TKey>(Dictionary<TKey, Tries> tries, TKey key, Tries? before, DateTimeOffset now)
        where TKey : notnull
    {
        if (before is null && tries.Count >= MostTracked)
        {
            foreach (var old in tries.Where(pair => now - pair.Value.Since >= Window).Select(pair => pair.Key).ToList())
                tries.Remove(old);
            // Whoever fills the table with names of his own loses no more than what he has failed with.
            if (tries.Count >= MostTracked)
                tries.Remove(tries.MinBy(pair => pair.Value.Failures).Key);
        }
        tries[key] = before is null ? new Tries(1, now, now) : before with { Failures = before.Failures + 1, Last = now };
    }

    private static IPAddress Normal(IPAddress? address) => address is null ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
