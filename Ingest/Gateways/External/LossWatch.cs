using Telemetry.Rules.Model;
using Telemetry.Rules.Operators;

namespace Telemetry.Ingest.Gateways.External;

/// <summary>
/// Tells the log when the service is without its broker and when it is back, so that no silence ages in between. Up to the entry it ages:
/// the grace keeps a broker's restart from being an alarm.
/// </summary>
/// <param name="downFor">For how long nothing has been connected; zero while something is, null where nothing is known of it.</param>
/// <param name="lost">The log's last word, as far as it was followed.</param>
internal sealed partial class LossWatch(Func<TimeSpan?> downFor, Func<string?> whyNot, AppendEntries append, Func<bool> lost, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    // Until the log shows it: another node may say the contrary at any time.
    private bool? _said;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var (down, logged) = (downFor(), lost());
                if (_said == logged)
                    _said = null;
                var isLost = _said ?? logged;
                if (!isLost && down >= Grace)
                    await SayAsync(true, whyNot() ?? "no connection", cancellationToken);
                else if (isLost && down == TimeSpan.Zero)
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
            _said = lost;
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
