namespace Telemetry.Simulators.Load;

/// <summary>Publishes load over many connections and measures what comes back. One run per instance.</summary>
/// <exception cref="ArgumentException">The options violate their limits.</exception>
public sealed class LoadPublisher
{
    private readonly LoadOptions _options;
    private readonly TimeProvider _time;
    private IReadOnlyList<LoadConnection> _connections = [];

    public LoadPublisher(LoadOptions options, TimeProvider time)
    {
        options.Validate();
        (_options, _time) = (options, time);
    }

    /// <summary>Messages so far; may be read while it runs.</summary>
    public long Sent => _connections.Sum(c => c.Sent);

    /// <summary>Messages so far; may be read while it runs.</summary>
    public long Acknowledged => _connections.Sum(c => c.Acknowledged);

    /// <returns>What came of it until its end, or until it was cancelled; that is among its errors then.</returns>
    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        using var recorder = _options.Record is { } path ? new AckRecorder(path) : null;
        _connections = [.. Enumerable.Range(0, _options.Connections).Select(i => new LoadConnection(_options, i, recorder, _time))];
        var cpu = Environment.CpuUsage.TotalTime;
        var started = _time.GetTimestamp();
        try
        {
            await Task.WhenAll(_connections.Select(c => Task.Run(() => c.RunAsync(cancellationToken), CancellationToken.None)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was counted until then stands.
        }
        var seconds = _time.GetElapsedTime(started).TotalSeconds;
        var cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;

        var latencies = new LatencyHistogram();
        foreach (var connection in _connections)
            latencies.Add(connection.Latencies);
        return new LoadResult
        {
            Sent = Sent,
            Acknowledged = Acknowledged,
            Resent = _connections.Sum(c => c.Resent),
            ReadingsPerMessage = _options.Batch,
            ValuesPerReading = _options.Channels,
            Seconds = seconds,
            AckP50 = latencies.Milliseconds(0.5),
            AckP99 = latencies.Milliseconds(0.99),
            AckMax = latencies.Milliseconds(1),
            CpuSeconds = cpuSeconds,
            Drops = _connections.Sum(c => c.Drops),
            Errors = [.. _connections.Select(c => c.Error).OfType<string>(), .. cancellationToken.IsCancellationRequested ? (string[])["ended by request before its time"] : []],
        };
    }
}
