using System.Text.Json.Serialization;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Backtest;

/// <summary>A backtest as its node last told the others.</summary>
/// <param name="Node">Which one runs it, as <c>Cluster:Node</c> names it.</param>
/// <param name="Began">Unix ms; later than of all that began before.</param>
/// <param name="Said">When its node last said so, Unix ms.</param>
/// <param name="IsCancelling">Somebody has asked for its end.</param>
internal sealed record BacktestNote(BacktestStatus Status, string Node, long Began, long Said, bool IsCancelling)
{
    /// <summary>When this node last read it, by its own clock: the nodes' clocks may differ.</summary>
    [JsonIgnore]
    public long Heard { get; set; }
}

/// <summary>
/// The last backtests of all nodes of a cluster. One runs at a time; its node tells the others how far it is, and they answer as it would. What it found stands in a table before it is said to be done.
/// </summary>
internal sealed class SharedBacktests : IAsyncDisposable
{
    /// <summary>After its begin.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Whoever says nothing for so long runs it no more.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>How often its node says how far it is.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    // Beyond it the stop of the service would wait for a PostgreSQL that does not answer.
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(5);

    private readonly SharedMap<BacktestNote> _known;
    private readonly SharedLists _shared;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();

    // Changed in a turn, or once it has ended.
    private volatile BacktestJob? _running;
    private volatile bool _isStopping;
    private Task _telling = Task.CompletedTask;

    public SharedBacktests(SharedLists shared, TimeProvider time)
    {
        (_shared, _time) = (shared, time);
        _known = new SharedMap<BacktestNote>(shared.Backtests, note => note.Began + (long)Lifetime.TotalMilliseconds, () => Now, Learn);
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<BacktestStatus> All => [.. Newest().Select(StatusOf)];

    public BacktestStatus? Find(string id) => _known.Find(id) is { } note ? StatusOf(note) : null;

    /// <returns>Null where this process does not run it.</returns>
    public BacktestJob? Own(string id) => _running is { } job && job.Id == id ? job : null;

    public Task RefreshAsync() => _shared.Backtests.RefreshAsync();

    public Task FollowAsync(CancellationToken cancellationToken) => _known.FollowAsync(cancellationToken);

    /// <returns>False while another one runs, at whichever node.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer, or another node's turn takes long.</exception>
    public async Task<bool> StartAsync(BacktestJob job, CancellationToken cancellationToken)
    {
        await using var turn = await _known.TurnAsync(cancellationToken);
        var notes = Newest();
        // One that the others have given up may not have ended here yet.
        if (_running is not null || notes.Any(note => StatusOf(note).State == BacktestState.Running))
            return false;
        var note = new BacktestNote(job.Status, _shared.Node, Math.Max(Now, notes.FirstOrDefault()?.Began + 1 ?? 0), Now, IsCancelling: false);
        var kept = notes.Take(BacktestJobs.Kept - 1).ToList();
        // That a silent one has failed is said for good: should its node come back, it ends it, so that no two run.
        var silent = kept.Where(known => known.Status.State == BacktestState.Running).Select(known => (known.Status.Id, (BacktestNote?)(known with { Status = StatusOf(known) })));
        await turn.PutAsync([(job.Id, note), .. silent, .. notes.Skip(kept.Count).Select(old => (old.Status.Id, (BacktestNote?)null))]);
        _running = job;
        string? differences = null, page = null;
        job.Start(() => (differences, page) = (job.Differences(), job.Page()));
        _telling = TellAsync(job, () => _shared.BacktestResults.WriteAsync(job.Id, differences!, page!, CancellationToken.None));
        await ForgetAsync([job.Id, .. kept.Select(known => known.Status.Id)]);
        return true;
    }

    /// <exception cref="IOException">It runs at another node, and PostgreSQL does not answer.</exception>
    public async Task<BacktestStatus?> CancelAsync(string id, CancellationToken cancellationToken)
    {
        // One that has ended, and whose results can't be stored, is ended as at any other node.
        if (Own(id) is { Ended.IsCompleted: false } job)
        {
            job.Cancel();
            return Find(id);
        }
        await RefreshAsync();
        if (Find(id) is not { State: BacktestState.Running })
            return Find(id);
        await using var turn = await _known.TurnAsync(cancellationToken);
        if (_known.Find(id) is { Status.State: BacktestState.Running, IsCancelling: false } note)
            await turn.PutAsync(id, note with { IsCancelling = true });
        return Find(id);
    }

    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task<string?> DifferencesAsync(string id, CancellationToken cancellationToken) => _shared.BacktestResults.DifferencesAsync(id, cancellationToken);

    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public Task<string?> PageAsync(string id, CancellationToken cancellationToken) => _shared.BacktestResults.PageAsync(id, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        if (_running is { } job)
        {
            job.Cancel();
            await job.Ended;
        }
        await _stopping.CancelAsync();
        await Task.WhenAny(_telling, Task.Delay(LastWord, _time));
        _known.Dispose();
        _stopping.Dispose();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private List<BacktestNote> Newest() => [.. _known.All.OrderByDescending(note => note.Began)];

    private void Learn(BacktestNote note, BacktestNote? before)
    {
        note.Heard = _time.GetTimestamp();
        if (note.IsCancelling || note.Status.State != BacktestState.Running)
            Own(note.Status.Id)?.Cancel();
    }

    private BacktestStatus StatusOf(BacktestNote note)
    {
        if (note.Status.State != BacktestState.Running)
            return note.Status;
        if (Own(note.Status.Id) is { } job)
            return note.Status with { Progress = job.Status.Progress };
        // While PostgreSQL is away nobody can be heard.
        if (_shared.Backtests.IsAway || _time.GetElapsedTime(note.Heard) < Silence)
            return note.Status;
        return note.Status with { State = BacktestState.Failed, Error = $"the node {note.Node}, which ran it, has not said anything since {Iso.Time(note.Said)}" };
    }

    /// <summary>Until the others know its end.</summary>
    private async Task TellAsync(BacktestJob job, Func<Task> writeResults)
    {
        for (var isTold = false; !isTold;)
        {
            var hasEnded = job.Ended.IsCompleted;
            try
            {
                isTold = await SayAsync(job, hasEnded, writeResults);
            }
            catch (IOException)
            {
                // It goes on, and says so once PostgreSQL is back.
            }
            if (isTold || (hasEnded && _isStopping))
                break;
            var pause = Task.Delay(Every, _time, _stopping.Token);
            await Task.WhenAny(pause, hasEnded ? pause : job.Ended);
        }
        await job.Ended;
        Interlocked.CompareExchange(ref _running, null, job);
        job.Dispose();
    }

    /// <returns>True where nothing more is to be said.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    private async Task<bool> SayAsync(BacktestJob job, bool hasEnded, Func<Task> writeResults)
    {
        string? problem = null;
        if (hasEnded && job.State == BacktestState.Done)
        {
            try
            {
                await writeResults();
            }
            catch (IOException error)
            {
                problem = $"what it found can't be stored for now: {error.Message}";
            }
        }
        await using var turn = await _known.TurnAsync(CancellationToken.None);
        // Pushed out or given up, after a silence: nobody waits for it.
        if (_known.Find(job.Id) is not { Status.State: BacktestState.Running } note)
        {
            job.Cancel();
            return true;
        }
        var status = job.Status;
        if (!hasEnded || (problem is not null && !note.IsCancelling))
            status = status with { State = BacktestState.Running, Error = problem, Totals = null };
        else if (problem is not null)
            status = status with { State = BacktestState.Cancelled, Totals = null };
        else if (_isStopping && status.State == BacktestState.Cancelled)
            status = status with { State = BacktestState.Failed, Error = $"the node {note.Node}, which ran it, was stopped" };
        await turn.PutAsync(job.Id, note with { Status = status, Said = Now });
        if (status.State == BacktestState.Running)
            return false;
        // Within the turn: who reads that it is done may start another one here.
        _running = null;
        return true;
    }

    private async Task ForgetAsync(IEnumerable<string> kept)
    {
        try
        {
            await _shared.BacktestResults.KeepAsync(kept, CancellationToken.None);
        }
        catch (IOException)
        {
            // With the next start, or when the rows end.
        }
    }
}
