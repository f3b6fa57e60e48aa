using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Decoding.Again;

/// <summary>Decodes again what devices sent before they entered the register: when the register changes, and once a minute for what was under way just then.</summary>
public sealed partial class AdoptedLetters(StateDatabase database, DeviceDirectory devices, Redecoder redecoder, ILogger<AdoptedLetters> logger) : BackgroundService
{
    /// <summary>In the log, as who asked for it.</summary>
    public const string By = "register";

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _changed = new(0);

    /// <summary>The register has changed.</summary>
    public void Look()
    {
        // One run sees all changes before it; two that are asked for at the same time are one too many at worst.
        if (_changed.CurrentCount == 0)
            _changed.Release();
    }

    /// <summary>Of all devices that the register knows by now.</summary>
    public async Task RedecodeAsync(CancellationToken cancellationToken)
    {
        var adopted = database.UnknownSenders().Where(wireId => devices.FindByWireId(wireId) is not null).ToList();
        foreach (var chunk in adopted.Chunk(500))
        {
            var result = await redecoder.RunAsync(new DeadLetterFilter { Reason = RejectReason.UnknownDevice, Senders = chunk }, By, dry: false, cancellationToken);
            if (result.Readings > 0)
                LogAdopted(chunk.Length, result.Readings);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await RedecodeAsync(stoppingToken);
                }
                catch (Exception error) when (error is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    // Whatever it is: it must not stop the service, now and at every start.
                    LogLater(error);
                }
                await _changed.WaitAsync(Every, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: the rest has its turn after the next start.
        }
    }

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Devices} devices have entered the register: {Readings} readings that they sent before were decoded")]
    private partial void LogAdopted(int devices, long readings);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what adopted devices sent before can't be decoded for now, and will be tried again")]
    private partial void LogLater(Exception error);
}
