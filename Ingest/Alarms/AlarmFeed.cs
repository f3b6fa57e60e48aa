using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Alarms;

/// <summary>Hands each transition to whoever tells the outside: server-sent events, MQTT, later notifications.</summary>
public sealed class AlarmFeed
{
    private readonly List<Action<AlarmTransition>> _listeners = [];
    private readonly Lock _gate = new();

    /// <summary>Listeners are called on the rules' thread: they enqueue and return, and never block or throw.</summary>
    public IDisposable Listen(Action<AlarmTransition> listener)
    {
        lock (_gate)
            _listeners.Add(listener);
        return new Subscription(this, listener);
    }

    public void Publish(AlarmTransition transition)
    {
        Action<AlarmTransition>[] listeners;
        lock (_gate)
            listeners = [.. _listeners];
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
