namespace Telemetry.Ingest.Store;

/// <summary>The stores that <c>Store:Kinds</c> names, each with a writer of its own: one that is away does not slow the others.</summary>
public sealed class StoreWriters(IReadOnlyList<StoreWriter> writers) : IHostedService, IDisposable
{
    public IReadOnlyList<StoreWriter> All => writers;

    /// <summary>Which stores take nothing at the moment, and why; null while all do.</summary>
    public string? Failing
    {
        get
        {
            var failing = writers.Where(writer => writer.Failing is not null).Select(writer => $"{writer.Kind}: {writer.Failing}").ToArray();
            return failing.Length == 0 ? null : string.Join("; ", failing);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(writers.Select(writer => writer.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(writers.Select(writer => writer.StopAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var writer in writers)
            writer.Dispose();
    }
}
