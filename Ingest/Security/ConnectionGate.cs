using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Telemetry.Ingest.Security;

/// <summary>
/// Counts connections from their first byte on, before TLS: so many of one address that have not logged in, so many of one gateway, so many in all. Whoever is in
/// stays in. Any thread.
/// </summary>
public sealed partial class ConnectionGate(GatewayLimits limits, TimeProvider time, ILogger logger)
{
    // Beyond the limit so many may still ask, and are told that it is full; the rest is closed without a word.
    private const int Askers = 1000;

    private static readonly object Key = new();

    private readonly Dictionary<IPAddress, int> _strangers = [];
    private readonly Dictionary<string, int> _byOwner = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _refused = new();
    private readonly OncePerInterval _said = new(TimeSpan.FromMinutes(1), time);
    private readonly Lock _gate = new();
    private int _open;
    private int _admitted;

    public GatewayLimits Limits => limits;

    /// <summary>By <c>address</c>, <c>total</c>, <c>gateway</c>, <c>no_connect</c>.</summary>
    public IReadOnlyDictionary<string, long> Refused => _refused;

    /// <summary>Connections now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Puts the gate before what follows on this endpoint.</summary>
    public void Use(ListenOptions endpoint) => endpoint.Use(next => connection => RunAsync(connection, next));

    /// <summary>The client has logged in.</summary>
    /// <param name="owner">Null where connections of one owner are not counted.</param>
    /// <param name="most">Of this owner.</param>
    /// <param name="replaces">It takes the place of a connection that ends for it.</param>
    /// <returns>False where there are as many as there may be.</returns>
    internal bool Admit(ConnectionContext connection, string? owner, int most, bool replaces)
    {
        if (!connection.Items.TryGetValue(Key, out var kept) || kept is not Visitor visitor)
            return true;
        var one = replaces ? 1 : 0;
        string? reason = null;
        lock (_gate)
        {
            if (_admitted - one >= limits.Total)
                reason = "total";
            else if (owner is not null && _byOwner.GetValueOrDefault(owner) - one >= most)
                reason = "gateway";
            else
            {
                Forget(visitor);
                (visitor.IsAdmitted, visitor.Owner) = (true, owner);
                _admitted++;
                if (owner is not null)
                    _byOwner[owner] = _byOwner.GetValueOrDefault(owner) + 1;
            }
        }
        if (reason is not null)
            Refuse(reason, visitor.Address);
        return reason is null;
    }

    /// <summary>It was closed since it said nothing in time.</summary>
    internal void SaidNothing(EndPoint? from) => Refuse("no_connect", AddressOf(from));

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var visitor = new Visitor(AddressOf(connection.RemoteEndPoint));
        string? reason = null;
        lock (_gate)
        {
            var strangers = _strangers.GetValueOrDefault(visitor.Address);
            if (_open >= limits.Total + Askers)
                reason = "total";
            else if (strangers >= limits.StrangersPerAddress)
                reason = "address";
            else
                (_open, _strangers[visitor.Address]) = (_open + 1, strangers + 1);
        }
        if (reason is not null)
        {
            Refuse(reason, visitor.Address);
            connection.Abort(new ConnectionAbortedException($"too many connections: {reason}"));
            return;
        }
        connection.Items[Key] = visitor;
        try
        {
            await next(connection);
        }
        finally
        {
            lock (_gate)
            {
                _open--;
                Forget(visitor);
            }
        }
    }

    private void Forget(Visitor visitor)
    {
        if (!visitor.IsAdmitted)
        {
            if (--_strangers[visitor.Address] == 0)
                _strangers.Remove(visitor.Address);
            return;
        }
        _admitted--;
        if (visitor.Owner is { } owner && --_byOwner[owner] == 0)
            _byOwner.Remove(owner);
    }

    private void Refuse(string reason, IPAddress address)
    {
        _refused.AddOrUpdate(reason, 1, (_, count) => count + 1);
        if (_said.May($"{reason} {address}"))
            LogRefused(address, reason);
    }

    private static IPAddress AddressOf(EndPoint? from) => (from as IPEndPoint)?.Address is not { } address ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    [LoggerMessage(LogLevel.Warning, "a connection from {Address} is refused or closed, limit: {Reason}; those that are logged in stay")]
    private partial void LogRefused(IPAddress address, string reason);

    private sealed class Visitor(IPAddress address)
    {
        public IPAddress Address { get; } = address;

        public bool IsAdmitted { get; set; }

        public string? Owner { get; set; }
    }
}
