using MQTTnet.Exceptions;
using Telemetry.Ingest.Decoding;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Gateways;

/// <summary>Edge nodes on the service's own endpoint: what they hear from it, and that they hear nothing else.</summary>
public sealed class SparkplugEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_hears_that_the_host_is_there_and_is_asked_for_its_birth_and_hears_nothing_of_others()
    {
        var plant = new SparkplugPlant();
        await using var broker = await TestBroker.StartAsync(routes: plant.Routes);
        plant.Host.Ask((request, stopping) => broker.Broker.PublishOnceAsync(request.Topic, request.Payload, stopping));
        await broker.Broker.PublishAsync(SparkplugPlant.StateTopic, plant.Host.StateNow.Online, retain: true, Cancel);
        using var node = broker.MosquittoSub("-t", "spBv1.0/plant/NCMD/edge", "-t", "spBv1.0/STATE/#", "-q", "1", "-C", "2", "-F", "%t %q %r %x");
        Assert.Equal($"{SparkplugPlant.StateTopic} 1 1 {Convert.ToHexStringLower(plant.Host.StateNow.Online)}", await node.StandardOutput.ReadLineAsync(Cancel));

        // What someone else says under these topics is not routed, and no dead letter either.
        await broker.MosquittoPubAsync("spBv1.0/plant/NCMD/edge", "forged", "-q", "1");
        await broker.MosquittoPubAsync(SparkplugPlant.StateTopic, SparkplugPlant.State(false), "-q", "1", "-r");
        await broker.MosquittoPubAsync("spBv1.0/plant/NDATA/edge", SparkplugPlant.AnyData, "-q", "1");
        await plant.Host.AskDueAsync(Cancel);

        Assert.Equal(SparkplugPlant.Request, await node.StandardOutput.ReadLineAsync(Cancel));
        await node.WaitForExitAsync(Cancel);
        Assert.Equal(RejectReason.NoBirth, Assert.IsType<DeadLetterEntry>(Assert.Single(broker.Log.Entries)).Reason);
    }

    [Fact]
    public async Task With_credentials_a_node_publishes_and_hears_as_itself_alone()
    {
        using var credentials = new Credentials();
        credentials.WriteGateways("plant::edge");
        credentials.WriteUsers(Credentials.Line("li", "viewer", Credentials.Token));
        await using var broker = await TestBroker.StartAsync(logins: credentials.Logins, routes: new SparkplugPlant().Routes);
        using var node = broker.Raw();
        await node.ConnectAsync("edge", version5: true, user: "plant::edge", password: Credentials.Password);
        using var person = broker.Raw();
        await person.ConnectAsync("li", version5: true, user: "li", password: Credentials.Token);

        Assert.Equal(1, await SubscribeAsync(node, "spBv1.0/plant/NCMD/edge"));
        Assert.Equal(1, await SubscribeAsync(node, SparkplugPlant.StateTopic));
        Assert.Equal(0x87, await SubscribeAsync(node, "spBv1.0/plant/NCMD/other"));
        Assert.Equal(0x87, await SubscribeAsync(node, "alarms/v1/#"));
        Assert.Equal(0x87, await SubscribeAsync(person, "spBv1.0/plant/NCMD/edge"));
        await node.SendAsync(node.Publish(1, 7, [0x18, 1], "spBv1.0/plant/NDATA/edge"), node.Publish(1, 8, [0x18, 1], "spBv1.0/plant/NDATA/other"));
        Assert.Equal(7, await node.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal(8, await node.ReceiveIdAsync(RawClient.PubAck));
        Assert.Equal("spBv1.0/plant/NDATA/edge", Assert.IsType<DeadLetterEntry>(Assert.Single(broker.Log.Entries)).Topic);
    }

    [Fact]
    public async Task Without_a_route_of_Sparkplug_nobody_hears_its_topics()
    {
        await using var broker = await TestBroker.StartAsync();
        using var node = broker.Raw();
        await node.ConnectAsync("edge", version5: true);
        Assert.Equal(0x87, await SubscribeAsync(node, SparkplugPlant.StateTopic));
    }

    [Fact]
    public async Task A_death_that_comes_after_the_end_of_its_nodes_connection_has_the_last_word_on_the_gateway()
    {
        await using var broker = await TestBroker.StartAsync(routes: new SparkplugPlant().Routes);
        // seq 1, metric cpu = 5; then a death, whose stale value would else stand as the last sign of life.
        await broker.MosquittoPubAsync("spBv1.0/plant/NBIRTH/edge", "\u0018\u0001\u0012\u0007\u000A\u0003cpu\u0050\u0005", "-q", "1");
        await broker.Log.UntilAsync(log => log.Entries.OfType<GatewayEntry>().Count() == 2);
        await broker.MosquittoPubAsync("spBv1.0/plant/NDEATH/edge", "\u0008\u0001", "-q", "1");
        Assert.Equal(
            [(true, "status"), (false, "connection_ended"), (false, "status")],
            broker.Log.Entries.OfType<GatewayEntry>().Where(entry => entry.Gateway == "plant::edge").Select(entry => (entry.Up, entry.Cause)));
        Assert.IsType<GatewayEntry>(broker.Log.Entries[^1]);
    }

    [Fact]
    public async Task A_broker_that_takes_no_request_keeps_none_from_another_and_ends_nothing()
    {
        var plant = new SparkplugPlant();
        await using var broker = await TestBroker.StartAsync(routes: plant.Routes);
        var asked = new List<string>();
        plant.Host.Ask((_, _) => throw new MqttProtocolViolationException("not this one"));
        plant.Host.Ask((_, _) => Task.FromException(new OperationCanceledException("its own timeout")));
        plant.Host.Ask((request, _) =>
        {
            asked.Add(request.Topic);
            return Task.CompletedTask;
        });
        await broker.MosquittoPubAsync("spBv1.0/plant/NDATA/a", SparkplugPlant.AnyData, "-q", "1");
        await broker.MosquittoPubAsync("spBv1.0/plant/NDATA/b", SparkplugPlant.AnyData, "-q", "1");
        await plant.Host.AskDueAsync(Cancel);
        Assert.Equal(["spBv1.0/plant/NCMD/a", "spBv1.0/plant/NCMD/b"], asked.Order());
    }

    /// <summary>A last will comes past the reader of publishes; sent from a raw client, as MQTT forbids its topic.</summary>
    [Fact]
    public async Task A_last_will_under_a_wildcard_asks_nobody()
    {
        var plant = new SparkplugPlant();
        await using var broker = await TestBroker.StartAsync(routes: plant.Routes);
        plant.Host.Ask((request, stopping) => broker.Broker.PublishOnceAsync(request.Topic, request.Payload, stopping));
        using (var client = broker.Raw())
        {
            await client.ConnectAsync("c", will: ("spBv1.0/+/NDATA/x", SparkplugPlant.AnyData, 0));
            client.Kill();
        }
        await broker.Log.UntilAsync(log => log.Entries.Count > 0);
        Assert.Equal(RejectReason.BadTopic, Assert.IsType<DeadLetterEntry>(Assert.Single(broker.Log.Entries)).Reason);
        await plant.Host.AskDueAsync(Cancel);
    }

    private static async Task<int> SubscribeAsync(RawClient client, string filter)
    {
        await client.SendAsync(client.Subscribe(1, filter));
        return (await client.ReceiveAsync(RawClient.SubAck))[^1];
    }
}
