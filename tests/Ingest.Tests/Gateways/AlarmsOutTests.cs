using System.Collections.Concurrent;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace Telemetry.Ingest.Tests.Gateways;

public class AlarmsOutTests
{
    private const string Topic = "alarms/v1/_/manhole_cover/mc-1/cover_open";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("alarms/v1/#", true)]
    [InlineData("alarms/v1/Donghu/+/mc-1/#", true)]
    [InlineData("#", false)]
    [InlineData("+/v1/#", false)]
    [InlineData("alarms/#", false)]
    [InlineData("telemetry/v1/#", false)]
    [InlineData("$share/g/alarms/v1/#", false)]
    [InlineData("$SYS/#", false)]
    public async Task Only_alarms_can_be_subscribed_to(string filter, bool granted)
    {
        await using var broker = await TestBroker.StartAsync();
        using var three = broker.Raw();
        await three.ConnectAsync("three");
        using var five = broker.Raw();
        await five.ConnectAsync("five", version5: true);

        await three.SendAsync(three.Subscribe(1, filter));
        await five.SendAsync(five.Subscribe(1, filter));

        Assert.Equal(granted ? 1 : 0x80, (await three.ReceiveAsync(RawClient.SubAck))[^1]);
        // 0x9E: there are no shared subscriptions at all.
        Assert.Equal(granted ? 1 : filter[0] == '$' && filter[1] == 's' ? 0x9E : 0x87, (await five.ReceiveAsync(RawClient.SubAck))[^1]);
    }

    [Fact]
    public async Task Mosquitto_sub_sees_what_is_retained_and_what_comes_and_the_log_sees_none_of_it()
    {
        await using var broker = await TestBroker.StartAsync();
        await broker.Broker.PublishAsync(Topic, "first"u8.ToArray(), retain: true, Cancel);
        using var subscriber = broker.MosquittoSub("-t", "alarms/v1/#", "-q", "1", "-C", "2", "-F", "%r %p");

        Assert.Equal("1 first", await subscriber.StandardOutput.ReadLineAsync(Cancel));
        await broker.Broker.PublishAsync(Topic, "second"u8.ToArray(), retain: true, Cancel);
        Assert.Equal("0 second", await subscriber.StandardOutput.ReadLineAsync(Cancel));
        await subscriber.WaitForExitAsync(Cancel);
        Assert.Empty(broker.Log.Entries);
    }

    [Fact]
    public async Task A_subscriber_may_publish_too_and_MQTTnet_understands_both()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = new MqttClientFactory().CreateMqttClient();
        var seen = new TaskCompletionSource<string>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            seen.TrySetResult(args.ApplicationMessage.ConvertPayloadToString());
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build(), Cancel);
        await client.SubscribeAsync(Topic, MqttQualityOfServiceLevel.AtLeastOnce, Cancel);

        var published = await client.PublishStringAsync(RawClient.Topic, """{"values":{"tilt_angle":4}}""", MqttQualityOfServiceLevel.ExactlyOnce, cancellationToken: Cancel);
        await broker.Broker.PublishAsync(Topic, "alarm"u8.ToArray(), retain: false, Cancel);

        Assert.True(published.IsSuccess);
        Assert.Equal([4], broker.Log.Values);
        Assert.Equal("alarm", await seen.Task.WaitAsync(Wait.Longest, Cancel));
    }

    [Fact]
    public async Task Whoever_subscribes_while_alarms_change_knows_the_newest_state_of_each()
    {
        await using var broker = await TestBroker.StartAsync();
        // What it takes to look at these is time in which others come.
        for (var alarm = 0; alarm < 3000; alarm++)
            await broker.Broker.PublishAsync($"alarms/v1/Old/manhole_cover/mc-{alarm}/cover_open", "0"u8.ToArray(), retain: true, Cancel);
        for (var subscriber = 0; subscriber < 20; subscriber++)
        {
            var publishing = Task.Run(
                async () =>
                {
                    for (var state = 1; state <= 8; state++)
                    {
                        for (var alarm = 0; alarm < 50; alarm++)
                            await broker.Broker.PublishAsync($"alarms/v1/{subscriber}/manhole_cover/mc-{alarm}/cover_open", Encoding.ASCII.GetBytes($"{state}"), retain: true, Cancel);
                    }
                },
                Cancel);
            var (last, states) = ($"alarms/v1/{subscriber}/manhole_cover/last/cover_open", new ConcurrentDictionary<string, string>());
            var over = new TaskCompletionSource();
            using var client = new MqttClientFactory().CreateMqttClient();
            client.ApplicationMessageReceivedAsync += args =>
            {
                states[args.ApplicationMessage.Topic] = args.ApplicationMessage.ConvertPayloadToString();
                if (args.ApplicationMessage.Topic == last)
                    over.TrySetResult();
                return Task.CompletedTask;
            };
            await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).Build(), Cancel);
            await client.SubscribeAsync("alarms/v1/#", MqttQualityOfServiceLevel.AtLeastOnce, Cancel);
            await publishing;
            await broker.Broker.PublishAsync(last, "8"u8.ToArray(), retain: true, Cancel);
            await over.Task.WaitAsync(Wait.Longest, Cancel);
            Assert.Equal(3000 + (51 * (subscriber + 1)), states.Count);
            Assert.All(states.Where(state => state.Key.StartsWith($"alarms/v1/{subscriber}/", StringComparison.Ordinal)), state => Assert.Equal("8", state.Value));
        }
    }

    [Fact]
    public async Task A_hundred_filters_may_be_subscribed_to_at_once_and_no_more()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = broker.Raw();
        await client.ConnectAsync("c", version5: true);
        string[] Filters(int count) => [.. Enumerable.Range(0, count).Select(number => $"alarms/v1/d{number}/#")];

        await client.SendAsync(client.Subscribe(1, Filters(100)));
        Assert.All((await client.ReceiveAsync(RawClient.SubAck))[^100..], code => Assert.Equal(1, code));
        await client.SendAsync(client.Subscribe(2, Filters(101)));
        Assert.Equal(0x97, (await client.ReceiveAsync(RawClient.Disconnect))[0]);
        await client.IsClosedAsync();
    }

    [Fact]
    public async Task A_subscriber_that_does_not_keep_up_is_ended_and_finds_what_is_retained_when_it_returns()
    {
        await using var broker = await TestBroker.StartAsync();
        using var slow = broker.Raw();
        await slow.ConnectAsync("slow", clean: false);
        await slow.SendAsync(slow.Subscribe(1, "alarms/v1/#"));
        await slow.ReceiveAsync(RawClient.SubAck);

        var payload = new byte[8192];
        for (var i = 0; i < 103_000; i++)
            await broker.Broker.PublishAsync(Topic, payload, retain: i == 0, Cancel);

        using var again = broker.Raw();
        Assert.Equal(0, (await again.ConnectAsync("slow", clean: false))[0]);
        await again.SendAsync(again.Subscribe(1, "alarms/v1/#"));
        var retained = await again.ReceiveAsync(0x30, besides: RawClient.SubAck);
        Assert.Equal(Topic, Encoding.UTF8.GetString(retained, 2, Topic.Length));
    }
}
