using Telemetry.Ingest.Cluster.Owner;

namespace Telemetry.Ingest.Store.Influx.Series;

/// <summary>
/// Writes series of the service's own into InfluxDB, each kind at its own pace and over a connection of its own: one that is refused or away holds up neither the
/// others nor the readings.
/// </summary>
/// <param name="name">Label <c>series</c> of the metrics.</param>
public abstract partial class SeriesWriter(string name, InfluxOptions options, RefusedLines refused, TimeProvider time, ILogger logger, HttpMessageHandler? handler) : BackgroundService
{
    private readonly StoreWriterOptions _pauses = new();
    private int _failures;

    public string Name => name;

    /// <summary>Of the cluster's nodes one writes; <see cref="Ownership.Alone"/> for what each says of itself.</summary>
    public Ownership Ownership { get; init; } = Ownership.Alone;

    public RefusedLines Refused => refused;

    /// <summary>How old what is not stored yet is, ms; 0 for nothing.</summary>
    public abstract long Behind { get; }

    /// <summary>Lines that were given up to bound what waits.</summary>
    public virtual long Dropped => 0;

    private protected InfluxClient Client { get; } = new(options, time, handler);

    private protected InfluxOptions Options => options;

    private protected TimeProvider Clock => time;

    /// <summary>Copies until something fails.</summary>
    /// <exception cref="IOException">The database, or the projections, take or give nothing for now.</exception>
    protected abstract Task CopyAsync(CancellationToken cancellationToken);

    /// <summary>Until this node is the owner.</summary>
    /// <exception cref="IOException">As of <see cref="CopyAsync"/>.</exception>
    protected virtual Task StandByAsync(CancellationToken cancellationToken) => Ownership.WhenOwnerAsync(cancellationToken);

    protected void Succeeded()
    {
        if (_failures > 0)
            LogRecovered(name, _failures);
        _failures = 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                TimeSpan? asked = null;
                try
                {
                    if (!Ownership.IsOwner)
                        await StandByAsync(stoppingToken);
                    await Ownership.AsOwnerAsync(CopyAsync, stoppingToken);
                    // Another node goes on with it.
                    continue;
                }
                catch (IOException error)
                {
                    if (_failures++ == 0)
                        LogFailing(name, error);
                    asked = (error as StoreAwayException)?.RetryAfter;
                }
                await Task.Delay(asked ?? _pauses.RetryAfter(_failures), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping. What was not written is written after the next start.
        }
        catch (Exception error)
        {
            // Alarms and readings go on without these series.
            LogGivenUp(name, error);
        }
    }

    public override void Dispose()
    {
        Client.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the series {Name} can't be written for now; they are written later")]
    private partial void LogFailing(string name, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "the series {Name} are written again after {Failures} failed attempts")]
    private partial void LogRecovered(string name, int failures);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the series {Name} stay off until the next start")]
    private partial void LogGivenUp(string name, Exception error);
}
