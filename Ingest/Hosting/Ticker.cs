using Telemetry.Ingest.Log;
using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Hosting;

/// <summary>Writes the passing of time into the log once a second, and what the log's own state says: clock steps, unwritable and back.</summary>
public sealed partial class Ticker(ILogAppend log, LogClock clock, TimeProvider time, ILogger<Ticker> logger) : BackgroundService
{
    private string? _announced;
    private bool _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        Task last = Task.CompletedTask;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Announce();
                // One tick on its way is enough: a disk that hangs must not pile them up.
                if (last.IsCompleted && log.NeedsTicks)
                    last = await log.AppendAsync(Tick(), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private EntryBatch Tick()
    {
        var batch = new EntryBatch();
        if (clock.TakeStep() is var step and > 0)
            batch.Add(new ClockStepEntry(step));
        var unwritable = log.Unwritable;
        if (unwritable is null != _announced is null)
            batch.Add(new SystemEntry(WatchService.LogUnwritable, unwritable is not null, unwritable ?? "entries are durable again"));
        _announced = unwritable;
        batch.Add(new TickEntry());
        return batch;
    }

    /// <summary>By a path of its own: the log may take nothing any more.</summary>
    private void Announce()
    {
        var unwritable = log.Unwritable;
        if (unwritable is not null && !_said)
            LogUnwritable(unwritable);
        else if (unwritable is null && _said)
            LogWritable();
        _said = unwritable is not null;
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "log_unwritable: {Reason}. Readings are no longer acknowledged; gateways keep them. Alarms go on in the reserve.")]
    private partial void LogUnwritable(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the log takes entries again")]
    private partial void LogWritable();
}
