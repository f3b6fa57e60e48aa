namespace Telemetry.Ingest.Gateways.External;

/// <summary>One connection after the other, for ever, with growing pauses between failures.</summary>
/// <param name="random">0 to 1.</param>
internal sealed class ReconnectLoop(LinkState state, TimeProvider time, Func<double> random)
{
    /// <param name="connection">Connects, and returns when the connection is over with the reason; or throws <see cref="BrokerFailureException"/>.</param>
    public async Task RunAsync(Func<CancellationToken, Task<BrokerFailureException>> connection, CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            var failure = await OneAsync(connection, stopping);
            if (stopping.IsCancellationRequested)
                return;
            state.Failed(failure);
            failures = time.GetElapsedTime(began) >= Backoff.Settled ? 1 : failures + 1;
            try
            {
                await Task.Delay(Backoff.Delay(failures, random()), time, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // Whatever goes wrong on one connection, the next one is tried.
    private static async Task<BrokerFailureException> OneAsync(Func<CancellationToken, Task<BrokerFailureException>> connection, CancellationToken stopping)
    {
        try
        {
            return await connection(stopping);
        }
        catch (Exception error)
        {
            return BrokerFailure.Of(error);
        }
    }
}
