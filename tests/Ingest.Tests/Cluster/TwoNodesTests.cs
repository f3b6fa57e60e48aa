using System.Text;
using NATS.Client.Core;
using NATS.Client.JetStream;
using Telemetry.Ingest.Cluster;
using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Log.LogBench;

namespace Telemetry.Ingest.Tests.Cluster;

/// <summary>Nodes that share a stream hold the same log, whatever became of them.</summary>
public sealed class TwoNodesTests(StreamServers servers) : IClassFixture<StreamServers>
{
    [Fact]
    public async Task Two_nodes_that_write_at_once_hold_the_same_entries_at_the_same_positions_and_times()
    {
        var options = servers.NewStream();
        await using StreamNode first = new(options), second = new(options);
        await using var one = await first.OpenAsync();
        await using var other = await second.OpenAsync();
        await Task.WhenAll(new[] { (Log: one, Gateway: "a"), (Log: other, Gateway: "b") }.Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await writer.Log.Append(Reading(i, gateway: writer.Gateway), Reading(1_000 + i, gateway: writer.Gateway));
        })));
        await StreamNode.UntilAsync(one, 400);
        await StreamNode.UntilAsync(other, 400);
        var contents = StreamNode.Contents(one.Log);
        Assert.Equal(400, contents.Count);
        Assert.Equal(contents, StreamNode.Contents(other.Log));
        Assert.Equal(contents.Select(entry => entry.Time).Order(), contents.Select(entry => entry.Time));
    }

    [Fact]
    public async Task A_node_whose_files_are_lost_is_filled_again_from_the_stream()
    {
        var options = servers.NewStream();
        await using StreamNode first = new(options), late = new(options);
        await using var one = await first.OpenAsync();
        for (var i = 0; i < 50; i++)
            await one.Append(Reading(i), new TickEntry());
        await using var other = await late.OpenAsync();
        // Started means that it holds what the stream held.
        Assert.Equal(StreamNode.Contents(one.Log), StreamNode.Contents(other.Log));
    }

    [Fact]
    public async Task A_node_that_was_away_goes_on_where_it_stood_with_or_without_its_place()
    {
        var options = servers.NewStream();
        await using StreamNode first = new(options), second = new(options);
        await using var one = await first.OpenAsync();
        for (var round = 0; round < 3; round++)
        {
            await using (var other = await second.OpenAsync())
                Assert.Equal((2 * round) + 1, await other.Append(Reading(round, gateway: "b")));
            Assert.True(File.Exists(Path.Combine(second.Folder, "stream")));
            await one.Append(Reading(round, gateway: "a"));
            if (round == 1)
                File.Delete(Path.Combine(second.Folder, "stream"));
        }
        await using var last = await second.OpenAsync();
        Assert.Equal(6, last.Log.Committed);
        Assert.Equal(StreamNode.Contents(one.Log), StreamNode.Contents(last.Log));
    }

    [Fact]
    public async Task A_node_whose_reader_the_servers_have_lost_reads_on_behind_what_it_holds()
    {
        var options = servers.NewStream();
        await using var node = new StreamNode(options);
        await using var log = await node.OpenAsync();
        await using var connection = new NatsConnection(new NatsOpts { Url = servers.Servers.Urls });
        var jetStream = new NatsJSContext(connection);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 20; i++)
                Assert.Equal((20 * round) + i + 1, await log.Append(Reading((20 * round) + i)).WaitAsync(Wait.Longest, TestContext.Current.CancellationToken));
            await foreach (var reader in jetStream.ListConsumersAsync(options.Stream, TestContext.Current.CancellationToken))
                await jetStream.DeleteConsumerAsync(options.Stream, reader.Info.Name, TestContext.Current.CancellationToken);
        }
        await StreamNode.UntilAsync(log, 60);
        Assert.Equal(60, StreamNode.Contents(log.Log).Count);
    }

    [Fact]
    public async Task What_others_wrote_into_the_stream_and_what_stands_in_it_twice_is_left_out_by_every_node()
    {
        var options = servers.NewStream();
        await using StreamNode first = new(options), second = new(options);
        await using var one = await first.OpenAsync();
        await one.Append(Reading(1));
        await using var connection = new NatsConnection(new NatsOpts { Url = servers.Servers.Urls });
        var jetStream = new NatsJSContext(connection);
        var subject = options.Stream + ".0";
        await jetStream.PublishAsync(subject, Encoding.UTF8.GetBytes("not ours"), cancellationToken: TestContext.Current.CancellationToken);
        // The first message again, as a sender's second try would bring it that JetStream no longer knows: it has another name.
        var stream = await jetStream.GetStreamAsync(options.Stream, cancellationToken: TestContext.Current.CancellationToken);
        var again = (await stream.GetAsync(new() { Seq = 1 }, TestContext.Current.CancellationToken)).Message.Data.ToArray();
        await jetStream.PublishAsync(subject, again, opts: new NatsJSPubOpts { MsgId = "another" }, cancellationToken: TestContext.Current.CancellationToken);
        var damaged = again.ToArray();
        damaged[^1] ^= 1;
        await jetStream.PublishAsync(subject, damaged, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(2, await one.Append(Reading(2)));
        await using var other = await second.OpenAsync();
        Assert.Equal([1, 2], Sequences(ReadAll(one.Log)));
        Assert.Equal(StreamNode.Contents(one.Log), StreamNode.Contents(other.Log));
        Assert.Contains(first.Logger.Lines, line => line.Contains("message 2 of the stream (8 bytes) was not written by this service", StringComparison.Ordinal));
        Assert.Contains(second.Logger.Lines, line => line.Contains("message 3 of the stream is", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_of_a_later_version_stops_a_node_rather_than_give_it_another_log()
    {
        var options = servers.NewStream();
        await using var node = new StreamNode(options);
        await using var log = await node.OpenAsync();
        await log.Append(Reading(1));
        await using var connection = new NatsConnection(new NatsOpts { Url = servers.Servers.Urls });
        var message = new StreamMessage(7, 1, 1, 1).ToBytes([0, 0, 0, 0, 200]);
        await new NatsJSContext(connection).PublishAsync(options.Stream + ".0", message, cancellationToken: TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => node.Cluster.Running);
        Assert.Contains("kind 200", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.Append(Reading(2)));
    }

    [Fact]
    public async Task A_directory_that_holds_another_log_than_the_stream_is_refused()
    {
        await using var node = new StreamNode(servers.NewStream());
        await using (var log = await node.OpenAsync())
            await log.Append(Reading(1));
        // The same directory, another stream: its place names the one that it followed; without it, times differ.
        var other = servers.NewStream();
        await using var elsewhere = new StreamNode(other);
        await using (var log = await elsewhere.OpenAsync())
            await log.Append(new TickEntry(), new TickEntry());
        foreach (var file in Directory.GetFiles(node.Folder))
            File.Copy(file, Path.Combine(elsewhere.Folder, Path.GetFileName(file)), overwrite: true);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => elsewhere.OpenAsync());
        Assert.Contains("follows the stream that was made at", error.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(elsewhere.Folder, "stream"));
        error = await Assert.ThrowsAsync<InvalidDataException>(() => elsewhere.OpenAsync());
        Assert.Contains("is not a copy of the stream", error.Message, StringComparison.Ordinal);
        // And a log of one machine before an empty stream.
        await using var fresh = new StreamNode(servers.NewStream());
        File.Copy(Directory.GetFiles(node.Folder, "*1.log").Single(), Path.Combine(fresh.Folder, "00000000000000000001.log"));
        error = await Assert.ThrowsAsync<InvalidDataException>(() => fresh.OpenAsync());
        Assert.Contains("the stream at 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_clock_is_an_hour_ahead_does_not_take_the_log_with_it()
    {
        var options = servers.NewStream();
        await using StreamNode right = new(options), wrong = new(options);
        await using var one = await right.OpenAsync();
        await using var other = await wrong.OpenAsync(behind: TimeSpan.FromHours(-1));
        await other.Append(new TickEntry());
        await one.Append(new TickEntry());
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.All(ReadAll(one.Log), entry => Assert.InRange(entry.Time, now - 60_000, now + 6_000));
    }

    [Fact]
    public async Task Only_one_of_two_nodes_need_tick()
    {
        var options = servers.NewStream();
        await using StreamNode first = new(options), second = new(options);
        await using var one = await first.OpenAsync();
        await using var other = await second.OpenAsync();
        Assert.True(one.In.NeedsTicks && other.In.NeedsTicks);
        await Wait.ForAsync(
            "the other hears it",
            async () =>
            {
                // Again: one that was heard while nobody looked is forgotten soon.
                await one.Append(new TickEntry());
                return !other.In.NeedsTicks;
            },
            5);
        Assert.True(one.In.NeedsTicks);
        // And takes over once it hears none.
        await Wait.ForAsync("silence", () => other.In.NeedsTicks, 5);
    }
}
