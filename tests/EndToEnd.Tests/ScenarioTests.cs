using System.CommandLine;
using System.Text.Json;
using Telemetry.Simulators.Commands;

namespace Telemetry.EndToEnd.Tests;

/// <summary>A story played to the real service, over MQTT in and the journal out.</summary>
public sealed class ScenarioTests
{
    private const string Story =
        """
        scenario: short
        title: {en: Short, zh: 短}
        begins: "00:00"
        lasts: 25s
        city: {devices: 40}
        story:
          - {at: 3s, device: tunnel-01-3, what: call_point_pressed, expect: [{rule: tunnel_fire, severity: critical, within: 5s}]}
          - {at: 4s, device: pump-002, what: station_mains_fail, expect: [{rule: power_lost, severity: critical, within: 12s}]}
          - {at: 5s, device: gw-donghu-1, what: gateway_dies, expect: [{rule: offline, within: 18s}]}
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
        Assert.Contains("is neither a demo nor in drill mode: 'scenario-tunnel-01-1' is not registered there in state drill", error, StringComparison.Ordinal);
        Assert.Equal(0, (await service.GetAsync("api/v1/devices")).GetArrayLength());
        Assert.Equal(0, (await service.GetAsync("api/v1/stats")).GetProperty("received").GetInt64());
    }

    private static async Task<(int Code, string Output, string Error)> PlayAsync(ServiceProcess service, string folder)
    {
        var file = Path.Combine(folder, "short.yaml");
        await File.WriteAllTextAsync(file, Story);
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await SimulatorsCommand.RunAsync(
            ["scenario", file, "--url", service.Http.BaseAddress!.ToString(), "--mqtt", FormattableString.Invariant($"127.0.0.1:{service.MqttPort}"), "--json"],
            new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
