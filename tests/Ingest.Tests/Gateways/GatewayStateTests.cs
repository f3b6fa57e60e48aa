namespace Telemetry.Ingest.Tests.Gateways;

public class GatewayStateTests
{
    private const string Status = "telemetry/v1/gw-1/status";

    [Fact]
    public async Task A_status_is_an_entry_when_it_changes_something()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c");

        string[] said = ["online", "online", "offline", "offline", "online"];
        await client.SendAsync([.. said.Select((word, i) => client.Publish(1, (ushort)(i + 1), System.Text.Encoding.UTF8.GetBytes(word), Status))]);
        for (var i = 1; i <= said.Length; i++)
            Assert.Equal(i, await client.ReceiveIdAsync(RawClient.PubAck));

        Assert.Equal([("gw-1", true, "status"), ("gw-1", false, "status"), ("gw-1", true, "status")], broker.Log.GatewayChanges);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_last_will_is_an_entry_and_shifts_no_acknowledgement(int quality)
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c");
        using (var dying = broker.Raw())
        {
            await dying.ConnectAsync("d", will: (Status, "offline", quality));
            await dying.SendAsync(dying.Publish(1, 1, RawClient.Value(1)));
            await dying.ReceiveIdAsync(RawClient.PubAck);
            broker.Log.Hold();
            await client.SendAsync(client.Publish(1, 1, RawClient.Value(2), topic: "telemetry/v1/gw-2/manhole_cover/mc-2"));
            await broker.Log.UntilAsync(log => log.Readings.Count() == 2);
            dying.Kill();
        }

        await broker.Log.UntilAsync(log => log.GatewayChanges.Any());
        await client.NothingIsSaidAsync();
        broker.Log.Release();
        Assert.Equal(1, await client.ReceiveIdAsync(RawClient.PubAck));
        await client.NothingIsSaidAsync();
        Assert.Equal([("gw-1", false, "status")], broker.Log.GatewayChanges);
    }

    [Fact]
    public async Task A_last_will_of_mosquitto_sub_killed_is_an_entry()
    {
        await using var broker = await TestBroker.StartAsync();
        await broker.Broker.PublishAsync("alarms/v1/x", "it listens"u8.ToArray(), retain: true, TestContext.Current.CancellationToken);
        using var gateway = broker.MosquittoSub("-t", "alarms/v1/#", "-i", "gw-1", "--will-topic", Status, "--will-payload", "offline", "--will-qos", "1");
        Assert.Equal("it listens", await gateway.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        gateway.Kill();

        await broker.Log.UntilAsync(log => log.GatewayChanges.Contains(("gw-1", false, "status")));
        Assert.Single(broker.Log.Entries);
    }

    [Fact]
    public async Task The_end_of_the_connection_that_last_published_for_a_gateway_is_an_entry()
    {
        await using var broker = await TestBroker.StartAsync();
        using var first = broker.Raw();
        using var second = broker.Raw();
        await first.ConnectAsync("first");
        await second.ConnectAsync("second");
        await first.SendAsync(first.Publish(1, 1, RawClient.Value(1)));
        await first.ReceiveIdAsync(RawClient.PubAck);
        await second.SendAsync(second.Publish(1, 1, RawClient.Value(2)));
        await second.ReceiveIdAsync(RawClient.PubAck);

        first.Kill();
        await second.NothingIsSaidAsync();
        second.Kill();

        await broker.Log.UntilAsync(log => log.GatewayChanges.Any());
        Assert.Equal([("gw-1", false, "connection_ended")], broker.Log.GatewayChanges);
    }

    [Fact]
    public async Task A_client_that_comes_back_by_taking_over_keeps_its_gateway_up_and_its_end_takes_it_down()
    {
        await using var broker = await TestBroker.StartAsync();
        using var old = broker.Raw();
        await old.ConnectAsync("c", will: (Status, "offline", 1));
        await old.SendAsync(old.Publish(1, 1, RawClient.Value(1)));
        await old.ReceiveIdAsync(RawClient.PubAck);

        using var client = broker.Raw();
        await client.ConnectAsync("c");
        await old.IsClosedAsync();
        await client.NothingIsSaidAsync();
        Assert.Empty(broker.Log.GatewayChanges);

        client.Kill();
        await broker.Log.UntilAsync(log => log.GatewayChanges.Any());
        Assert.Equal([("gw-1", false, "connection_ended")], broker.Log.GatewayChanges);
    }

    [Fact]
    public async Task A_connection_that_the_service_closes_says_nothing_of_its_gateway()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5: true, will: (Status, "offline", 1));
        await client.SendAsync(client.Publish(1, 1, RawClient.Value(1)));
        await client.ReceiveIdAsync(RawClient.PubAck);

        // Its host goes later: going at once it would cut off what is still on its way.
        await broker.Broker.DisposeAsync();

        Assert.Equal(0x8B, (await client.ReceiveAsync(RawClient.Disconnect))[0]);
        await client.IsClosedAsync();
        Assert.Empty(broker.Log.GatewayChanges);
    }

    [Fact]
    public async Task A_client_that_breaks_its_keep_alive_is_ended_and_its_will_is_heard()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5: true, keepAlive: 1, will: (Status, "offline", 1));

        Assert.Equal(0x8D, (await client.ReceiveAsync(RawClient.Disconnect))[0]);
        await client.IsClosedAsync();
        await broker.Log.UntilAsync(log => log.GatewayChanges.Any());
        Assert.Equal([("gw-1", false, "status")], broker.Log.GatewayChanges);
    }

    [Fact]
    public async Task A_gateway_whose_line_dies_without_a_word_is_down()
    {
        await using var broker = await TestBroker.StartAsync();
        using var gate = new TcpGate(broker.Port);
        using var client = new RawClient(gate.Port);
        await client.ConnectAsync("c", version5: true, keepAlive: 3);
        await client.SendAsync(client.Publish(1, 1, RawClient.Value(1)));
        Assert.Equal(1, await client.ReceiveIdAsync(RawClient.PubAck));

        gate.Fault = LineFault.HalfOpen;

        await broker.Log.UntilAsync(log => log.GatewayChanges.Any());
        Assert.Equal([("gw-1", false, "connection_ended")], broker.Log.GatewayChanges);
    }
}
