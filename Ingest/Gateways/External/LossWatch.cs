using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// Tells the log when the service is without its broker and when it is back, so that no silence ages in between. Up to the entry it ages:
/// the grace keeps a broker's restart from being an alarm.
/// </summary>
/// <param name="lost">How the log stands at start.</param>
internal sealed partial class LossWatch(LinkState readings, AppendEntries append, bool lost, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    private bool _lost = lost;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var down = readings.DownFor;
                if (!_lost && down >= Grace)
                    await SayAsync(true, readings.WhyNot ?? "no connection", cancellationToken);
                else if (_lost && down == TimeSpan.Zero)
                    await SayAsync(false, "connected again", cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // A planned stop is no loss.
        }
    }

    private async Task SayAsync(bool lost, string detail, CancellationToken cancellationToken)
    {
        try
        {
            await append([new SystemEntry(WatchService.BrokerLost, lost, detail)], cancellationToken);
            _lost = lost;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Said again at the next look.
            LogNotSaid(lost, error);
        }
    }

    [LoggerMessage(LogLevel.Error, "broker_lost = {Lost} could not be appended to the log")]
    private partial void LogNotSaid(bool lost, Exception error);
}
