using System.Security.Cryptography;
using Telemetry.Ingest.Cluster.Owner;

namespace Telemetry.Ingest.Backtest;

/// <summary>The backtests of a running service: one at a time, the last ones are kept until the next start; or those of all nodes, where they share them.</summary>
public sealed class BacktestJobs : IAsyncDisposable
{
    /// <summary>How many are known.</summary>
    internal const int Kept = 5;

    private readonly Lock _gate = new();
    private readonly SharedBacktests? _shared;

    // Oldest first.
    private readonly List<BacktestJob> _jobs = [];

    /// <param name="shared">Null on one machine, or without <c>Cluster:Postgres</c>.</param>
    public BacktestJobs(TimeProvider time, SharedLists? shared = null) => _shared = shared is null ? null : new SharedBacktests(shared, time);

    /// <summary>Which ones <see cref="All"/> has.</summary>
    public string Which => _shared is null ? "since the service started; the last five are kept" : $"at any node; the last five are kept, {SharedBacktests.Lifetime.TotalDays:0} days at most";

    /// <summary>Newest first.</summary>
    public IReadOnlyList<BacktestStatus> All
    {
        get
        {
            if (_shared is not null)
                return _shared.All;
            lock (_gate)
                return [.. Enumerable.Reverse(_jobs).Select(job => job.Status)];
        }
    }

    public BacktestStatus? Find(string id) => _shared is not null ? _shared.Find(id) : Own(id)?.Status;

    /// <summary>Completes when also what other nodes have said so far is known, where PostgreSQL answers.</summary>
    public Task RefreshAsync() => _shared?.RefreshAsync() ?? Task.CompletedTask;

    /// <returns>Null while another one runs.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer, or another node's turn takes long.</exception>
    public async Task<BacktestJob?> StartAsync(BacktestRequest request, CancellationToken cancellationToken)
    {
        var job = new BacktestJob(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), request);
        if (_shared is not null ? await _shared.StartAsync(job, cancellationToken) : Start(job))
            return job;
        job.Dispose();
        return null;
    }

    /// <summary>Ends it in a moment, if it runs.</summary>
    /// <returns>How it stands; null where there is none.</returns>
    /// <exception cref="IOException">It runs at another node, and PostgreSQL does not answer.</exception>
    public async Task<BacktestStatus?> CancelAsync(string id, CancellationToken cancellationToken)
    {
        if (_shared is not null)
            return await _shared.CancelAsync(id, cancellationToken);
        Own(id)?.Cancel();
        return Find(id);
    }

    /// <param name="id">Of one that is done.</param>
    /// <returns>Null where there is none any more.</returns>
    /// <exception cref="IOException">PostgreSQL does not answer.</exception>
    public async Task<string?> DifferencesAsync(string id, CancellationToken cancellationToken) =>
        _shared is not null ? await _shared.DifferencesAsync(id, cancellationToken) : Own(id)?.Differences();

    /// <inheritdoc cref="DifferencesAsync"/>
    public async Task<string?> PageAsync(string id, CancellationToken cancellationToken) =>
        _shared is not null ? await _shared.PageAsync(id, cancellationToken) : Own(id)?.Page();

    /// <inheritdoc cref="SharedList.FollowAsync"/>
    internal Task FollowAsync(CancellationToken cancellationToken) => _shared?.FollowAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_shared is not null)
            await _shared.DisposeAsync();
        foreach (var job in _jobs)
            job.Cancel();
        foreach (var job in _jobs)
        {
            await job.Ended;
            job.Dispose();
        }
    }

    /// <returns>Null where this process does not run it, or has not.</returns>
    internal BacktestJob? Own(string id)
    {
        if (_shared is not null)
            return _shared.Own(id);
        lock (_gate)
            return _jobs.Find(job => job.Id == id);
    }

    private bool Start(BacktestJob job)
    {
        lock (_gate)
        {
            if (_jobs.Exists(known => known.State == BacktestState.Running))
                return false;
            _jobs.Add(job);
            if (_jobs.Count > Kept)
            {
                _jobs[0].Dispose();
                _jobs.RemoveAt(0);
            }
            job.Start();
            return true;
        }
    }
}
