using System.Globalization;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// Three services and three nats-servers behind nginx, of which one after another is killed. The oracle knows only what was acknowledged.
/// Once around; n times with TELEMETRY_LONG=n.
/// </summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private const int Nodes = 3;
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } asked ? (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 1 ? n : 10) : 1;

    [Fact]
    public async Task What_was_acknowledged_by_any_node_is_in_the_log_of_every_node_once_and_their_journals_are_that_of_one_machine()
    {
        await using var servers = await NatsServers.StartAsync();
        using TempDirectory data = new(), records = new();
        var record = Path.Combine(records.Path, "acknowledged");
        int[] ports = [.. Enumerable.Range(0, Nodes).Select(_ => FreePort.Next())];
        await using var nginx = await Nginx.StartAsync(ports);
        var nodes = new ServiceProcess[Nodes];
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions { Port = nginx.Port, Connections = 6, Devices = 6, Qos = 1, InFlight = 50, Rate = 500, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record },
            TimeProvider.System);
        Task<LoadResult>? publishing = null;
        var begun = TimeProvider.System.GetUtcNow();
        try
        {
            nodes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(StartAsync));
            publishing = Task.Run(() => load.RunAsync(over.Token));
            await MoreAsync(500);
            for (var round = 0; round < Rounds; round++)
            {
                for (var node = 0; node < Nodes; node++)
                {
                    // One alarm raised and cleared, each time through another node.
                    foreach (var (through, state) in new[] { ((node + 1) % Nodes, "high"), ((node + 2) % Nodes, "normal") })
                        await Clients.MosquittoPubAsync(nodes[through].MqttPort, "telemetry/v1/gw-gas/gas_valve/gas-1", $$$"""{"seq":{{{(round * 100) + (node * 10) + (state == "high" ? 1 : 2)}}},"values":{"gas_alarm_state":"{{{state}}}"}}""", "-q", "1");
                    await nodes[node].KillAsync();
                    await nodes[node].DisposeAsync();
                    await MoreAsync(300);
                    nodes[node] = await StartAsync(node);
                }
                var leader = (await Wait.ForAsync("a leader", () => servers.LeaderAsync("telemetry"), found => found is not null))!.Value;
                await servers.CrashAsync(leader);
                var crashed = TimeProvider.System.GetTimestamp();
                await MoreAsync(300);
                output.WriteLine($"leader n{leader} killed; 300 more acknowledged after {TimeProvider.System.GetElapsedTime(crashed).TotalSeconds:0.0} s");
                servers.StartAgain(leader);
                await Wait.ForAsync("all replicas are current", () => servers.AreCurrentAsync("telemetry"), 60);
            }
            await over.CancelAsync();
            await Task.WhenAny(publishing);

            var position = (await Task.WhenAll(nodes.Select(node => node.GetAsync("api/v1/stats")))).Max(stats => stats.GetProperty("logPosition").GetInt64());
            foreach (var node in nodes)
                await Wait.ForAsync($"position {position}", () => node.GetAsync("api/v1/stats"), stats => stats.GetProperty("rulesPosition").GetInt64() >= position && stats.GetProperty("storePosition").GetInt64() >= position, 60);
            var journals = new List<string>();
            foreach (var node in nodes)
            {
                var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(node, record, begun);
                output.WriteLine($"acknowledged {acknowledged}, stored {stored}, lost {missing}, doubled {doubled}");
                Assert.True(acknowledged > 1_000 * Rounds);
                Assert.Equal((0, 0), (missing, doubled));
                journals.Add(Journal.UpTo(position, await node.Http.GetStringAsync("api/v1/journal?from=1")));
            }
            Assert.Contains("\"rule\":\"leak_high\"", journals[0], StringComparison.Ordinal);
            Assert.Equal(journals[0], journals[1]);
            Assert.Equal(journals[0], journals[2]);
            foreach (var node in nodes)
                Assert.Equal(0, await node.StopAsync());
            for (var node = 0; node < Nodes; node++)
            {
                var alone = await ServiceProcess.RunAsync("journal", "--Data:Path", DataOf(node), "--json");
                Assert.Equal(0, alone.ExitCode);
                Assert.Equal(journals[0], Journal.UpTo(position, alone.Output));
            }
        }
        catch (TimeoutException)
        {
            foreach (var node in nodes.Where(node => node is not null))
                output.WriteLine(node.Output);
            throw;
        }
        finally
        {
            await over.CancelAsync();
            foreach (var node in nodes.Where(node => node is not null))
                await node.DisposeAsync();
        }

        string DataOf(int node) => Path.Combine(data.Path, node.ToString(CultureInfo.InvariantCulture));

        Task<ServiceProcess> StartAsync(int node) => ServiceProcess.StartAsync(DataOf(node), ports[node], "--Cluster:Enabled=true", $"--Cluster:Servers={servers.Urls}", "--Log:SegmentSize=1MiB");

        Task MoreAsync(int more)
        {
            var until = load.Acknowledged + more;
            return Wait.ForAsync($"{until} acknowledged", () => Task.FromResult(load.Acknowledged), acknowledged => acknowledged >= until, 60);
        }
    }
}
