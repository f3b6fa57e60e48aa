namespace Telemetry.Ingest.Cluster.Owner;

/// <summary>Keeps the copies of lists that all nodes share as they are in PostgreSQL, also those that nobody has asked for yet.</summary>
/// <param name="follow">Null for what this service does not have.</param>
internal sealed class SharedCopies(IEnumerable<Func<CancellationToken, Task>?> follow) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(follow.OfType<Func<CancellationToken, Task>>().Select(each => each(stoppingToken)));
}
