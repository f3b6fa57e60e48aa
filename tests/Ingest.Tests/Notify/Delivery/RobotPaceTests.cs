using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Notify.Channels;
using Telemetry.Ingest.Notify.Delivery;
using Telemetry.Ingest.State;

namespace Telemetry.Ingest.Tests.Notify.Delivery;

/// <summary>What has waited for a group's robot, once it answers again.</summary>
public sealed class RobotPaceTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Copies_that_have_waited_go_out_one_in_four_seconds()
    {
        await using var receiver = await Receiver.StartAsync(yes: """{"errcode":0}""");
        File.WriteAllText(_directory.File("url"), receiver.Url + "robot/send");
        using var http = new HttpCaller([]);
        using var outbox = OutboxDatabase.Open(_directory.File("notify.db"));
        var now = 1_000_000L;
        var robot = new DingTalkRobot("group", new RobotOptions(new SecretFile(_directory.File("url")), null), http, () => now);
        var sender = new ChannelSender(robot, outbox, Letters.Of, () => now, new DeliveryStats(), _ => { }, TimeProvider.System, NullLogger.Instance);
        outbox.Commit("log", 1, [.. Enumerable.Range(1, 30).Select(number => Letters.Message(number, recipient: "group").For(robot.Name))], []);
        for (var second = 0; second < 60; second++)
        {
            sender.Look(CancellationToken.None);
            await sender.UnderWayAsync();
            now += 1_000;
        }

        Assert.Equal(15, receiver.Taken.Count);
    }
}
