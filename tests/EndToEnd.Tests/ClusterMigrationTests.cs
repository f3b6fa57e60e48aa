using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// A city on one machine becomes a city on three, as docs/operating.md "From one machine to several" says: readings, alarms in every state, publishers that go on all
/// the while. The oracle knows what was acknowledged before and after, and what the one machine said of itself when it stopped.
/// </summary>
public sealed class ClusterMigrationTests(ITestOutputHelper output)
{
    private const int Nodes = 3;

    [Fact]
    public async Task A_running_city_is_moved_to_three_nodes_that_know_everything_and_lose_and_double_nothing()
    {
        await using var servers = await NatsServers.StartAsync();
        using TempDirectory folder = new(), records = new();
        var record = records.File("acknowledged");
        // Gateways know one address, the balancer's; the one machine is the first of the nodes behind it.
        int[] ports = [.. Enumerable.Range(0, Nodes).Select(_ => FreePort.Next())];
        await using var nginx = await Nginx.StartAsync(ports);
        string[] cluster = ["--Cluster:Enabled=true", $"--Cluster:Servers={servers.Urls}", "--Log:SegmentSize=1MiB"];
        var nodes = new List<ServiceProcess>();
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions { Port = nginx.Port, Connections = 3, Devices = 6, Qos = 1, InFlight = 50, Rate = 1000, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(10), Record = record },
            TimeProvider.System);
        var begun = TimeProvider.System.GetUtcNow();
        Task publishing = Task.CompletedTask;
        try
        {
            JsonElement[] alarms;
            string journal, shelved;
            await using (var alone = await ServiceProcess.StartAsync(DataOf(0), ports[0], "--Log:SegmentSize=1MiB"))
            {
                publishing = Task.Run(() => load.RunAsync(over.Token));
                foreach (var leak in (string[])["open", "accepted", "away"])
                    await LeakAsync(alone.MqttPort, leak, 1, begun, "high");
                await alone.AlarmAsync("gas-open", "leak_high");
                await ActAsync(alone, (await alone.AlarmAsync("gas-accepted", "leak_high")).GetProperty("id").GetString()!, "acknowledge", new { by = "li", comment = "on my way" });
                await ActAsync(alone, (await alone.AlarmAsync("gas-away", "leak_high")).GetProperty("id").GetString()!, "out-of-service", new { by = "li", reason = "new sensor", permit = "P-17", watch = "a guard" });
                // Loose for longer than the rule waits.
                foreach (var at in new[] { begun.AddSeconds(-70), begun })
                    await Clients.MosquittoPubAsync(alone.MqttPort, "telemetry/v1/gw-covers/manhole_cover/mc-1", string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{at.ToUnixTimeMilliseconds()}}},"values":{"cover_state":"loose"}}"""), "-q", "1");
                shelved = (await alone.AlarmAsync("mc-1", "cover_loose")).GetProperty("id").GetString()!;
                await ActAsync(alone, shelved, "shelve", new { by = "li", reason = "crew is there", until = begun.AddHours(2) });
                await Wait.ForAsync("8,000 acknowledged, over one segment", () => load.Acknowledged >= 8_000, 60);
                Assert.Contains("a service is running in", await RefusedAsync(cluster), StringComparison.Ordinal);
                await alone.CaughtUpAsync();
                Assert.Equal(0, await alone.StopAsync());
            }
            var stopped = TimeProvider.System.GetTimestamp();
            journal = (await ServiceProcess.RunAsync("journal", "--Data:Path", DataOf(0), "--json")).Output;

            var moved = await MoveAsync(cluster);
            var position = moved.GetProperty("position").GetInt64();
            Assert.False(moved.GetProperty("wasThere").GetBoolean());
            // Whoever was interrupted runs it again.
            var again = await MoveAsync(cluster);
            Assert.True(again.GetProperty("wasThere").GetBoolean());
            Assert.Equal(moved.GetProperty("head").GetString(), again.GetProperty("head").GetString());
            // The log must not go on in two ways.
            var (code, _, error) = await ServiceProcess.RunAsync("--Data:Path=" + DataOf(0), "--Mqtt:Port=0", "--Http:Port=0");
            Assert.Equal(1, code);
            Assert.Contains("is a node's copy of a stream", error, StringComparison.Ordinal);
            // A node without a copy is told where to get one.
            (code, _, error) = await ServiceProcess.RunAsync(["--Data:Path=" + records.File("empty"), "--Mqtt:Port=0", "--Http:Port=0", .. cluster]);
            Assert.Equal(1, code);
            Assert.Contains($"the stream goes on behind position {position} of a log that was moved into it, but the log in Data:Path is empty", error, StringComparison.Ordinal);

            // One other node gets a copy of the stopped directory, the last one a backup of the first node while that serves.
            Copy(DataOf(0), DataOf(1));
            nodes.Add(await StartAsync(0));
            var acknowledged = load.Acknowledged;
            await Wait.ForAsync("the gateways go on", () => load.Acknowledged > acknowledged + 100, 60);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"gateways acknowledged again {TimeProvider.System.GetElapsedTime(stopped).TotalSeconds:0.0} s after the stop"));
            nodes.Add(await StartAsync(1));
            Assert.Equal(0, (await ServiceProcess.RunAsync("backup", "--Data:Path", DataOf(0), "--out", folder.File("copies"))).ExitCode);
            Assert.Equal(0, (await ServiceProcess.RunAsync("restore", "--from", folder.File("copies"), "--Data:Path", DataOf(2))).ExitCode);
            nodes.Add(await StartAsync(2));

            foreach (var node in nodes)
            {
                alarms = [.. (await node.GetAsync("api/v1/alarms?state=all&family=gas_valve")).EnumerateArray().Where(alarm => alarm.GetProperty("rule").GetString() == "leak_high")];
                Assert.Equal(3, alarms.Length);
                Assert.Equal(Ids(journal), alarms.Select(alarm => alarm.GetProperty("id").GetString()).ToHashSet());
                Assert.Equal("active_unacknowledged", StateOf(alarms, "gas-open"));
                Assert.Equal("active_acknowledged", StateOf(alarms, "gas-accepted"));
                Assert.Equal("out_of_service", StateOf(alarms, "gas-away"));
                var loose = await node.AlarmAsync("mc-1", "cover_loose");
                Assert.Equal((shelved, "shelved"), (loose.GetProperty("id").GetString(), loose.GetProperty("state").GetString()));
            }

            // What a gateway had kept from before the move and sends once more, and the same with another value: both nodes' rules know it.
            await LeakAsync(nodes[1].MqttPort, "open", 1, begun, "high");
            await LeakAsync(nodes[2].MqttPort, "open", 1, begun, "normal");
            // New readings are evaluated, whichever node takes them.
            await LeakAsync(nodes[1].MqttPort, "new", 1, TimeProvider.System.GetUtcNow(), "high");
            await LeakAsync(nodes[2].MqttPort, "accepted", 2, TimeProvider.System.GetUtcNow(), "normal");
            foreach (var node in nodes)
            {
                await node.AlarmAsync("gas-new", "leak_high");
                await Wait.ForAsync(
                    "the conflicting duplicate", () => node.GetAsync("api/v1/deadletters"),
                    letters => letters.EnumerateArray().Count(letter => letter.GetProperty("reason").GetString() == "conflicting_duplicate") == 1);
            }
            acknowledged = load.Acknowledged;
            await Wait.ForAsync("2,000 more are acknowledged", () => load.Acknowledged > acknowledged + 2_000, 60);
            await over.CancelAsync();
            await Task.WhenAny(publishing);

            var end = (await Task.WhenAll(nodes.Select(node => node.GetAsync("api/v1/stats")))).Max(stats => stats.GetProperty("logPosition").GetInt64());
            var journals = new List<string>();
            foreach (var node in nodes)
            {
                await Wait.ForAsync($"position {end}", () => node.GetAsync("api/v1/stats"), stats => stats.GetProperty("rulesPosition").GetInt64() >= end && stats.GetProperty("storePosition").GetInt64() >= end, 60);
                var (sent, stored, missing, doubled) = await Ledger.CompareAsync(node, record, begun);
                output.WriteLine($"moved at position {position}; acknowledged {sent}, stored {stored}, lost {missing}, doubled {doubled}");
                Assert.Equal((0, 0), (missing, doubled));
                journals.Add(Journal.UpTo(end, await node.Http.GetStringAsync("api/v1/journal?from=1")));
                Assert.Equal(4, Ids(journals[^1]).Count);
            }
            Assert.Equal(Journal.UpTo(position, journal), Journal.UpTo(position, journals[0]));
            Assert.NotEqual(journal, journals[0]);
            Assert.Equal(journals[0], journals[1]);
            Assert.Equal(journals[0], journals[2]);
            foreach (var node in nodes)
                Assert.Equal(0, await node.StopAsync());
            for (var node = 0; node < Nodes; node++)
            {
                var verified = await ServiceProcess.RunAsync("verify-log", "--Data:Path", DataOf(node), "--chain", "--expect", moved.GetProperty("head").GetString()!);
                Assert.True(verified.ExitCode == 0, verified.Output);
                Assert.Equal(journals[0], Journal.UpTo(end, (await ServiceProcess.RunAsync("journal", "--Data:Path", DataOf(node), "--json")).Output));
            }
        }
        catch (TimeoutException)
        {
            foreach (var node in nodes)
                output.WriteLine(node.Output);
            throw;
        }
        finally
        {
            await over.CancelAsync();
            foreach (var node in nodes)
                await node.DisposeAsync();
        }

        string DataOf(int node) => folder.File(node.ToString(CultureInfo.InvariantCulture));

        Task<ServiceProcess> StartAsync(int node) => ServiceProcess.StartAsync(DataOf(node), ports[node], cluster);

        async Task<JsonElement> MoveAsync(string[] settings)
        {
            var (code, text, error) = await ServiceProcess.RunAsync(["cluster", "move", "--json", "--Data:Path=" + DataOf(0), .. settings]);
            Assert.True(code == 0, error);
            return JsonSerializer.Deserialize<JsonElement>(text);
        }

        async Task<string> RefusedAsync(string[] settings)
        {
            var (code, _, error) = await ServiceProcess.RunAsync(["cluster", "move", "--Data:Path=" + DataOf(0), .. settings]);
            Assert.Equal(1, code);
            return error;
        }
    }

    private static Task LeakAsync(int port, string device, int sequence, DateTimeOffset at, string state) => Clients.MosquittoPubAsync(
        port, $"telemetry/v1/gw-gas/gas_valve/gas-{device}",
        string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{at.ToUnixTimeMilliseconds()}}},"seq":{{{sequence}}},"values":{"gas_alarm_state":"{{{state}}}"}}"""), "-q", "1");

    private static async Task ActAsync(ServiceProcess service, string alarm, string action, object body)
    {
        using var answer = await service.Http.PostAsJsonAsync($"api/v1/alarms/{alarm}/{action}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static string? StateOf(JsonElement[] alarms, string device) => alarms.Single(alarm => alarm.GetProperty("device").GetString() == device).GetProperty("state").GetString();

    /// <summary>Alarms of leaks in a journal.</summary>
    private static HashSet<string?> Ids(string journal) =>
    [
        .. journal.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Where(line => line.GetProperty("rule").GetString() == "leak_high").Select(line => line.GetProperty("alarm").GetString()),
    ];

    private static void Copy(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
    }
}
