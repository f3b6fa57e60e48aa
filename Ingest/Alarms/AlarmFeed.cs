using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Alarms;

/// <summary>
/// Hands each transition to whoever tells the outside: server-sent events, MQTT, later notifications. Remembers the newest ones, because
/// a transition is published before SQLite has it: a client that resumes in between would miss it otherwise.
/// </summary>
/// <param name="remembered">How many transitions are remembered. Default 4,096.</param>
public sealed class AlarmFeed(int remembered = 4096)
{
    private readonly Queue<AlarmTransition> _recent = new();
    private readonly List<Action<AlarmTransition>> _listeners = [];
    private readonly Lock _gate = new();

    /// <summary>Listeners are called on the rules' thread: they enqueue and return, and never block or throw.</summary>
    public IDisposable Listen(Action<AlarmTransition> listener) => Listen(listener, out _);

    /// <param name="recent">Everything remembered that was published before the listener's first call, in order.</param>
    public IDisposable Listen(Action<AlarmTransition> listener, out IReadOnlyList<AlarmTransition> recent)
    {
        lock (_gate)
        {
            recent = [.. _recent];
            _listeners.Add(listener);
        }
        return new Subscription(this, listener);
    }

    public void Publish(AlarmTransition transition)
    {
        Action<AlarmTransition>[] listeners;
        lock (_gate)
        {
            if (_recent.Count == remembered)
                _recent.Dequeue();
            _recent.Enqueue(transition);
            listeners = [.. _listeners];
        }
        foreach (var listener in listeners)
            listener(transition);
    }

    private sealed class Subscription(AlarmFeed feed, Action<AlarmTransition> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (feed._gate)
                feed._listeners.Remove(listener);
        }
    }
}
