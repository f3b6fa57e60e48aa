using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;

namespace Telemetry.Benchmarks.Broker;

/// <summary><c>bare-subscriber PORT [COUNT]</c>: MQTTnet's own client with manual acknowledgement, in order, and nothing behind it: the limit for any service on that client.</summary>
internal static class BareSubscriber
{
    /// <summary>Prints <c>subscribed</c>, then, after the last message's acknowledgement, its CPU seconds since.</summary>
    public static async Task<int> RunAsync(int port, long count)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var received = await SubscribeAsync(client, port);
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        Console.WriteLine("subscribed");
        for (var done = 0L; done < count; done++)
            await (await received.ReadAsync()).AcknowledgeAsync(CancellationToken.None);
        self.Refresh();
        Console.WriteLine((self.TotalProcessorTime - before).TotalSeconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>Prints each 100 ms how many it has acknowledged, until it is stopped.</summary>
    public static async Task<int> RunAsync(int port)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var received = await SubscribeAsync(client, port);
        var done = 0L;
        await using var timer = new Timer(_ => Console.WriteLine(Interlocked.Read(ref done).ToString(CultureInfo.InvariantCulture)), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        await foreach (var message in received.ReadAllAsync())
        {
            await message.AcknowledgeAsync(CancellationToken.None);
            Interlocked.Increment(ref done);
        }
        return 0;
    }

    private static async Task<ChannelReader<MqttApplicationMessageReceivedEventArgs>> SubscribeAsync(IMqttClient client, int port)
    {
        var received = Channel.CreateBounded<MqttApplicationMessageReceivedEventArgs>(1000);
        client.ApplicationMessageReceivedAsync += async message =>
        {
            message.AutoAcknowledge = false;
            await received.Writer.WriteAsync(message);
        };
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId("bare").WithCleanStart(false).WithSessionExpiryInterval(3600)
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithReceiveMaximum(1000).Build();
        await client.ConnectAsync(options);
        await client.SubscribeAsync("telemetry/v1/#", MqttQualityOfServiceLevel.AtLeastOnce);
        return received.Reader;
    }
}
