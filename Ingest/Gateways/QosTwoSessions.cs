using System.Collections.Concurrent;

namespace Telemetry.Ingest.Gateways;

/// <summary>QoS 2 state by session (client id): what was published and not yet released, so that it is appended once even if it is sent again on another connection.</summary>
internal sealed class QosTwoSessions
{
    private readonly ConcurrentDictionary<string, QosTwoSession> _sessions = new();

    /// <param name="present">The session goes on; otherwise it begins.</param>
    public QosTwoSession Open(string clientId, bool present) =>
        present ? _sessions.GetOrAdd(clientId, static _ => new QosTwoSession()) : _sessions[clientId] = new QosTwoSession();

    public void Delete(string clientId) => _sessions.TryRemove(clientId, out _);
}

/// <summary>For the connection that holds the session, and, while it is being taken over, for the one before it.</summary>
internal sealed class QosTwoSession
{
    /// <summary>Told to MQTT 5 as its Receive Maximum; whoever goes beyond without releasing is disconnected.</summary>
    public const ushort MaxUnreleased = 8192;

    private readonly Dictionary<ushort, Task> _unreleased = [];
    private readonly Lock _gate = new();

    /// <summary>
    /// The commit that the PUBREC waits for. If the packet is the first with this identifier, <paramref name="commit"/> is taken for it;
    /// otherwise it is the first one's, and the packet must not be appended.
    /// </summary>
    /// <exception cref="MqttViolationException">As many as <see cref="MaxUnreleased"/> wait to be released.</exception>
    public Task Begin(ushort id, Task commit)
    {
        lock (_gate)
        {
            if (_unreleased.TryGetValue(id, out var first))
                return first;
            if (_unreleased.Count >= MaxUnreleased)
                throw new MqttViolationException(MqttViolation.ReceiveMaximum, $"more than {MaxUnreleased} messages of QoS 2 that are not released; send their PUBREL first");
            return _unreleased[id] = commit;
        }
    }

    /// <summary>PUBREL has come, or the append failed.</summary>
    public void End(ushort id)
    {
        lock (_gate)
            _unreleased.Remove(id);
    }
}
