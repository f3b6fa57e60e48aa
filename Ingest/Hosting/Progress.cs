namespace Telemetry.Ingest.Hosting;

/// <summary>How far the log's readers have come, and a way to wait for the rules.</summary>
public sealed class Progress
{
    private long _rules;
    private long _store;
    private readonly Dictionary<string, long> _stores = [];
    private readonly List<(long Position, TaskCompletionSource Reached)> _waiters = [];
    private readonly Lock _gate = new();

    /// <summary>Last entry that the rules have processed.</summary>
    public long Rules => Interlocked.Read(ref _rules);

    /// <summary>Last entry that the slowest store has stored.</summary>
    public long Store => Interlocked.Read(ref _store);

    /// <summary>Last entry that this store has stored; 0 for one that is not there.</summary>
    public long StoreOf(string kind)
    {
        lock (_gate)
            return _stores.GetValueOrDefault(kind);
    }

    /// <summary>Called by each store's writer: once with 0 before any starts, so that the slowest is known from the beginning, then as it proceeds.</summary>
    public void StoreReached(string kind, long position)
    {
        lock (_gate)
        {
            _stores[kind] = position;
            Interlocked.Exchange(ref _store, _stores.Values.Min());
        }
    }

    public void RulesReached(long position)
    {
        lock (_gate)
        {
            Interlocked.Exchange(ref _rules, position);
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_waiters[i].Position > position)
                    continue;
                _waiters[i].Reached.TrySetResult();
                _waiters.RemoveAt(i);
            }
        }
    }

    /// <summary>Completes when the rules have processed the entry at this position.</summary>
    public Task RulesAsync(long position, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_rules >= position)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((position, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }
}
