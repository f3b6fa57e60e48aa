using System.Security.Cryptography;

namespace Telemetry.Ingest.Backtest;

public enum BacktestState
{
    Running,
    Done,
    Failed,
    Cancelled,
}

/// <summary>One backtest that the service runs, or has run.</summary>
public sealed class BacktestJob(string id, BacktestRequest request) : IDisposable
{
    private readonly CancellationTokenSource _cancelling = new();
    private double _progress;

    public string Id => id;

    public BacktestRequest Request => request;

    public BacktestState State { get; private set; }

    /// <summary>0 to 1.</summary>
    public double Progress => Volatile.Read(ref _progress);

    /// <summary>Why it failed.</summary>
    public string? Error { get; private set; }

    public OutcomeComparison? Result { get; private set; }

    public void Cancel() => _cancelling.Cancel();

    public void Dispose() => _cancelling.Dispose();

    internal void Run()
    {
        try
        {
            Result = request.Compare(share => Volatile.Write(ref _progress, share), _cancelling.Token);
            State = BacktestState.Done;
        }
        catch (OperationCanceledException)
        {
            State = BacktestState.Cancelled;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            (Error, State) = (error.Message, BacktestState.Failed);
        }
    }
}

/// <summary>The backtests of a running service: one at a time, on a thread that gives way to everything else; the last ones are kept until the next start.</summary>
public sealed class BacktestJobs : IDisposable
{
    private const int Kept = 5;

    private readonly Lock _gate = new();

    // Oldest first.
    private readonly List<BacktestJob> _jobs = [];
    private Thread? _thread;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<BacktestJob> All
    {
        get
        {
            lock (_gate)
                return [.. Enumerable.Reverse(_jobs)];
        }
    }

    public BacktestJob? Find(string id)
    {
        lock (_gate)
            return _jobs.Find(job => job.Id == id);
    }

    /// <summary>Null while another one runs.</summary>
    public BacktestJob? Start(BacktestRequest request)
    {
        lock (_gate)
        {
            if (_jobs.Exists(job => job.State == BacktestState.Running))
                return null;
            var job = new BacktestJob(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), request);
            _jobs.Add(job);
            if (_jobs.Count > Kept)
            {
                _jobs[0].Dispose();
                _jobs.RemoveAt(0);
            }
            _thread = new Thread(job.Run) { IsBackground = true, Name = "backtest", Priority = ThreadPriority.Lowest };
            _thread.Start();
            return job;
        }
    }

    public void Dispose()
    {
        foreach (var job in All)
            job.Cancel();
        _thread?.Join();
        foreach (var job in All)
            job.Dispose();
    }
}
