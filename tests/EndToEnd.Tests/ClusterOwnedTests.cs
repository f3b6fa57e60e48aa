using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>Two services of one cluster behind somebody else's broker, with a city above them and a watchdog beside them: all of these hear the owner alone, and after its death the other node.</summary>
public sealed class ClusterOwnedTests(ITestOutputHelper output)
{
    private const int Nodes = 2;
    private const string Open = """{"seq":1,"values":{"open":true}}""";
    private const string Closed = """{"seq":2,"values":{"open":false}}""";

    // Raised and cleared at once; the shipped rules wait.
    private const string Door = """
        family: door
        title: {en: Door, zh: 门}
        heartbeat: 1h
        rationalised: {by: test, on: null}
        channels:
          open: {bool: true, on_change: any, title: {en: Open, zh: 开}}
        rules:
          ajar:
            title: {en: Ajar, zh: 门未关}
            when: open
            severity: high
            consequence: damage
            respond_in: 10m
            who: crew
            action: {en: "Send the crew.", zh: "派员。"}
            source: test
        """;

    [Fact]
    public async Task A_broker_a_city_and_a_watchdog_hear_one_node_and_after_its_death_the_other_which_goes_on_where_that_one_stood()
    {
        await using var servers = await NatsServers.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        await using var watchdog = await Receiver.StartAsync();
        using var broker = await Mosquitto.StartAsync();
        using TempDirectory data = new(), files = new();
        await File.WriteAllTextAsync(files.File("key"), "3f9a1c7e5b2d4860a1b2c3d4e5f60718\n");
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(files.File("rules")).FullName, "door.yaml"), Door);
        var rules = $"--Rules:Path={files.File("rules")}";
        var cityPort = FreePort.Next();
        await using var city = await ServiceProcess.StartAsync(data.File("city"), cityPort, rules);
        var nodes = new ServiceProcess?[Nodes];
        try
        {
            for (var node = 0; node < Nodes; node++)
                nodes[node] = await StartAsync(node);
            await Leaks.AllKnowAnOwnerAsync(nodes!);
            var owner = (await Wait.ForAsync("an owner", OwnersAsync, owners => owners.Count == 1, 60))[0];
            var other = 1 - owner;
            await ReadyAsync(nodes[owner]!);
            // The broker, the city and the watchdog are none of its business.
            await ReadyAsync(nodes[other]!);

            await PublishAsync("d-1", Open);
            await BeatAsync(owner, 1);
            await nodes[other]!.AlarmAsync("d-1", "ajar", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
            await RetainedAsync("d-1", isThere: true);
            await city.AlarmAsync("d-1", "ajar", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
            Assert.Equal(HttpStatusCode.OK, (await nodes[other]!.ActAsync((await nodes[other]!.AlarmAsync("d-1", "ajar")).GetProperty("id").GetString()!, "acknowledge")).StatusCode);

            Assert.Equal([1], watchdog.Taken.Select(BeatOf));

            await nodes[owner]!.KillAsync();
            var since = TimeProvider.System.GetTimestamp();
            await nodes[owner]!.DisposeAsync();
            nodes[owner] = null;
            await PublishAsync("d-1", Closed);
            await PublishAsync("d-2", Open);
            await nodes[other]!.AlarmAsync("d-2", "ajar", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged", 60);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"owner killed: the other takes from the broker after {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s"));
            Assert.Equal([other], await OwnersAsync());
            await BeatAsync(other, 2);
            await nodes[other]!.AlarmAsync("d-1", "ajar", alarm => alarm.GetProperty("state").GetString() == "normal");
            await RetainedAsync("d-2", isThere: true);
            await RetainedAsync("d-1", isThere: false);
            await city.AlarmAsync("d-2", "ajar", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");

            nodes[owner] = await StartAsync(owner);
            await nodes[owner]!.AlarmAsync("d-2", "ajar");
            await ReadyAsync(nodes[owner]!);
            // It was known that nobody read from the broker: no silence aged meanwhile.
            await nodes[other]!.AlarmAsync("telemetry", "broker_lost", alarm => alarm.GetProperty("state").GetString() == "cleared_unacknowledged");
            foreach (var service in (ServiceProcess[])[nodes[0]!, nodes[1]!, city])
            {
                Assert.Equal(2, await CountAsync(service, "d-1"));
                Assert.Equal(1, await CountAsync(service, "d-2"));
            }
            Assert.DoesNotContain((await nodes[other]!.GetAsync("api/v1/alarms?state=all&family=system")).EnumerateArray(), alarm => alarm.GetProperty("rule").GetString() == "session_lost");
            Assert.Single(watchdog.Taken, taken => BeatOf(taken) == 2);
            foreach (var node in nodes)
                Assert.Equal(0, await node!.StopAsync());
        }
        catch (Exception error) when (error is TimeoutException or Xunit.Sdk.XunitException or HttpRequestException)
        {
            foreach (var node in nodes)
                output.WriteLine(node?.Output ?? "(killed)");
            throw;
        }
        finally
        {
            foreach (var node in nodes)
            {
                if (node is not null)
                    await node.DisposeAsync();
            }
        }

        Task<ServiceProcess> StartAsync(int node) => ServiceProcess.StartAsync(
            data.File(node.ToString(CultureInfo.InvariantCulture)), 0, rules, "--Cluster:Enabled=true", $"--Cluster:Servers={servers.Urls}", $"--Cluster:Postgres={postgres.Connection}",
            $"--Cluster:PostgresPasswordFile={postgres.PasswordFile}", string.Create(CultureInfo.InvariantCulture, $"--Cluster:Node=127.0.0.1:{FreePort.Next()}"),
            $"--Mqtt:External:Address=127.0.0.1:{broker.Port}", string.Create(CultureInfo.InvariantCulture, $"--Upward:Address=mqtt://127.0.0.1:{cityPort}"), "--Upward:Gateway=district-a",
            $"--Watchdog:Url={watchdog.Url}heartbeat", $"--Watchdog:KeyFile={files.File("key")}");

        Task PublishAsync(string device, string payload) => Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-q", "1", "-t", $"telemetry/v1/gw-1/door/{device}", "-m", payload);

        async Task RetainedAsync(string device, bool isThere)
        {
            await Wait.ForAsync(
                $"{device}, retained: {isThere}", () => Tool.RunAsync("sh", "-c", $"mosquitto_sub -p {broker.Port} -t 'alarms/v1/_/door/{device}/ajar' --retained-only -W 1; true"), text => text.Length > 0 == isThere, 60);
        }

        // As the watchdog does, through a node that may be another one than the owner.
        async Task BeatAsync(int through, int beat)
        {
            await Clients.MosquittoPubAsync(nodes[through]!.MqttPort, "telemetry/v1/watchdog/watchdog/watchdog", string.Create(CultureInfo.InvariantCulture, $$$"""{"seq":{{{beat}}},"values":{"test_alarm":false}}"""), "-q", "1");
            await Wait.ForAsync($"heartbeat {beat}", () => watchdog.Taken.Any(taken => BeatOf(taken) == beat));
        }

        async Task<IReadOnlyList<int>> OwnersAsync()
        {
            var owners = new List<int>();
            for (var node = 0; node < Nodes; node++)
            {
                if (nodes[node] is { } service && await service.IsOwnerAsync())
                    owners.Add(node);
            }
            return owners;
        }
    }

    private static Task<(int Code, string Text)> ReadyAsync(ServiceProcess service) => Wait.ForAsync(
        "ready",
        async () =>
        {
            using var answer = await service.Http.GetAsync(new Uri("health/ready", UriKind.Relative));
            return (Code: (int)answer.StatusCode, Text: await answer.Content.ReadAsStringAsync());
        },
        answer => answer.Code == 200,
        60);

    private static async Task<int> CountAsync(ServiceProcess service, string device)
    {
        await service.CaughtUpAsync();
        return (await service.GetAsync($"api/v1/devices/{device}/readings?channel=open")).GetArrayLength();
    }

    private static int BeatOf(Received heartbeat)
    {
        using var parsed = JsonDocument.Parse(heartbeat.Body);
        return parsed.RootElement.GetProperty("beat").GetInt32();
    }
}
