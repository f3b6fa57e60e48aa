using System.Text.Json;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Gateways.External;

/// <summary>Alarms out to a real Mosquitto: what is retained there is what stands, whatever went on in between.</summary>
public sealed class AlarmsLinkTests : IDisposable
{
    private const string Topic = "alarms/v1/_/manhole_cover/mc-1/cover_open";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_alarm_is_retained_until_it_is_normal()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();

        Say(link, Alarm("mc-1"));
        await RetainedAsync(broker, Topic);
        Say(link, Alarm("mc-1") with { State = AlarmState.Normal });
        await RetainedAsync(broker);
    }

    [Fact]
    public async Task An_alarm_cleared_while_the_service_was_down_leaves_nothing_behind_and_one_that_stands_stays()
    {
        using var broker = await Mosquitto.StartAsync();
        await using (var link = new TestLink(broker.Port, _directory))
        {
            await link.ConnectedAsync();
            Say(link, Alarm("mc-1"));
            Say(link, Alarm("mc-2"));
            await RetainedAsync(broker, Topic, Topic.Replace("mc-1", "mc-2", StringComparison.Ordinal));
        }

        await using var again = new TestLink(broker.Port, _directory, open: [Alarm("mc-2"), Alarm("mc-3")]);

        await RetainedAsync(broker, Topic.Replace("mc-1", "mc-2", StringComparison.Ordinal), Topic.Replace("mc-1", "mc-3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_broker_has_already_is_not_said_again()
    {
        using var broker = await Mosquitto.StartPersistentAsync();
        await using var link = new TestLink(broker.Port, _directory, open: [Alarm("mc-1")]);
        await RetainedAsync(broker, Topic);
        string[] listener = ["-p", $"{broker.Port}", "-i", "listener", "-c", "-q", "1", "-t", "alarms/v1/#"];
        await Tool.RunAsync("mosquitto_sub", [.. listener, "-E"]);
        await Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-t", "alarms/v1/forged", "-r", "-q", "1", "-m", "not ours");

        using (var thief = new RawClient(broker.Port))
            await thief.ConnectAsync("telemetry-alarms");

        // Connected again it empties what is no alarm of ours, and says nothing of the one that is there.
        await RetainedAsync(broker, Topic);
        await Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-t", "alarms/v1/last", "-q", "1", "-m", "whatever was said came before it");
        var heard = await Tool.RunAsync("mosquitto_sub", [.. listener, "-R", "-F", "%t", "-C", "3", "-W", "60"]);
        Assert.Equal("alarms/v1/forged\nalarms/v1/forged\nalarms/v1/last\n", heard);
    }

    [Fact]
    public async Task What_happens_while_the_broker_is_away_is_told_in_its_last_state_when_it_is_back()
    {
        using var broker = await Mosquitto.StartPersistentAsync();
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();
        Say(link, Alarm("mc-1"));
        await RetainedAsync(broker, Topic);

        await broker.StopAsync();
        await Wait.ForAsync("noticed", () => link.Broker.Alarms.DownFor > TimeSpan.Zero);
        Say(link, Alarm("mc-1") with { State = AlarmState.Normal });
        Say(link, Alarm("mc-2"));
        Say(link, Alarm("mc-2") with { State = AlarmState.ActiveAcknowledged });
        await broker.RestartAsync();

        await RetainedAsync(broker, Topic.Replace("mc-1", "mc-2", StringComparison.Ordinal));
        await Wait.ForAsync("its last state", () => StatesAsync(broker), states => states.Values.SequenceEqual(["active_acknowledged"]));
    }

    [Fact]
    public async Task A_broker_that_has_forgotten_everything_is_told_what_stands()
    {
        using var broker = await Mosquitto.StartAsync();
        await using var link = new TestLink(broker.Port, _directory, open: [Alarm("mc-1")]);
        await RetainedAsync(broker, Topic);

        await broker.CrashAndRestartAsync();

        await RetainedAsync(broker, Topic);
    }

    [Fact]
    public async Task A_broker_that_refuses_alarms_is_named()
    {
        var acl = _directory.File("acl");
        await File.WriteAllTextAsync(acl, "topic readwrite telemetry/v1/#\n");
        using var broker = await Mosquitto.StartAsync(_ => $"allow_anonymous true\nacl_file {acl}\n");
        await using var link = new TestLink(broker.Port, _directory);
        await link.ConnectedAsync();

        Say(link, Alarm("mc-1"));

        await Wait.ForAsync("named", () => link.Broker.WhyNot?.Contains("NotAuthorized", StringComparison.Ordinal) == true);
        Assert.Single(link.Lines, line => line.Contains("refuses to take alarms", StringComparison.Ordinal));
    }

    private static void Say(TestLink link, Alarm alarm) => link.Feed.Publish(new AlarmTransition(1, 0, "t", AlarmState.Normal, alarm.State, 0, 0, "raised", alarm));

    /// <summary>Waits until exactly these topics are retained.</summary>
    private static Task RetainedAsync(Mosquitto broker, params string[] topics) =>
        Wait.ForAsync($"retained: {string.Join(' ', topics)}", async () => (await StatesAsync(broker)).Keys.Order().SequenceEqual(topics.Order()));

    private static async Task<Dictionary<string, string>> StatesAsync(Mosquitto broker)
    {
        var lines = await Tool.RunAsync("sh", "-c", $"mosquitto_sub -p {broker.Port} -t 'alarms/v1/#' -q 1 -F '%t %p' --retained-only -W 1; true");
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .ToDictionary(line => line[0], line => line[1].StartsWith('{') ? JsonDocument.Parse(line[1]).RootElement.GetProperty("state").GetString()! : "");
    }

    private static Alarm Alarm(string device) => new()
    {
        Id = device,
        Device = device,
        Family = "manhole_cover",
        Rule = "cover_open",
        Kind = AlarmKind.Alarm,
        Severity = Severity.Critical,
        State = AlarmState.ActiveUnacknowledged,
        RaisedAt = 0,
        RaisedReceivedAt = 0,
        RuleVersion = "0",
    };
}
