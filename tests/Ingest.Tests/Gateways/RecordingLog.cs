using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>A log whose commits happen when the test says so.</summary>
internal sealed class RecordingLog
{
    private readonly Lock _gate = new();
    private readonly List<LogEntry> _entries = [];
    private readonly List<TaskCompletionSource<long>> _held = [];
    private TaskCompletionSource _changed = New();
    private bool _hold;

    public int Appends { get; private set; }

    public IReadOnlyList<LogEntry> Entries
    {
        get
        {
            lock (_gate)
                return [.. _entries];
        }
    }

    public IEnumerable<Reading> Readings => Entries.OfType<ReadingEntry>().Select(e => e.Reading);

    public IEnumerable<double> Values => Readings.Select(r => r.Values[0].Number);

    public IEnumerable<DeadLetterEntry> DeadLetters => Entries.OfType<DeadLetterEntry>();

    public IEnumerable<(string Gateway, bool Up, string Cause)> GatewayChanges => Entries.OfType<GatewayEntry>().Select(e => (e.Gateway, e.Up, e.Cause));

    public ValueTask<Task<long>> AppendAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _entries.AddRange(entries);
            Appends++;
            var commit = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_hold)
                _held.Add(commit);
            else
                commit.SetResult(_entries.Count);
            var changed = _changed;
            _changed = New();
            changed.SetResult();
            return new(commit.Task);
        }
    }

    /// <summary>From now on appends stay uncommitted.</summary>
    public void Hold()
    {
        lock (_gate)
            _hold = true;
    }

    /// <summary>Commits what is held, or fails it; later appends commit at once.</summary>
    public void Release(Exception? error = null)
    {
        lock (_gate)
        {
            _hold = false;
            foreach (var commit in _held)
            {
                if (error is null)
                    commit.SetResult(0);
                else
                    commit.SetException(error);
            }
            _held.Clear();
        }
    }

    /// <summary>Waits until the condition holds; with a deadline.</summary>
    public async Task UntilAsync(Func<RecordingLog, bool> condition)
    {
        using var deadline = new CancellationTokenSource(Wait.Longest);
        while (true)
        {
            Task changed;
            lock (_gate)
                changed = _changed.Task;
            if (condition(this))
                return;
            await changed.WaitAsync(deadline.Token);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
