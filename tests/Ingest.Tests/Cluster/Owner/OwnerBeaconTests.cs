using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Cluster.Owner;
using Telemetry.Ingest.Log;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Cluster.Owner;

/// <summary>Nodes on three nats-servers, without PostgreSQL; their clocks are the test's.</summary>
public sealed class OwnerBeaconTests(StreamServers servers) : IClassFixture<StreamServers>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task The_last_owner_goes_on_while_it_hears_the_stream_and_stops_when_it_does_not()
    {
        await using var node = await Node.StartAsync(servers.NewStream());
        node.Ownership.Hold(node.Time.GetTimestamp());
        node.Ownership.Unsaved();
        for (var second = 0; second < 20; second++)
        {
            await node.HearAsync();
            var words = node.Words;
            node.Time.Advance(Second);
            await Wait.ForAsync("its word", () => node.Words > words);
            Assert.True(node.Ownership.IsOwner);
        }

        await Wait.ForAsync("the end of the lease", () =>
        {
            node.Time.Advance(Second);
            return !node.Ownership.IsOwner;
        });
        Assert.InRange(node.Time.GetElapsedTime(node.Log.HeardAt), Ownership.Lease, Ownership.Lease + (2 * Second));

        // It listens for as long as a successor would wait, and finds none.
        await Wait.ForAsync("it goes on", async () =>
        {
            await node.HearAsync();
            node.Time.Advance(Second);
            return node.Ownership.IsOwner;
        });
    }

    [Fact]
    public async Task It_gives_way_to_a_node_that_has_claimed_the_state_before_that_one_acts()
    {
        var stream = servers.NewStream();
        await using var first = await Node.StartAsync(stream);
        await using var second = await Node.StartAsync(stream);
        first.Ownership.Hold(first.Time.GetTimestamp());
        first.Ownership.Unsaved();
        second.Ownership.Claim();
        await Wait.ForAsync("the first gives way", () =>
        {
            second.Time.Advance(Second);
            return !first.Ownership.IsOwner;
        });
        Assert.False(first.Ownership.StandsIn);
        Assert.False(second.Ownership.IsOwner);
    }

    [Fact]
    public async Task The_others_know_whether_a_node_acts()
    {
        var stream = servers.NewStream();
        await using var owner = await Node.StartAsync(stream);
        await using var other = await Node.StartAsync(stream);
        Assert.Null(owner.Beacon.NobodyFor);
        await Wait.ForAsync("it knows that nobody acts", async () =>
        {
            await other.HearAsync();
            other.Time.Advance(Second);
            return other.Beacon.NobodyFor is not null;
        });
        owner.Ownership.Hold(owner.Time.GetTimestamp());
        await Wait.ForAsync("it hears the owner", async () =>
        {
            owner.Ownership.Hold(owner.Time.GetTimestamp());
            owner.Time.Advance(Second);
            await other.HearAsync();
            return other.Beacon.NobodyFor is null;
        });
        Assert.Null(owner.Beacon.NobodyFor);
    }

    private sealed class Node : IAsyncDisposable
    {
        private static readonly LogOptions Options = new() { SegmentSize = 1 << 20, Reserve = 1 << 20 };
        private readonly TempDirectory _directory = new();
        private readonly DurableLog _copy;
        private readonly CancellationTokenSource _over = new();
        private Task _listening = Task.CompletedTask;
        private int _words;
        private int _readings;

        private Node(ClusterOptions options)
        {
            var clock = new LogClock(Time);
            _copy = DurableLog.Open(_directory.Path, Options, new FileSystem(), clock, NullLogger.Instance);
            Log = new ClusterLog(options, Options, _directory.Path, _copy, clock, NullLogger.Instance);
            Ownership = new Ownership(Time);
            Beacon = new OwnerBeacon(Log, Ownership, new OwnerNode("127.0.0.1:1"), clock, NullLogger<OwnerBeacon>.Instance);
        }

        public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

        public ClusterLog Log { get; }

        public Ownership Ownership { get; }

        public OwnerBeacon Beacon { get; }

        /// <summary>How many were heard, of whichever node.</summary>
        public int Words => Volatile.Read(ref _words);

        public static async Task<Node> StartAsync(ClusterOptions options)
        {
            var node = new Node(options);
            await node.Log.StartAsync(TestContext.Current.CancellationToken);
            node._listening = node.ListenAsync();
            await Wait.ForAsync("it listens", async () =>
            {
                await node.Log.SayAsync("nothing that anybody knows", CancellationToken.None);
                return node.Words > 0;
            });
            await node.Beacon.StartAsync(TestContext.Current.CancellationToken);
            return node;
        }

        /// <summary>Something comes from the stream.</summary>
        public async Task HearAsync() => await await Log.AppendAsync(Batch(Reading(++_readings)), CancellationToken.None);

        private async Task ListenAsync()
        {
            await foreach (var _ in Log.HearAsync(_over.Token))
                Interlocked.Increment(ref _words);
        }

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _over.Dispose();
            await Beacon.StopAsync(CancellationToken.None);
            Beacon.Dispose();
            await Log.DisposeAsync();
            await _copy.DisposeAsync();
            Ownership.Dispose();
            _directory.Dispose();
        }
    }
}
