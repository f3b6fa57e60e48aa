using System.Net;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The service as a process behind a real Mosquitto.</summary>
public sealed class ExternalBrokerTests
{
    private const string Open = """{"values":{"open":true}}""";
    private const string AlarmTopic = "alarms/v1/_/door/d-1/ajar";

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
    public async Task It_starts_without_its_broker_takes_in_and_gives_out_and_knows_when_the_broker_is_lost()
    {
        using var data = new TempDirectory();
        using var broker = await Mosquitto.StartPersistentAsync();
        await broker.StopAsync();
        var behind = Behind(broker, data);
        await using (var service = await ServiceProcess.StartAsync(data.Path, mqttPort: null, behind))
        {
            Assert.Equal(0, service.MqttPort);
            using (var ready = await service.Http.GetAsync(new Uri("health/ready", UriKind.Relative)))
            {
                Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
                Assert.Contains("broker_unreachable", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            await broker.RestartAsync();
            await ReadyAsync(service);
            await PublishAsync(broker, Open);
            await service.AlarmAsync("d-1", "ajar", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
            var told = await FirstAsync(broker, AlarmTopic);
            Assert.Equal("active_unacknowledged", told.GetProperty("state").GetString());
            var metrics = await service.Http.GetStringAsync(new Uri("metrics", UriKind.Relative));
            foreach (var name in (string[])["broker_connected", "broker_reconnects_total", "broker_sessions_lost_total", "broker_messages_received_total", "broker_failures_total"])
                Assert.Contains($"\ntelemetry_{name}{{", metrics, StringComparison.Ordinal);

            await broker.StopAsync();
            await service.AlarmAsync("telemetry", "broker_lost", alarm => alarm.GetProperty("state").GetString() == "active_unacknowledged");
            Assert.Equal(0, await service.StopAsync());
        }

        // Without that broker in its configuration the service has nothing to wait for.
        await using var alone = await ServiceProcess.StartAsync(data.Path);
        await alone.AlarmAsync("telemetry", "broker_lost", alarm => alarm.GetProperty("state").GetString() == "cleared_unacknowledged");
    }

    [Fact]
    public async Task What_came_to_the_broker_while_the_service_was_killed_is_there_and_an_alarm_that_ended_meanwhile_is_gone()
    {
        using var data = new TempDirectory();
        using var broker = await Mosquitto.StartAsync();
        var behind = Behind(broker, data);
        await using (var service = await ServiceProcess.StartAsync(data.Path, mqttPort: null, behind))
        {
            // Before its first subscription the broker keeps nothing for it.
            await ReadyAsync(service);
            await PublishAsync(broker, Open);
            await FirstAsync(broker, AlarmTopic);
            Assert.Equal(HttpStatusCode.OK, (await service.ActAsync((await service.AlarmAsync("d-1", "ajar")).GetProperty("id").GetString()!, "acknowledge")).StatusCode);
            await service.KillAsync();
        }
        await PublishAsync(broker, """{"values":{"open":false}}""");

        await using var again = await ServiceProcess.StartAsync(data.Path, mqttPort: null, behind);
        await again.AlarmAsync("d-1", "ajar", alarm => alarm.GetProperty("state").GetString() == "normal", seconds: 60);
        await Wait.ForAsync("no alarm retained", () => RetainedAsync(broker), text => text.Length == 0);
    }

    private static string[] Behind(Mosquitto broker, TempDirectory data)
    {
        var rules = Directory.CreateDirectory(data.File("rules")).FullName;
        File.WriteAllText(Path.Combine(rules, "door.yaml"), Door);
        return [$"--Mqtt:External:Address=127.0.0.1:{broker.Port}", $"--Rules:Path={rules}"];
    }

    private static Task<HttpResponseMessage> ReadyAsync(ServiceProcess service) =>
        Wait.ForAsync("ready", () => service.Http.GetAsync(new Uri("health/ready", UriKind.Relative)), answer => answer.IsSuccessStatusCode);

    private static Task<string> PublishAsync(Mosquitto broker, string payload) =>
        Tool.RunAsync("mosquitto_pub", "-p", $"{broker.Port}", "-q", "1", "-t", "telemetry/v1/gw-1/door/d-1", "-m", payload);

    private static async Task<JsonElement> FirstAsync(Mosquitto broker, string topic) =>
        JsonDocument.Parse(await Tool.RunAsync("mosquitto_sub", "-p", $"{broker.Port}", "-q", "1", "-t", topic, "-C", "1", "-W", "30")).RootElement;

    private static Task<string> RetainedAsync(Mosquitto broker) =>
        Tool.RunAsync("sh", "-c", $"mosquitto_sub -p {broker.Port} -t 'alarms/v1/#' --retained-only -W 1; true");
}
