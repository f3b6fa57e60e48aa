using System.Text;

namespace Telemetry.Ingest.Tests.Gateways;

public class AcknowledgementTests
{
    [Theory]
    [InlineData("0", "mqttv311")]
    [InlineData("1", "mqttv311")]
    [InlineData("2", "mqttv311")]
    [InlineData("0", "mqttv5")]
    [InlineData("1", "mqttv5")]
    [InlineData("2", "mqttv5")]
    public async Task What_mosquitto_pub_sends_is_stored_once_at_every_quality_of_service(string quality, string version)
    {
        await using var broker = await TestBroker.StartAsync();

        await broker.MosquittoPubAsync(RawClient.Topic, """{"values":{"tilt_angle":4}}""", "-q", quality, "-V", version);

        await broker.Log.UntilAsync(log => log.Readings.Any());
        Assert.Equal([4], broker.Log.Values);
    }

    [Fact]
    public async Task What_is_malformed_is_stored_as_a_dead_letter_and_acknowledged()
    {
        await using var broker = await TestBroker.StartAsync();

        await broker.MosquittoPubAsync(RawClient.Topic, "{\"values\":", "-q", "1");

        Assert.Equal(["malformed"], broker.Log.DeadLetters.Select(d => d.Reason));
    }

    [Fact]
    public async Task A_publish_to_a_topic_that_is_not_ours_is_acknowledged_and_goes_nowhere()
    {
        await using var broker = await TestBroker.StartAsync();
        using var listener = broker.Raw();
        await listener.ConnectAsync("listener");
        await listener.SendAsync(listener.Subscribe(1, "alarms/v1/#"));
        await listener.ReceiveAsync(RawClient.SubAck);

        await broker.MosquittoPubAsync("alarms/v1/_/manhole_cover/mc-1/cover_open", "forged", "-q", "1", "-r");

        Assert.Equal(["bad_topic"], broker.Log.DeadLetters.Select(d => d.Reason));
        await listener.NothingIsSaidAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_acknowledgement_waits_for_the_commit_and_a_ping_does_not(bool version5)
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5);
        broker.Log.Hold();

        await client.SendAsync(client.Publish(1, 7, RawClient.Value(1)));
        await broker.Log.UntilAsync(log => log.Readings.Any());
        await client.NothingIsSaidAsync();

        broker.Log.Release();
        Assert.Equal(7, await client.ReceiveIdAsync(RawClient.PubAck));
    }

    [Fact]
    public async Task Many_messages_share_a_commit_and_are_acknowledged_in_their_order()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c");
        broker.Log.Hold();

        await client.SendAsync([.. Enumerable.Range(1, 200).Select(i => client.Publish(1, (ushort)i, RawClient.Value(i)))]);
        await broker.Log.UntilAsync(log => log.Readings.Count() == 200);
        await client.NothingIsSaidAsync();
        broker.Log.Release();

        for (var i = 1; i <= 200; i++)
            Assert.Equal(i, await client.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (double)i), broker.Log.Values);
        Assert.True(broker.Log.Appends < 100, $"{broker.Log.Appends} appends for 200 messages");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_that_fails_ends_the_connection_and_acknowledges_nothing(bool version5)
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5);
        broker.Log.Hold();

        await client.SendAsync(client.Publish(1, 7, RawClient.Value(1)), client.Publish(2, 8, RawClient.Value(2)));
        await broker.Log.UntilAsync(log => log.Readings.Count() == 2);
        broker.Log.Release(new IOException("the disk said no"));

        if (version5)
            Assert.Equal(0x83, (await client.ReceiveAsync(RawClient.Disconnect))[0]);
        await client.IsClosedAsync();
        Assert.Empty(broker.Log.GatewayChanges);
    }

    [Fact]
    public async Task A_topic_alias_stands_for_its_topic()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5: true);

        await client.SendAsync(
            client.Publish(1, 1, RawClient.Value(1), alias: 3),
            client.Publish(1, 2, RawClient.Value(2), topic: "", alias: 3),
            client.Publish(1, 3, RawClient.Value(3), topic: "telemetry/v1/gw-1/tunnel/t-1", alias: 3),
            client.Publish(1, 4, RawClient.Value(4), topic: "", alias: 3));

        for (var i = 1; i <= 4; i++)
            Assert.Equal(i, await client.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal(["mc-1", "mc-1", "t-1", "t-1"], broker.Log.Readings.Select(r => r.Device));
    }

    [Fact]
    public async Task A_payload_of_ten_megabytes_is_a_dead_letter_and_acknowledged()
    {
        await using var broker = await TestBroker.StartAsync();

        await broker.MosquittoPubAsync(RawClient.Topic, new string(' ', 10_000_000), "-q", "1");

        var letter = Assert.Single(broker.Log.DeadLetters);
        Assert.Equal(("too_large", 64 << 10), (letter.Reason, letter.Payload.Length));
    }

    [Fact]
    public async Task A_payload_over_16_MiB_ends_the_connection_with_a_reason_and_without_waiting_for_it()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5: true);

        // The fixed header of a PUBLISH of 200 MB, and not a byte more.
        await client.SendAsync([0x32, 0x80, 0x84, 0xAF, 0x5F]);

        Assert.Equal(0x95, (await client.ReceiveAsync(RawClient.Disconnect))[0]);
        await client.IsClosedAsync();
    }

    [Theory]
    [InlineData(0x36, "0004 7465")]
    [InlineData(0x32, "0001 61 0000")]
    [InlineData(0x32, "00FF 61")]
    [InlineData(0x30, "0000")]
    // a/+, #, a NUL
    [InlineData(0x30, "0003 612F2B")]
    [InlineData(0x32, "0001 23 0001")]
    [InlineData(0x30, "0002 6100")]
    public async Task A_packet_that_is_none_ends_the_connection(byte header, string body)
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c");

        var bytes = Convert.FromHexString(body.Replace(" ", "", StringComparison.Ordinal));
        await client.SendAsync([header, (byte)bytes.Length, .. bytes]);

        await client.IsClosedAsync();
        Assert.Empty(broker.Log.Entries);
    }

    [Fact]
    public async Task A_message_before_CONNECT_ends_the_connection()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();

        await client.SendAsync(client.Publish(1, 1, RawClient.Value(1)));

        await client.IsClosedAsync();
        Assert.Empty(broker.Log.Entries);
    }

    [Fact]
    public async Task A_log_that_stands_still_closes_the_door_until_it_goes_on()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5: true);
        await client.SendAsync(client.Publish(1, 1, RawClient.Value(1)));
        await client.ReceiveIdAsync(RawClient.PubAck);

        broker.StalledFor = TimeSpan.FromSeconds(5);
        Assert.Equal(0x97, (await client.ReceiveAsync(RawClient.Disconnect))[0]);
        await client.IsClosedAsync();
        using (var five = broker.Raw())
            Assert.Equal(0x97, (await five.ConnectAsync("c", version5: true))[1]);
        using (var three = broker.Raw())
            Assert.Equal(0x03, (await three.ConnectAsync("c"))[1]);

        broker.StalledFor = TimeSpan.Zero;
        using var again = broker.Raw();
        Assert.Equal(0x00, (await again.ConnectAsync("c"))[1]);
        Assert.Empty(broker.Log.GatewayChanges);
    }
}
