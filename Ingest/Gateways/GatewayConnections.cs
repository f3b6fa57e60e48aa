using System.Collections.Concurrent;

namespace Telemetry.Ingest.Gateways;

/// <summary>
/// Which connection last published for which gateway, and what the log was last told of the gateway. Any thread; a connection is any
/// object that stands for one.
/// </summary>
public sealed class GatewayConnections
{
    private readonly ConcurrentDictionary<string, State> _gateways = new();
    private readonly ConcurrentDictionary<object, object> _successors = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _gate = new();

    /// <summary>A reading of the gateway was appended: it is up, which the rules see for themselves.</summary>
    public void Heard(string gateway, object connection)
    {
        var state = Of(gateway);
        if (ReferenceEquals(state.Owner, connection) && state.Known == Known.Up)
            return;
        lock (_gate)
        {
            state.Owner = Newest(connection);
            state.Known = Known.Up;
        }
    }

    /// <summary>The gateway said so itself.</summary>
    /// <returns>True where that is a change, or not known to be none: the log must be told.</returns>
    public bool Said(string gateway, bool up, object connection)
    {
        var state = Of(gateway);
        lock (_gate)
        {
            state.Owner = Newest(connection);
            var now = up ? Known.Up : Known.Down;
            if (state.Known == now)
                return false;
            state.Known = now;
            return true;
        }
    }

    /// <summary>The same client came back on another connection: what it published for stays up.</summary>
    public void TakenOver(object from, object by)
    {
        lock (_gate)
        {
            _successors[from] = by;
            foreach (var state in _gateways.Values)
            {
                if (ReferenceEquals(state.Owner, from))
                    state.Owner = by;
            }
        }
    }

    /// <summary>The gateway published through another node of the cluster: the end of a connection here says nothing about it any more.</summary>
    public void HeardElsewhere(string gateway)
    {
        if (!_gateways.TryGetValue(gateway, out var state) || state is { Owner: null, Known: Known.Nothing })
            return;
        lock (_gate)
        {
            state.Owner = null;
            state.Known = Known.Nothing;
        }
    }

    /// <summary>The connection is gone.</summary>
    /// <param name="byService">The service closed it: that says nothing about the gateway.</param>
    /// <returns>Gateways that were up and are now down: the log must be told.</returns>
    public IReadOnlyList<string> Ended(object connection, bool byService)
    {
        lock (_gate)
        {
            _successors.TryRemove(connection, out _);
            var down = new List<string>();
            foreach (var (gateway, state) in _gateways)
            {
                if (!ReferenceEquals(state.Owner, connection))
                    continue;
                state.Owner = null;
                if (byService)
                {
                    // Whatever was on its way may not have reached the log.
                    state.Known = Known.Nothing;
                }
                else if (state.Known == Known.Up)
                {
                    state.Known = Known.Down;
                    down.Add(gateway);
                }
            }
            return down;
        }
    }

    private State Of(string gateway) => _gateways.GetOrAdd(gateway, static _ => new State());

    private object Newest(object connection)
    {
        while (_successors.TryGetValue(connection, out var by))
            connection = by;
        return connection;
    }

    private enum Known : byte
    {
        Nothing,
        Up,
        Down,
    }

    private sealed class State
    {
        private volatile object? _owner;
        private volatile Known _known;

        public object? Owner { get => _owner; set => _owner = value; }

        public Known Known { get => _known; set => _known = value; }
    }
}
