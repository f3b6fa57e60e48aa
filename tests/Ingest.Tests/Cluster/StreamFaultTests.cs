using System.Collections.Concurrent;
using Telemetry.Ingest.Cluster;
using Telemetry.Ingest.Tests.Log;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Cluster;

/// <summary>Dead servers. The ledger knows only what was acknowledged.</summary>
public sealed class StreamFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_was_acknowledged_survives_the_leaders_kill_once_in_order_and_at_the_same_positions_on_both_nodes()
    {
        await using var servers = await NatsServers.StartAsync();
        var options = OptionsOf(servers);
        await using StreamNode first = new(options), second = new(options);
        await using var one = await first.OpenAsync();
        await using var other = await second.OpenAsync();
        var ledger = new ConcurrentDictionary<(string Gateway, long Sequence), long>();
        using var over = new CancellationTokenSource();
        var producers = new[] { (Log: one, Gateway: "a"), (Log: one, Gateway: "b"), (Log: other, Gateway: "c"), (Log: other, Gateway: "d") }
            .Select(producer => Task.Run(() => ProduceAsync(producer.Log, producer.Gateway, ledger, over.Token))).ToArray();
        for (var kill = 0; kill < 2; kill++)
        {

            await MoreAsync(ledger, 200);
            var leader = await LeaderAsync(servers, options.Stream);
            await servers.CrashAsync(leader);
            var begun = TimeProvider.System.GetTimestamp();
            await MoreAsync(ledger, 200);
            output.WriteLine($"leader n{leader} killed; 200 more acknowledged after {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s");
            servers.StartAgain(leader);
            // One dead server of three is what they bear: the next one goes once this one holds everything again.
            await Wait.ForAsync("all replicas are current", () => servers.AreCurrentAsync(options.Stream), 120);
        }
        await over.CancelAsync();
        await Task.WhenAll(producers);
        var last = ledger.Values.Max();
        await StreamNode.UntilAsync(one, last);
        await StreamNode.UntilAsync(other, last);

        var stored = ReadAll(one.Log).Cast<ReadingEntry>().ToList();
        var where = stored.ToDictionary(entry => (entry.Reading.Gateway, entry.Reading.Sequence!.Value), entry => entry.Position);
        output.WriteLine($"acknowledged {ledger.Count}, stored {stored.Count}");
        Assert.Equal(stored.Count, where.Count);
        Assert.All(ledger, entry => Assert.Equal(entry.Value, where[entry.Key]));
        foreach (var producer in stored.GroupBy(entry => entry.Reading.Gateway))
            Assert.Equal(Enumerable.Range(0, producer.Count()).Select(i => (long)i), Sequences(producer));
        Assert.Equal(StreamNode.Contents(one.Log).Take((int)last), StreamNode.Contents(other.Log).Take((int)last));
    }

    [Fact]
    public async Task Without_a_majority_nothing_is_acknowledged_and_everything_goes_on_in_order_once_it_is_back()
    {
        await using var servers = await NatsServers.StartAsync();
        var options = OptionsOf(servers);
        await using var node = new StreamNode(options);
        await using var log = await node.OpenAsync();
        await log.Append(Reading(0));
        await servers.CrashAsync(0);
        await servers.CrashAsync(1);
        var waiting = await log.Begin(Reading(1));
        var ticking = await log.Begin(new TickEntry());
        await Wait.ForAsync("the log says that it takes nothing", () => log.In.Unwritable?.StartsWith("stream: ", StringComparison.Ordinal) == true, 30);
        Assert.False(waiting.IsCompleted);
        Assert.True(log.In.StalledFor > TimeSpan.FromSeconds(4));
        Assert.Equal(1, log.Log.Committed);
        servers.StartAgain(0);
        servers.StartAgain(1);
        Assert.Equal(2, await waiting.WaitAsync(Wait.Longest, TestContext.Current.CancellationToken));
        Assert.Equal(3, await ticking);
        Assert.Null(log.In.Unwritable);
        Assert.Equal([0, 1], Sequences(ReadAll(log.Log)));
    }

    [Fact]
    public async Task Servers_that_nobody_has_started_end_the_start_with_what_would_be_right()
    {
        var options = new ClusterOptions { Servers = [new Uri("nats://127.0.0.1:1")] };
        await using var stream = new NatsStream(options, TimeSpan.FromDays(1), new Fast());
        var error = await Assert.ThrowsAsync<IOException>(() => stream.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Contains("nats://127.0.0.1:1: no stream for 60 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("More than half of the nats-servers must run", error.Message, StringComparison.Ordinal);
    }

    private static ClusterOptions OptionsOf(NatsServers servers) => new() { Servers = [.. servers.Urls.Split(',').Select(url => new Uri(url))] };

    private static async Task<int> LeaderAsync(NatsServers servers, string stream) => (await Wait.ForAsync("a leader", () => servers.LeaderAsync(stream), leader => leader is not null))!.Value;

    private static Task<int> MoreAsync(ConcurrentDictionary<(string, long), long> ledger, int more)
    {
        var before = ledger.Count;
        return Wait.ForAsync($"{before + more} acknowledged", () => Task.FromResult(ledger.Count), count => count >= before + more, 120);
    }

    private static async Task ProduceAsync(OpenLog log, string gateway, ConcurrentDictionary<(string, long), long> ledger, CancellationToken over)
    {
        for (var i = 0L; !over.IsCancellationRequested; i++)
            ledger[(gateway, i)] = await log.Append(Reading(i, gateway: gateway));
    }

    /// <summary>Sixty of its seconds are one of ours.</summary>
    private sealed class Fast : TimeProvider
    {
        public override long GetTimestamp() => TimeProvider.System.GetTimestamp() * 60;
    }
}
