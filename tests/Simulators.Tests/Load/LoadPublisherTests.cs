using System.Globalization;
using Telemetry.Simulators.Load;

namespace Telemetry.Simulators.Tests.Load;

public sealed class LoadPublisherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_ended_by_request_tells_what_it_has_done()
    {
        using var broker = await Mosquitto.StartAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var publisher = new LoadPublisher(new LoadOptions { Port = broker.Port, Connections = 2, Devices = 4, Messages = null, Duration = TimeSpan.FromHours(1), Rate = 500 }, TimeProvider.System);
        var running = publisher.RunAsync(end.Token);
        await Wait.ForAsync("some acknowledged", () => publisher.Acknowledged >= 10);
        await end.CancelAsync();
        var result = await running;

        Assert.Equal(["ended by request before its time"], result.Errors);
        Assert.InRange(result.Acknowledged, 10, result.Sent);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 50)]
    [InlineData(2, 1)]
    public async Task Every_message_is_acknowledged_recorded_and_received_once(int qos, int batch)
    {
        using var broker = await Mosquitto.StartAsync();
        using var subscriber = await Subscriber.ConnectAsync(broker.Port, qos);
        var record = Path.GetTempFileName();
        var result = await RunAsync(new LoadOptions { Port = broker.Port, Connections = 4, Devices = 30, Messages = 1001, Duration = null, Qos = qos, Batch = batch, InFlight = 16, Record = record });

        Assert.Empty(result.Errors);
        Assert.Equal((1001, 1001, 0), (result.Sent, result.Acknowledged, result.Resent));
        await Wait.ForAsync("all messages reached the subscriber", () => subscriber.Messages.Count >= 1001);
        var received = subscriber.Keys();
        Assert.Equal(1001 * batch, received.Count);
        Assert.Equal(received.Order(), Recorded(record).Order());
        Assert.Equal(received.Count, received.Distinct().Count());
        File.Delete(record);
    }

    [Fact]
    public async Task Quality_of_service_0_reaches_the_subscriber_without_acknowledgement()
    {
        using var broker = await Mosquitto.StartAsync();
        using var subscriber = await Subscriber.ConnectAsync(broker.Port);
        var result = await RunAsync(new LoadOptions { Port = broker.Port, Connections = 2, Devices = 5, Messages = 300, Duration = null, Qos = 0 });

        Assert.Equal((300, 0), (result.Sent, result.Acknowledged));
        await Wait.ForAsync("all messages reached the subscriber", () => subscriber.Messages.Count >= 300);
    }

    [Fact]
    public async Task A_crash_of_the_broker_costs_no_message_with_reconnect()
    {
        using var broker = await Mosquitto.StartAsync();
        var publisher = new LoadPublisher(
            new LoadOptions { Port = broker.Port, Connections = 3, Devices = 30, Messages = 60_000, Rate = 30_000, Duration = null, Reconnect = true },
            TimeProvider.System);
        var running = publisher.RunAsync(Cancellation);
        await Wait.ForAsync("the run is under way", () => publisher.Acknowledged > 1000);
        await broker.CrashAndRestartAsync();
        var result = await running;

        Assert.Empty(result.Errors);
        Assert.Equal((60_000, 60_000), (result.Sent, result.Acknowledged));
        Assert.True(result.Drops > 0, "the crash came too late to be seen");
    }

    [Fact]
    public async Task Without_reconnect_a_drop_ends_the_run_with_an_error_that_names_the_connection()
    {
        using var broker = new FakeBroker();
        var running = RunAsync(new LoadOptions { Port = broker.Port, Connections = 1, Devices = 1, Messages = 10, Duration = null });
        using (var connection = await broker.AcceptAsync(Cancellation))
            await connection.ReadAsync(Cancellation);

        var error = Assert.Single((await running).Errors);
        Assert.StartsWith("connection 0: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_unacknowledged_is_sent_again_in_order_with_the_same_bytes_marked_as_duplicate()
    {
        using var broker = new FakeBroker();
        var running = RunAsync(new LoadOptions { Port = broker.Port, Connections = 1, Devices = 2, Messages = 4, Duration = null, Reconnect = true });
        List<byte[]> first = [];
        using (var connection = await broker.AcceptAsync(Cancellation))
        {
            for (var i = 0; i < 4; i++)
                first.Add(await connection.ReadAsync(Cancellation));
            await connection.SendAsync(PubAck(first[1]), Cancellation);
        }
        List<byte[]> second = [];
        using (var connection = await broker.AcceptAsync(Cancellation))
        {
            while (second.Count < 3)
                second.Add(await connection.ReadAsync(Cancellation));
            foreach (var frame in second)
                await connection.SendAsync(PubAck(frame), Cancellation);
            Assert.Equal(0xE0, (await connection.ReadAsync(Cancellation))[0]);
        }
        var result = await running;

        Assert.Equal((4, 4, 3), (result.Sent, result.Acknowledged, result.Resent));
        Assert.Equal([Again(first[0]), Again(first[2]), Again(first[3])], second);
    }

    [Fact]
    public async Task A_message_that_was_received_but_not_completed_is_released_again_rather_than_published_again()
    {
        using var broker = new FakeBroker();
        var running = RunAsync(new LoadOptions { Port = broker.Port, Connections = 1, Devices = 1, Messages = 1, Duration = null, Qos = 2, Reconnect = true });
        byte[] published, released;
        using (var connection = await broker.AcceptAsync(Cancellation))
        {
            published = await connection.ReadAsync(Cancellation);
            await connection.SendAsync([0x50, 2, .. PacketId(published)], Cancellation);
            released = await connection.ReadAsync(Cancellation);
        }
        using (var connection = await broker.AcceptAsync(Cancellation))
        {
            Assert.Equal(released, await connection.ReadAsync(Cancellation));
            await connection.SendAsync([0x70, 2, .. PacketId(published)], Cancellation);
            await connection.ReadAsync(Cancellation);
        }
        var result = await running;

        Assert.Equal([0x62, 2, .. PacketId(published)], released);
        Assert.Equal((1, 1, 0), (result.Sent, result.Acknowledged, result.Resent));
    }

    [Fact]
    public void Wrong_options_are_refused_all_in_one_message()
    {
        var refused = Assert.Throws<ArgumentException>(() => new LoadPublisher(new LoadOptions { Qos = 3, Batch = 0, Connections = 5, Devices = 2 }, TimeProvider.System));

        Assert.Contains("qos must be 0, 1 or 2, not 3", refused.Message, StringComparison.Ordinal);
        Assert.Contains("batch must be 1 to 10000 readings a message, not 0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("devices must be at least the number of connections (5), not 2", refused.Message, StringComparison.Ordinal);
    }

    private static Task<LoadResult> RunAsync(LoadOptions options) => new LoadPublisher(options, TimeProvider.System).RunAsync(Cancellation);

    private static List<(string Device, long Sequence)> Recorded(string path) =>
    [
        .. from line in File.ReadLines(path)
           let fields = line.Split(' ')
           let first = long.Parse(fields[1], CultureInfo.InvariantCulture)
           from offset in Enumerable.Range(0, int.Parse(fields[2], CultureInfo.InvariantCulture))
           select (fields[0], first + offset),
    ];

    private static byte[] PubAck(byte[] publish) => [0x40, 2, .. PacketId(publish)];

    private static byte[] Again(byte[] publish) => [(byte)(publish[0] | 8), .. publish[1..]];

    // These frames are shorter than 16 KiB, so the length takes one or two bytes; the topic and the packet id follow.
    private static byte[] PacketId(byte[] publish)
    {
        var topic = publish[1] >= 0x80 ? 3 : 2;
        var at = topic + 2 + ((publish[topic] << 8) | publish[topic + 1]);
        return publish[at..(at + 2)];
    }
}
