namespace Telemetry.Ingest.Tests.Gateways;

public class SessionTests
{
    [Fact]
    public async Task A_QoS_2_message_sent_again_before_its_release_is_appended_once()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c");

        await client.SendAsync(client.Publish(2, 5, RawClient.Value(1)), client.Publish(2, 5, RawClient.Value(1), duplicate: true));
        Assert.Equal(5, await client.ReceiveIdAsync(RawClient.PubRec));
        Assert.Equal(5, await client.ReceiveIdAsync(RawClient.PubRec));
        await client.SendAsync(RawClient.Release(5));
        Assert.Equal(5, await client.ReceiveIdAsync(RawClient.PubComp));
        Assert.Equal([1], broker.Log.Values);

        await client.SendAsync(client.Publish(2, 5, RawClient.Value(2)));
        Assert.Equal(5, await client.ReceiveIdAsync(RawClient.PubRec));
        Assert.Equal([1, 2], broker.Log.Values);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_QoS_2_message_sent_again_on_the_next_connection_of_its_session_is_appended_once_and_waits_for_the_first_commit(bool version5)
    {
        await using var broker = await TestBroker.StartAsync();
        broker.Log.Hold();
        using (var before = broker.Raw())
        {
            await before.ConnectAsync("c", version5, clean: false);
            await before.SendAsync(before.Publish(2, 5, RawClient.Value(1)));
            await broker.Log.UntilAsync(log => log.Readings.Any());
            before.Kill();
        }

        using var client = broker.Raw();
        Assert.Equal(1, (await client.ConnectAsync("c", version5, clean: false))[0]);
        await client.SendAsync(client.Publish(2, 5, RawClient.Value(1), duplicate: true));
        await client.NothingIsSaidAsync();
        broker.Log.Release();

        Assert.Equal(5, await client.ReceiveIdAsync(RawClient.PubRec));
        Assert.Equal([1], broker.Log.Values);
    }

    [Fact]
    public async Task A_clean_start_forgets_what_was_not_released()
    {
        await using var broker = await TestBroker.StartAsync();
        using (var before = broker.Raw())
        {
            await before.ConnectAsync("c", clean: false);
            await before.SendAsync(before.Publish(2, 5, RawClient.Value(1)));
            await before.ReceiveIdAsync(RawClient.PubRec);
        }

        using var client = broker.Raw();
        Assert.Equal(0, (await client.ConnectAsync("c"))[0]);
        await client.SendAsync(client.Publish(2, 5, RawClient.Value(2)));

        Assert.Equal(5, await client.ReceiveIdAsync(RawClient.PubRec));
        Assert.Equal([1, 2], broker.Log.Values);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task A_client_that_takes_its_connection_over_gets_no_acknowledgement_of_what_the_old_one_sent(bool version5, bool clean)
    {
        await using var broker = await TestBroker.StartAsync();
        using var old = broker.Raw();
        await old.ConnectAsync("c", version5, clean);
        broker.Log.Hold();
        await old.SendAsync([.. Enumerable.Range(1, 50).Select(i => old.Publish(1, (ushort)i, RawClient.Value(i)))]);
        await broker.Log.UntilAsync(log => log.Readings.Count() == 50);

        using var client = broker.Raw();
        await client.ConnectAsync("c", version5, clean);
        if (version5)
            Assert.Equal(0x8E, (await old.ReceiveAsync(RawClient.Disconnect))[0]);
        await old.IsClosedAsync();
        await client.SendAsync(client.Publish(1, 7, RawClient.Value(107)));
        await broker.Log.UntilAsync(log => log.Readings.Count() == 51);
        await client.NothingIsSaidAsync();
        broker.Log.Release();

        Assert.Equal(7, await client.ReceiveIdAsync(RawClient.PubAck));
        await client.NothingIsSaidAsync();
        Assert.Equal(51, broker.Log.Values.Distinct().Count());
    }

    [Fact]
    public async Task Connections_taken_over_under_load_lose_nothing_that_was_acknowledged()
    {
        await using var broker = await TestBroker.StartAsync();
        var acknowledged = new List<double>();
        var value = 0;
        var client = broker.Raw();
        await client.ConnectAsync("c");
        for (var round = 0; round < 30; round++)
        {
            var first = value + 1;
            value += 40;
            await client.SendAsync([.. Enumerable.Range(1, 40).Select(i => client.Publish(1, (ushort)i, RawClient.Value(first + i - 1)))]);
            for (var i = 1; i <= round; i++)
            {
                Assert.Equal(i, await client.ReceiveIdAsync(RawClient.PubAck));
                acknowledged.Add(first + i - 1);
            }
            var next = broker.Raw();
            await next.ConnectAsync("c");
            await next.NothingIsSaidAsync();
            client.Dispose();
            client = next;
        }
        await client.NothingIsSaidAsync();
        Assert.Empty(broker.Log.GatewayChanges);
        client.Dispose();

        Assert.Equal(30 * 29 / 2, acknowledged.Count);
        Assert.Empty(acknowledged.Except(broker.Log.Values));
        Assert.Equal(broker.Log.Values.Distinct().Count(), broker.Log.Values.Count());
    }
}
