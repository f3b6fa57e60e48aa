using System.Diagnostics.Metrics;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>Forwards to the city for as long as the service runs; what keeps it from that is shown in readiness and metrics, and after a minute is <c>system/upward_lost</c>.</summary>
internal sealed class UpwardService : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _address;
    private readonly LinkState _state;
    private readonly UpwardLink _link;
    private readonly SystemAlarm _alarm;
    private readonly TimeProvider _time;
    private readonly Meter _meter = new(TelemetryMetrics.MeterName);

    public UpwardService(UpwardOptions options, ServiceOptions service, DurableLog log, Progress progress, LogAppender append, AlarmBook book, Readiness readiness, TimeProvider time, ILogger<UpwardService> logger)
    {
        (_address, _time) = (options.City.Address, time);
        _state = new LinkState("upward", options.City, time, logger);
        _link = new UpwardLink(options, log, progress, new UpwardPlace(Path.Combine(service.DataPath, UpwardPlace.FileName), LogId.Of(Path.Combine(service.DataPath, "log"))), _state, time);
        _alarm = new SystemAlarm(WatchService.UpwardLost, "the city is lost for another reason", "the city has everything again", append.AppendAsync, book.Stands(WatchService.UpwardLost), logger);
        _alarm.Restore([options.City.Address]);
        readiness.Watch(Readiness.CityUnreachable, () => _state.WhyNot);
        _meter.CreateObservableGauge("telemetry_upward_connected", () => _state.DownFor == TimeSpan.Zero ? 1 : 0, null, "1 while connected to the city's service, else 0.");
        _meter.CreateObservableGauge("telemetry_upward_behind_entries", () => Math.Max(0, progress.Rules - _link.Acknowledged), null, "Entries of the log that the city does not have yet.");
    }

    /// <summary>Where no city is configured: what was not forwarded must not hold back the log for ever, and a city that comes later begins with what comes then.</summary>
    public static void Forget(DurableLog log, string dataPath)
    {
        log.ForgetReader(UpwardLink.ReaderName);
        File.Delete(Path.Combine(dataPath, UpwardPlace.FileName));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await Task.WhenAll(new ReconnectLoop(_state, _time, Backoff.Random).RunAsync(_link.RunAsync, stoppingToken), WatchAsync(stoppingToken));
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var lost = _state.DownFor >= Patience ? new Dictionary<string, string> { [_address] = _state.WhyNot ?? "" } : [];
                await _alarm.SayAsync(lost, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }
}
