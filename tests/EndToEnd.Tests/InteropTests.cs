using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// Senders of Sparkplug and SenML that none of us wrote (npm: sparkplug-client of Cirrus Link, the SDK of Arduino IoT Cloud) publish through Debian's Mosquitto; the
/// readings stand in the store.
/// </summary>
public sealed class InteropTests : IDisposable
{
    private const string Births = """{"sump_level":1.25,"pump_run.1":true,"power_supply":"mains"}""";

    private readonly TempDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_Sparkplug_node_is_read_dies_and_is_asked_for_its_birth_after_a_restart_of_the_service()
    {
        using var broker = await Mosquitto.StartAsync();
        string[] arguments = [$"--Mqtt:External:Address=127.0.0.1:{broker.Port}", "--Formats:sites:Topic=spBv1.0/#", "--Formats:sites:Format=sparkplug"];
        Process? node = null;
        try
        {
            await using (var service = await StartAsync(arguments))
            {
                await RegisterAsync(service, "PS-1", "plant/edge/pump-1");
                node = Clients.Start("node", Path.Combine(Repository.Root, "tests/EndToEnd.Tests/clients/sparkplug.js"), Text(broker.Port), "plant", "edge", "pump-1", Births);
                Assert.Equal("born", await LineAsync(node));
                await SendAsync(node, """{"sump_level":1.5}""");
                Assert.Equal([1.25, 1.5], (await ReadingsAsync(service, "PS-1", 2)).Select(reading => reading.GetProperty("value").GetDouble()));
                // Hard: the service forgets what the births said.
                await service.KillAsync();
            }
            await using (var service = await StartAsync(arguments))
            {
                await SendAsync(node, """{"sump_level":1.75}""");
                // It asks for nothing but the birth, and has the value from that.
                Assert.Equal("asked Node Control/Rebirth=true", await LineAsync(node));
                Assert.Equal("born", await LineAsync(node));
                await SendAsync(node, """{"sump_level":2}""");
                var readings = await ReadingsAsync(service, "PS-1", 4);
                Assert.Equal([1.25, 1.5, 1.75, 2], readings.Select(reading => reading.GetProperty("value").GetDouble()));
                Assert.Equal(1, (await service.GetAsync("api/v1/stats")).GetProperty("rejected").GetProperty("no_birth").GetInt64());

                await SendAsync(node, "die");
                readings = await ReadingsAsync(service, "PS-1", 5);
                Assert.Equal((2, "stale"), (readings[^1].GetProperty("value").GetDouble(), readings[^1].GetProperty("quality").GetString()));

                node.StandardInput.Close();
                await node.WaitForExitAsync().WaitAsync(Wait.Longest);
                await service.AlarmAsync("plant::edge", "offline");
            }
        }
        finally
        {
            node?.Kill();
        }
    }

    [Theory]
    [InlineData("json")]
    [InlineData("cbor")]
    public async Task SenML_is_read(string form)
    {
        using var broker = await Mosquitto.StartAsync();
        await using var service = await StartAsync($"--Mqtt:External:Address=127.0.0.1:{broker.Port}", "--Formats:yard:Topic=senml/#", $"--Formats:yard:Format=senml-{form}");
        await RegisterAsync(service, "PS-1", "urn:uuid:0c1c5b3e-9d0a-4a4e-8d53-2a1f3b7d9e10");
        var seconds = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await Tool.RunAsync(
            "node", Path.Combine(Repository.Root, "tests/EndToEnd.Tests/clients/senml.js"), Text(broker.Port), "senml/up", form, "0c1c5b3e-9d0a-4a4e-8d53-2a1f3b7d9e10",
            seconds.ToString(CultureInfo.InvariantCulture), Births);

        var reading = Assert.Single(await ReadingsAsync(service, "PS-1", 1));
        Assert.Equal((1.25, seconds), (reading.GetProperty("value").GetDouble(), reading.GetProperty("time").GetDateTimeOffset().ToUnixTimeSeconds()));
        Assert.Equal("mains", (await service.GetAsync("api/v1/devices/PS-1/readings?channel=power_supply"))[0].GetProperty("value").GetString());
        Assert.True((await service.GetAsync("api/v1/devices/PS-1/readings?channel=pump_run.1"))[0].GetProperty("value").GetBoolean());
    }

    private async Task<ServiceProcess> StartAsync(params string[] arguments)
    {
        var service = await ServiceProcess.StartAsync(_data.Path, mqttPort: null, arguments);
        await Wait.ForAsync("ready", async () => (await service.Http.GetAsync("health/ready")).IsSuccessStatusCode);
        return service;
    }

    private static async Task RegisterAsync(ServiceProcess service, string device, string wireId)
    {
        using var answer = await service.Http.PutAsJsonAsync($"api/v1/devices/{device}", new { family = "drainage_pump", sensors = new Dictionary<string, string> { [wireId] = "" } });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static Task<JsonElement[]> ReadingsAsync(ServiceProcess service, string device, int count) => Wait.ForAsync(
        $"{count} readings",
        async () => (await service.GetAsync($"api/v1/devices/{device}/readings?channel=sump_level")).EnumerateArray().ToArray(),
        readings => readings.Length >= count);

    private static async Task SendAsync(Process node, string line)
    {
        await node.StandardInput.WriteLineAsync(line);
        await node.StandardInput.FlushAsync();
        Assert.Equal("sent", await LineAsync(node));
    }

    private static async Task<string?> LineAsync(Process node) => await node.StandardOutput.ReadLineAsync().WaitAsync(Wait.Longest);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
