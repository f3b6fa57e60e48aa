using System.Diagnostics.Metrics;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.State;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Gateways.Upward;

/// <summary>
/// Forwards to the city for as long as the service runs; what keeps it from that is shown in readiness and metrics, and after a minute is <c>system/upward_lost</c>. Of a
/// cluster's nodes the owner forwards, from where the one before has come to.
/// </summary>
internal sealed class UpwardService : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _address;
    private readonly LinkState _state;
    private readonly UpwardLink _link;
    private readonly Func<SystemAlarm> _alarm;
    private readonly DurableLog _log;
    private readonly Ownership _ownership;
    private readonly TimeProvider _time;
    private readonly Meter _meter = new(TelemetryMetrics.MeterName);

    public UpwardService(
        UpwardOptions options, ServiceOptions service, DurableLog log, Progress progress, LogAppender append, AlarmBook book, Readiness readiness, TimeProvider time, Ownership ownership,
        StateDatabase database, RulesRunner rules, ILogger<UpwardService> logger, KeptTable? kept = null, AlarmCounts? counts = null)
    {
        (_address, _time, _log, _ownership) = (options.City.Address, time, log, ownership);
        _state = new LinkState("upward", options.City, time, logger);
        var name = LogId.Of(Path.Combine(service.DataPath, "log"));
        IUpwardPlace place = kept is null ? new UpwardPlace(Path.Combine(service.DataPath, UpwardPlace.FileName), name) : new SharedUpwardPlace(kept, name, () => log.Committed);
        _link = new UpwardLink(options, log, progress, place, _state, time, counts is null ? null : () => new CountedLog(counts, options.Gateway, database), () => rules.Failing);
        _alarm = () => new SystemAlarm(WatchService.UpwardLost, "the city is lost for another reason", "the city has everything again", append.AppendAsync, book.Stands(WatchService.UpwardLost), logger);
        readiness.Watch(Readiness.CityUnreachable, () => ownership.IsOwner ? _state.WhyNot : null);
        _meter.CreateObservableGauge("telemetry_upward_connected", () => Ours(_state.DownFor == TimeSpan.Zero ? 1 : 0), null, "1 while connected to the city's service, else 0.");
        _meter.CreateObservableGauge("telemetry_upward_behind_entries", () => Ours(Math.Max(0, progress.Rules - _link.Acknowledged)), null, "Entries of the log that the city does not have yet.");
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
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                // What another node forwards must not hold back this one's log.
                if (!_ownership.IsAlone)
                    _log.ForgetReader(UpwardLink.ReaderName);
                await _ownership.WhenOwnerAsync(stoppingToken);
                await _ownership.AsOwnerAsync(ForwardAsync, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private Task ForwardAsync(CancellationToken stopping)
    {
        _state.Begin();
        return Task.WhenAll(new ReconnectLoop(_state, _time, Backoff.Random).RunAsync(_link.RunAsync, stopping), WatchAsync(stopping));
    }

    // That another node forwards is no news of this one.
    private IEnumerable<Measurement<long>> Ours(long value) => _ownership.IsOwner ? [new(value)] : [];

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        var alarm = _alarm();
        alarm.Restore([_address]);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var lost = _state.DownFor >= Patience ? new Dictionary<string, string> { [_address] = _state.WhyNot ?? "" } : [];
                await alarm.SayAsync(lost, stoppingToken);
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
