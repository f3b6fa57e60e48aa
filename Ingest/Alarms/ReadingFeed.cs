using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Alarms;

/// <summary>Hands readings of single devices to whoever watches them live. Costs one field read per entry while nobody does.</summary>
public sealed class ReadingFeed
{
    private readonly Lock _gate = new();
    private Dictionary<string, Action<ReadingEntry>>? _listeners;

    /// <summary>True while somebody listens: lets the rules' runner leave out <see cref="Publish"/> for a whole stretch.</summary>
    public bool IsWatched => Volatile.Read(ref _listeners) is not null;

    /// <summary>Listeners are called on the rules' thread: they enqueue and return, and never block or throw.</summary>
    public IDisposable Listen(string device, Action<ReadingEntry> listener)
    {
        Change(device, current => current + listener);
        return new Subscription(this, device, listener);
    }

    /// <summary>Called by the rules' runner for each reading that the duplicate filter let through.</summary>
    public void Publish(ReadingEntry entry)
    {
        if (Volatile.Read(ref _listeners) is { } listeners && listeners.TryGetValue(entry.Reading.Device, out var listener))
            listener(entry);
    }

    // Replaced whole on each change, so that the rules' thread reads it without a lock.
    private void Change(string device, Func<Action<ReadingEntry>?, Action<ReadingEntry>?> change)
    {
        lock (_gate)
        {
            var next = _listeners is null ? [] : new Dictionary<string, Action<ReadingEntry>>(_listeners);
            if (change(next.GetValueOrDefault(device)) is { } listener)
                next[device] = listener;
            else
                next.Remove(device);
            Volatile.Write(ref _listeners, next.Count == 0 ? null : next);
        }
    }

    private sealed class Subscription(ReadingFeed feed, string device, Action<ReadingEntry> listener) : IDisposable
    {
        public void Dispose() => feed.Change(device, current => current - listener);
    }
}
