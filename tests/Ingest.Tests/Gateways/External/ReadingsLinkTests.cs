using Telemetry.Ingest.Gateways;
using Telemetry.Ingest.Gateways.External;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Gateways.External;

/// <summary>Readings through a real Mosquitto: taken once committed, in order, each on the connection that brought it.</summary>
public sealed class ReadingsLinkTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task What_mosquitto_pub_sends_arrives_once(string version)
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();

        foreach (var quality in (string[])["0", "1", "2"])
            await Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-V", version, "-q", quality, "-t", RawClient.Topic, "-m", $$$"""{"values":{"tilt_angle":{{{quality}}}}}""");

        await link.ValuesAsync(3);
        Assert.Equal([0, 1, 2], link.Log.Values.Order());
        Assert.Equal(3, link.Broker.Readings.Messages);
        Assert.Equal(0, link.Broker.Readings.Reconnects);
        Assert.Empty(link.SystemEntries);
    }

    [Fact]
    public async Task A_broker_that_speaks_no_MQTT_5_is_taken_as_it_is()
    {
        using var broker = await Mosquitto.StartAsync();
        using var relay = new Relay(broker.Port) { RefusesVersion5 = true };
        await using var link = new TestLink(relay.Port, _directory);
        await link.ConnectedAsync();

        await PublishAsync(broker.Port, 1, 10);

        await link.ValuesAsync(10);
        Assert.Equal(Numbers(1, 10), link.Log.Values);
        Assert.Contains(link.Lines, line => line.Contains("MQTT 3.1.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_acknowledged_before_its_commit_and_the_window_bounds_what_is_under_way()
    {
        using var broker = await Mosquitto.StartAsync();
        using var relay = new Relay(broker.Port);
        await using var link = new TestLink(relay.Port, _directory, with: options => options with { Window = 100 });
        await link.ConnectedAsync();
        link.Log.Hold();

        await PublishAsync(broker.Port, 1, 1500);
        await link.ValuesAsync(100);
        // A message at QoS 0 passes the window: everything that could come before it has come.
        await Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-q", "0", "-t", RawClient.Topic, "-m", """{"values":{"tilt_angle":-1}}""");
        await link.ValuesAsync(101);
        Assert.Equal([.. Numbers(1, 100), -1], link.Log.Values);
        Assert.DoesNotContain(Relay.PubAck, relay.Sent[0]);

        link.Log.Release();
        await link.ValuesAsync(1501);
        Assert.Equal([.. Numbers(1, 100), -1, .. Numbers(101, 1400)], link.Log.Values);
        await Wait.ForAsync("all acknowledged", () => relay.Sent[0].Count(kind => kind == Relay.PubAck) == 1500);
    }

    [Fact]
    public async Task What_was_not_stored_comes_again()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();
        link.Log.Hold();
        await PublishAsync(broker.Port, 1, 5);
        await link.ValuesAsync(5);

        link.Log.Release(new IOException("the disk said no"));

        await link.FailedAsync(BrokerFailure.NotStored);
        await link.ValuesAsync(10);
        Assert.Equal([1, 2, 3, 4, 5, 1, 2, 3, 4, 5], link.Log.Values);
    }

    [Fact]
    public async Task An_acknowledgement_never_goes_out_on_another_connection()
    {
        using var broker = await Mosquitto.StartAsync();
        using var relay = new Relay(broker.Port);
        var log = new RecordingLog();
        var commits = new List<TaskCompletionSource<long>>();
        async ValueTask<Task<long>> AppendAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
        {
            await log.AppendAsync(entries, cancellationToken);
            var commit = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (commits)
                commits.Add(commit);
            return commit.Task;
        }
        await using var link = new TestLink(relay.Port, _directory, log, AppendAsync);
        await link.ConnectedAsync();
        await PublishAsync(broker.Port, 1, 1);
        await link.ValuesAsync(1);

        relay.Cut();
        await link.ValuesAsync(2);
        lock (commits)
            commits[0].SetResult(1);
        // Comes behind the acknowledgement that must not be.
        await PublishAsync(broker.Port, 2, 1);
        await link.ValuesAsync(3);
        Assert.DoesNotContain(Relay.PubAck, relay.Sent.SelectMany(connection => connection));

        lock (commits)
        {
            foreach (var commit in commits.Skip(1))
                commit.SetResult(1);
        }
        await Wait.ForAsync("both acknowledged", () => relay.Sent[^1].Count(kind => kind == Relay.PubAck) == 2);
        Assert.Equal([1, 1, 2], log.Values);
    }

    [Fact]
    public async Task A_planned_stop_acknowledges_what_is_being_committed_and_takes_leave()
    {
        using var broker = await Mosquitto.StartAsync();
        using var relay = new Relay(broker.Port);
        await using (var link = new TestLink(relay.Port, _directory))
        {
            await link.ConnectedAsync();
            link.Log.Hold();
            await PublishAsync(broker.Port, 1, 50);
            await link.ValuesAsync(50);

            await link.BeginStopAsync();
            await PublishAsync(broker.Port, 51, 1);
            link.Log.Release();
            await link.StopAsync();

            Assert.Equal(Numbers(1, 50), link.Log.Values);
            await Wait.ForAsync("leave is taken", () => relay.Sent[0][^1] == Relay.Disconnect);
            Assert.Equal(50, relay.Sent[0].Count(kind => kind == Relay.PubAck));
            Assert.Empty(link.SystemEntries);
        }

        await using var again = new TestLink(relay.Port, _directory);
        await again.ValuesAsync(1);
        Assert.Equal([51], again.Log.Values);
    }

    [Fact]
    public async Task Twenty_thousand_messages_queued_while_the_service_was_away_arrive_once()
    {
        using var broker = await Mosquitto.StartAsync();
        await using (var link = new TestLink(broker.Port, _directory))
            await link.ConnectedAsync();

        await PublishAsync(broker.Port, 1, 20_000);

        await using var again = new TestLink(broker.Port, _directory);
        await again.ValuesAsync(20_000);
        Assert.Equal(Numbers(1, 20_000), again.Log.Values);
        Assert.True(again.Log.Appends < 10_000, $"{again.Log.Appends} appends for 20,000 messages");
    }

    [Fact]
    public async Task A_message_too_large_for_the_log_is_one_dead_letter_and_no_endless_loop()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();
        using var client = new RawClient(broker.Port);
        await client.ConnectAsync("big");

        await client.SendAsync(client.Publish(1, 1, new byte[17 << 20]), client.Publish(1, 2, RawClient.Value(7)));

        await link.ValuesAsync(1);
        Assert.Equal(["too_large"], link.Log.DeadLetters.Select(letter => letter.Reason));
        Assert.Equal(0, link.Broker.Readings.Reconnects);
    }

    [Fact]
    public async Task A_will_takes_a_gateway_down_and_the_end_of_our_connection_takes_none()
    {
        using var broker = await Mosquitto.StartAsync();
        using var relay = new Relay(broker.Port);
        await using var link = new TestLink(relay.Port, _directory);
        await link.ConnectedAsync();
        await Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-q", "1", "-t", "telemetry/v1/gw-2/status", "-m", "online");
        using (var dying = new RawClient(broker.Port))
        {
            await dying.ConnectAsync("gw-1", will: ("telemetry/v1/gw-1/status", "offline", 1));
            await dying.SendAsync(dying.Publish(1, 1, RawClient.Value(1)));
            await dying.ReceiveIdAsync(RawClient.PubAck);
            dying.Kill();
        }
        await link.Log.UntilAsync(log => log.GatewayChanges.Count() == 2);

        relay.Cut();
        await Wait.ForAsync("connected again", () => link.Broker.Readings.Reconnects == 1);

        // What had not been acknowledged when the line broke comes again.
        Assert.Equal([("gw-2", true, "status"), ("gw-1", false, "status")], link.Log.GatewayChanges.Distinct());
    }

    [Fact]
    public async Task Other_filters_take_the_place_of_those_before_them_in_the_same_session()
    {
        using var broker = await Mosquitto.StartAsync();
        await using (var link = new TestLink(broker.Port, _directory))
            await link.ConnectedAsync();
        await using var other = new TestLink(broker.Port, _directory, with: options => options with { Topics = ["telemetry/v1/+/tunnel/#", "$share/g/telemetry/v1/gw-2/manhole_cover/#"] });
        await other.ConnectedAsync();

        await PublishAsync(broker.Port, 1, 1);
        await PublishAsync(broker.Port, 2, 1, "telemetry/v1/gw-2/manhole_cover/mc-1");
        await PublishAsync(broker.Port, 3, 1, "telemetry/v1/gw-1/tunnel/t-1");

        await other.ValuesAsync(2);
        Assert.Equal([2, 3], other.Log.Values.Order());
        Assert.Empty(other.SystemEntries);
    }

    internal static IEnumerable<double> Numbers(int first, int count) => Enumerable.Range(first, count).Select(i => (double)i);

    /// <summary>Values from <paramref name="first"/> on, at QoS 1; returns when the broker has them all.</summary>
    internal static async Task PublishAsync(int port, int first, int count, string topic = RawClient.Topic)
    {
        using var client = new RawClient(port);
        await client.ConnectAsync($"publisher-{first}");
        for (var sent = 0; sent < count; sent += 500)
        {
            var some = Math.Min(500, count - sent);
            await client.SendAsync([.. Enumerable.Range(0, some).Select(i => client.Publish(1, (ushort)(i + 1), RawClient.Value(first + sent + i), topic))]);
            for (var i = 0; i < some; i++)
                await client.ReceiveIdAsync(RawClient.PubAck);
        }
    }
}
