namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>Keeps the copies of lists that all nodes share as they are in PostgreSQL, also those that nobody has asked for yet. Fails as soon as one of them does.</summary>
/// <param name="follow">Null for what this service does not have.</param>
internal sealed class SharedCopies(IEnumerable<Func<CancellationToken, Task>?> follow) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var ended in Task.WhenEach(follow.OfType<Func<CancellationToken, Task>>().Select(each => each(stoppingToken))))
            await ended;
    }
}
