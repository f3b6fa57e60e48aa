using Microsoft.Extensions.Logging;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Tests.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Cluster;

/// <summary>Three nats-servers for the tests of one class, and streams of their own for each.</summary>
public sealed class StreamServers : IAsyncLifetime
{
    private int _streams;

    internal NatsServers Servers { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Servers = await NatsServers.StartAsync();

    public ValueTask DisposeAsync() => Servers.DisposeAsync();

    public ClusterOptions NewStream() => OptionsOf($"log-{Interlocked.Increment(ref _streams)}");

    public ClusterOptions OptionsOf(string stream) => new() { Servers = [.. Servers.Urls.Split(',').Select(url => new Uri(url))], Stream = stream };
}

/// <summary>One node's directory, where its log is opened again and again.</summary>
/// <param name="folder">Null for one that is empty, and gone afterwards.</param>
internal sealed class StreamNode(ClusterOptions options, string? folder = null) : LogPlace
{
    private static readonly LogOptions Log = new() { SegmentSize = 1 << 20, Reserve = 1 << 20 };
    private readonly TempDirectory _directory = new();

    public RecordedLogger Logger { get; } = new();

    public string Folder => folder ?? _directory.Path;

    /// <summary>Of the log that is open.</summary>
    public ClusterLog Cluster { get; private set; } = null!;

    public override async Task<OpenLog> OpenAsync(TimeSpan behind = default)
    {
        var clock = new LogClock(behind == default ? TimeProvider.System : new Earlier(TimeProvider.System, behind));
        var copy = DurableLog.Open(Folder, Log, new FileSystem(), clock, Logger);
        var cluster = Cluster = new ClusterLog(options, Log, Folder, copy, clock, Logger);
        try
        {
            await cluster.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await CloseAsync();
            throw;
        }
        return new OpenLog(cluster, copy, CloseAsync);

        async ValueTask CloseAsync()
        {
            await cluster.DisposeAsync();
            await copy.DisposeAsync();
        }
    }

    public override ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Everything that a node holds: position, time and bytes of each entry.</summary>
    public static IReadOnlyList<(long Position, long Time, string Bytes)> Contents(DurableLog log) =>
        [.. ReadAll(log).Select(entry => (entry.Position, entry.Time, Convert.ToHexString(Batch(entry).Bytes)))];

    public static Task UntilAsync(OpenLog log, long position) => Wait.ForAsync($"position {position}", () => Task.FromResult(log.Log.Committed), committed => committed >= position);
}

/// <summary>The log of a cluster's node, on three nats-servers.</summary>
public sealed class StreamLogContract(StreamServers servers) : LogContract, IClassFixture<StreamServers>
{
    protected override int Samples => 5;

    protected override LogPlace NewPlace() => new StreamNode(servers.NewStream());
}
