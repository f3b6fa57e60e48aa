using System.Text.Json.Serialization;

namespace Telemetry.Ingest.Backtest;

[JsonConverter(typeof(JsonStringEnumConverter<BacktestState>))]
public enum BacktestState
{
    Running,
    Done,
    Failed,
    Cancelled,
}

/// <summary>How a backtest stands.</summary>
/// <param name="Name">What the rules that it tries are called.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="From">Of alarms' raisedAt, Unix ms, inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Error">Why it failed; of a running one, why its results can't be stored.</param>
/// <param name="Totals">Once it is done, see <see cref="BacktestJson.Totals(OutcomeComparison)"/>.</param>
public sealed record BacktestStatus(string Id, string Name, BacktestState State, double Progress, long From, long To, string? Error, string? Totals);

/// <summary>One backtest that this process runs, or has run, on a thread that gives way to everything else.</summary>
public sealed class BacktestJob(string id, BacktestRequest request) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancelling = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double _progress;
    private bool _isDisposed;

    public string Id => id;

    public BacktestRequest Request => request;

    public BacktestState State { get; private set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; private set; }

    public OutcomeComparison? Result { get; private set; }

    /// <summary>JSON, once it is done.</summary>
    public string? Totals { get; private set; }

    /// <summary>Completes when it has ended, however.</summary>
    public Task Ended => _ended.Task;

    public BacktestStatus Status => new(id, request.NewName, State, Volatile.Read(ref _progress), request.Span.From, request.Span.To, Error, Totals);

    public void Cancel()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                _cancelling.Cancel();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _cancelling.Dispose();
        }
    }

    /// <summary>Of one that is done, see <see cref="BacktestJson.Lines"/>.</summary>
    public string Differences() => string.Concat(BacktestJson.Lines(Result!).Select(line => line + "\n"));

    /// <summary>Of one that is done, HTML.</summary>
    public string Page() => request.Page(Result!);

    /// <param name="finish">Done on its thread before it counts as done.</param>
    internal void Start(Action? finish = null) => new Thread(() => Run(finish)) { IsBackground = true, Name = "backtest", Priority = ThreadPriority.Lowest }.Start();

    private void Run(Action? finish)
    {
        try
        {
            Result = request.Compare(share => Volatile.Write(ref _progress, share), _cancelling.Token);
            Totals = BacktestJson.Totals(Result);
            finish?.Invoke();
            State = BacktestState.Done;
        }
        catch (OperationCanceledException)
        {
            State = BacktestState.Cancelled;
        }
        // A fault of its own must not take the service with it.
        catch (Exception error)
        {
            (Error, State) = (error is IOException or InvalidDataException or UnauthorizedAccessException ? error.Message : $"{error.GetType().Name}: {error.Message}", BacktestState.Failed);
        }
        finally
        {
            _ended.SetResult();
        }
    }
}
