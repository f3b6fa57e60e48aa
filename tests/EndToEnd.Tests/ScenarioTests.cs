using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Telemetry.Simulators.Commands;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A story played to the real service, over MQTT in and the journal out.</summary>
public sealed class ScenarioTests
{
    // Each alarm is told as long before its limit as a slow machine may stand still.
    private const string Story =
        """
        scenario: short
        title: {en: Short, zh: 短}
        begins: "00:00"
        lasts: 40s
        city: {devices: 40}
        story:
          - {at: 3s, device: tunnel-01-3, what: call_point_pressed, expect: [{rule: tunnel_fire, severity: critical, within: 20s}]}
          - {at: 4s, device: pump-002, what: station_mains_fail, expect: [{rule: power_lost, severity: critical, within: 30s}]}
          - {at: 5s, device: gw-donghu-1, what: gateway_dies, expect: [{rule: offline, within: 33s}]}
          - {at: 6s, device: gas-0001, what: restored, expect: [{rule: leak_high, within: 10s}]}
        """;

    [Fact]
    public async Task Beside_a_demo_it_is_scored_by_what_the_service_says()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--demo", "--Demo:Devices=40");
        var (code, output, error) = await PlayAsync(service, data.Path);

        Assert.Equal("", error);
        // Nothing has happened to the kitchen: what does not come is missed, and the run has failed.
        Assert.Equal(1, code);
        var lines = output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
        [
            ("scenario-tunnel-01-3", "tunnel_fire", "detected"), ("scenario-pump-002", "power_lost", "detected"), ("scenario-gw-donghu-1", "offline", "detected"), ("scenario-gas-0001", "leak_high", "missed"),
        ], lines.Where(line => line.TryGetProperty("verdict", out _)).Select(line => (Text(line, "device"), Text(line, "rule"), Text(line, "verdict"))));
        Assert.True(lines[^1].GetProperty("readings").GetInt64() > 40);
        Assert.Empty((await service.GetAsync("api/v1/stats")).GetProperty("rejected").EnumerateObject());
    }

    [Fact]
    public async Task A_service_that_is_neither_demo_nor_in_drill_is_refused_and_gets_nothing()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        var (code, output, error) = await PlayAsync(service, data.Path);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("is neither a demo nor in drill mode: 'scenario-", error, StringComparison.Ordinal);
        Assert.Contains("is not registered there in state drill", error, StringComparison.Ordinal);
        Assert.Equal(0, (await service.GetAsync("api/v1/devices")).GetArrayLength());
        Assert.Equal(0, (await service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64());
    }

    [Fact]
    public async Task In_a_drill_it_is_scored_and_calls_nobody_and_nothing_of_it_is_left_in_the_rules()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        var (code, output, error) = await PlayAsync(service, data.Path, Story, "--drill");

        Assert.Equal((1, ""), (code, error));
        var lines = output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["detected", "detected", "detected", "missed"], lines.Where(line => line.TryGetProperty("verdict", out _)).Select(line => Text(line, "verdict")));
        Assert.All((await service.GetAsync("api/v1/devices")).EnumerateArray(), device => Assert.Equal("commissioning", Text(device, "state")));
        // The gateways are gone: that is the technician's.
        await service.AlarmAsync("scenario-gw-xihu-1", "offline");
        var alarms = (await service.GetAsync("api/v1/alarms?state=all")).EnumerateArray().ToList();
        Assert.NotEmpty(alarms);
        Assert.All(alarms, alarm => Assert.Contains(Text(alarm, "mode"), (string[])["drill", "test"]));
    }

    [Fact]
    public async Task A_real_alarm_ends_the_drill_and_says_so()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        var playing = PlayAsync(service, data.Path, Story.Replace("lasts: 40s", "lasts: 10min", StringComparison.Ordinal), "--drill");
        await Wait.ForAsync("the drill", () => service.GetAsync("api/v1/devices?state=drill"), devices => devices.GetArrayLength() == 40);
        using var put = await service.Http.PutAsJsonAsync("api/v1/devices/real", new { family = "gas_valve", district = "Donghu" });
        Assert.True(put.IsSuccessStatusCode);
        await Clients.MosquittoPubAsync(service.MqttPort, "telemetry/v1/gw-1/gas_valve/real", """{"values": {"gas_alarm_state": "high"}}""");

        var (code, output, error) = await playing;
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("a real alarm has ended the drill in Donghu at ", error, StringComparison.Ordinal);
        Assert.All((await service.GetAsync("api/v1/devices")).EnumerateArray(), device => Assert.Equal(Text(device, "id") == "real" ? "live" : "commissioning", Text(device, "state")));
    }

    [Fact]
    public async Task A_real_device_of_the_same_name_is_taken_into_no_drill()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path);
        using var put = await service.Http.PutAsJsonAsync("api/v1/devices/scenario-gas-0001", new { family = "gas_valve" });
        var (code, output, error) = await PlayAsync(service, data.Path, Story, "--drill");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("'scenario-gas-0001' is live at ", error, StringComparison.Ordinal);
        Assert.Equal(1, (await service.GetAsync("api/v1/devices")).GetArrayLength());
    }

    [Fact]
    public async Task Where_the_demos_clock_goes_faster_the_story_goes_with_it()
    {
        const string story =
            """
            scenario: silent
            title: {en: Silent, zh: 失联}
            begins: "00:00"
            lasts: 6min
            city: {devices: 40}
            story:
              - {at: 10s, device: gas-0001, what: falls_silent, expect: [{rule: offline, within: 340s}]}
              - {at: 20s, device: gas-0002, what: pressure_drops, expect: [{rule: pressure_low, within: 240s}]}
            """;
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--demo", "--Demo:Devices=40", "--Demo:Speed=10");
        var begun = Stopwatch.GetTimestamp();
        var (code, output, error) = await PlayAsync(service, data.Path, story);
        var lasted = Stopwatch.GetElapsedTime(begun);

        Assert.Equal("", error);
        var verdicts = output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("verdict", out _)).ToList();
        Assert.Equal([("offline", "detected"), ("pressure_low", "detected")], verdicts.Select(line => (Text(line, "rule"), Text(line, "verdict"))));
        Assert.Equal(0, code);
        // By the service's clock, which is that of the alarms: 2.5 heartbeats of 60 s.
        Assert.True(verdicts[0].GetProperty("detectedAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow() > TimeSpan.FromMinutes(1), "the service's clock has not gone ahead");
        Assert.True(lasted < TimeSpan.FromMinutes(4), "no faster than life");
    }

    private static async Task<(int Code, string Output, string Error)> PlayAsync(ServiceProcess service, string folder, string story = Story, params string[] more)
    {
        var file = Path.Combine(folder, "short.yaml");
        await File.WriteAllTextAsync(file, story);
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await SimulatorsCommand.RunAsync(
            ["scenario", file, "--url", service.Http.BaseAddress!.ToString(), "--mqtt", FormattableString.Invariant($"127.0.0.1:{service.MqttPort}"), "--json", .. more],
            new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
