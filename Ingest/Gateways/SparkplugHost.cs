using Telemetry.Ingest.Decoding.Sparkplug;

namespace Telemetry.Ingest.Gateways;

/// <summary>Looks twice a second which edge nodes have to be asked for their births, and asks them. Any thread.</summary>
/// <param name="nodes">Of each route.</param>
/// <param name="now">Log time, Unix ms.</param>
internal sealed partial class SparkplugHost(IReadOnlyList<EdgeNodes> nodes, SparkplugOptions options, Func<long> now, TimeProvider time, ILogger<SparkplugHost> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    private readonly List<Func<RebirthRequest, CancellationToken, Task>> _ways = [];

    /// <summary>What to say on a connection that begins now.</summary>
    public HostState StateNow => new(options.HostId, now());

    /// <summary>A broker on which nodes may be; a request goes to all of them. One that can't be sent for now is dropped: a node that goes on sending is asked again.</summary>
    public void Ask(Func<RebirthRequest, CancellationToken, Task> way)
    {
        lock (_ways)
            _ways.Add(way);
    }

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await AskDueAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    internal async Task AskDueAsync(CancellationToken cancellationToken)
    {
        foreach (var request in nodes.SelectMany(each => each.TakeDue(now(), (long)options.ReorderTimeout.TotalMilliseconds)))
        {
            LogAsks(request.Topic);
            Func<RebirthRequest, CancellationToken, Task>[] ways;
            lock (_ways)
                ways = [.. _ways];
            foreach (var way in ways)
                await TryAsync(way, request, cancellationToken);
        }
    }

    // Whatever a broker makes of one request, the next node is asked.
    private async Task TryAsync(Func<RebirthRequest, CancellationToken, Task> way, RebirthRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await way(request, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotAsked(request.Topic, error);
        }
    }

    [LoggerMessage(LogLevel.Information, "Sparkplug: asks for a rebirth: {Topic}")]
    private partial void LogAsks(string topic);

    [LoggerMessage(LogLevel.Warning, "Sparkplug: could not ask for a rebirth: {Topic}")]
    private partial void LogNotAsked(string topic, Exception error);
}
