using System.Collections.Concurrent;
using System.Net;

namespace Telemetry.Ingest.Security;

/// <summary>
/// One place for logins that failed: counted by way and reason, logged once a minute for each address, name and reason, and slowed down by
/// address. A slow answer, never a lock: behind one address may be a whole district's gateways.
/// </summary>
public sealed partial class LoginFailures(TimeProvider time, ILogger<LoginFailures> logger)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    private const int MaxAddresses = 10_000;

    private readonly ConcurrentDictionary<(string Via, string Reason), long> _counts = new();
    private readonly Dictionary<IPAddress, (long Since, int Failures)> _byAddress = [];
    private readonly Lock _gate = new();
    private readonly OncePerInterval _said = new(Window, time);

    public IReadOnlyDictionary<(string Via, string Reason), long> Counts => _counts;

    /// <param name="via"><c>mqtt</c>, <c>http</c>, <c>hj212</c>.</param>
    /// <param name="name">As the client gave it; null where it gave none.</param>
    /// <param name="reason">One of <see cref="LoginRefusal"/>.</param>
    public void Refused(string via, IPAddress? address, string? name, string reason)
    {
        _counts.AddOrUpdate((via, reason), 1, (_, count) => count + 1);
        var from = Normal(address);
        lock (_gate)
        {
            if (_byAddress.Count >= MaxAddresses)
                _byAddress.Clear();
            var (since, failures) = _byAddress.GetValueOrDefault(from);
            _byAddress[from] = failures == 0 || time.GetElapsedTime(since) >= Window ? (time.GetTimestamp(), 1) : (since, failures + 1);
        }
        var shown = LogText.Safe(name);
        if (_said.May($"{via}|{from}|{shown}|{reason}"))
            LogRefused(via, from, shown, reason);
    }

    /// <summary>Waits before something of this address is checked: 50 ms for each failure of its last minute, 2 s at most.</summary>
    public async Task SlowDownAsync(IPAddress? address, CancellationToken cancellationToken)
    {
        if (DelayOf(Normal(address)) is var delay && delay > TimeSpan.Zero)
            await Task.Delay(delay, time, cancellationToken);
    }

    private TimeSpan DelayOf(IPAddress address)
    {
        lock (_gate)
        {
            if (!_byAddress.TryGetValue(address, out var state))
                return TimeSpan.Zero;
            if (time.GetElapsedTime(state.Since) >= Window)
            {
                _byAddress.Remove(address);
                return TimeSpan.Zero;
            }
            return Step * state.Failures is var delay && delay < MaxDelay ? delay : MaxDelay;
        }
    }

    private static IPAddress Normal(IPAddress? address) =>
        address is null ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    [LoggerMessage(LogLevel.Warning, "login refused over {Via} from {Address}, name {Name}: {Reason}")]
    private partial void LogRefused(string via, IPAddress address, string name, string reason);
}
