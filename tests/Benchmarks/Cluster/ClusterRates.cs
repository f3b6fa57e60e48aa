using System.CommandLine;
using System.Globalization;
using Telemetry.Benchmarks.Peers;
using Telemetry.Simulators.Load;

namespace Telemetry.Benchmarks.Cluster;

/// <summary>
/// <c>cluster</c>: one machine with its own log, then one node and three nodes on three nats-servers, in turn, with the same load, all on this machine: a floor of what
/// several machines do, since here they share its processors and its disk. Each node evaluates and stores everything, so three do that work three times.
/// </summary>
internal static class ClusterRates
{
    private const int Devices = 5000;
    private static readonly (string Name, int Nodes)[] Subjects = [("one machine, own log", 0), ("1 node, 3 servers", 1), ("3 nodes, 3 servers", 3)];

    public static RootCommand Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "Of publishing at full speed.", DefaultValueFactory = _ => 10 };
        var runs = new Option<int>("--runs") { Description = "Rounds through all three.", DefaultValueFactory = _ => 3 };
        var batches = new Option<int[]>("--batch") { Description = "Readings a message; may be given more than once.", DefaultValueFactory = _ => [1, 50] };
        var command = new RootCommand(
            """
            Needs Debian's nats-server and nginx-light with libnginx-mod-stream. Leave the machine alone meanwhile. About 5 minutes.

            Examples:
              dotnet run -c Release --project tests/Benchmarks -- cluster
              dotnet run -c Release --project tests/Benchmarks -- cluster --seconds 30 --batch 50
            """) { seconds, runs, batches };
        command.SetAction(async (parsed, _) =>
        {
            foreach (var batch in parsed.GetRequiredValue(batches))
            {
                var measured = Subjects.Select(_ => new List<Rates>()).ToArray();
                for (var run = 0; run < parsed.GetValue(runs); run++)
                {
                    foreach (var (subject, i) in Subjects.Select((subject, i) => (subject, i)))
                    {
                        measured[i].Add(await MeasureAsync(subject.Nodes, batch, TimeSpan.FromSeconds(parsed.GetValue(seconds))));
                        Print(subject.Name, batch, measured[i][^1]);
                    }
                }
                Console.WriteLine();
                foreach (var (subject, i) in Subjects.Select((subject, i) => (subject, i)))
                {
                    var ratios = measured[i].Zip(measured[0], (one, alone) => one.PerSecond / alone.PerSecond).Order().ToList();
                    Print($"median, {subject.Name}", batch, Rates.Median(measured[i]));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  of one machine's rate: {ratios[ratios.Count / 2]:F2} ({ratios[0]:F2} to {ratios[^1]:F2})"));
                }
            }
            return 0;
        });
        return command;
    }

    private static async Task<Rates> MeasureAsync(int nodes, int batch, TimeSpan duration)
    {
        await using var servers = nodes == 0 ? null : await NatsServers.StartAsync();
        int[] ports = [.. Enumerable.Range(0, Math.Max(1, nodes)).Select(_ => FreePort.Next())];
        await using var nginx = nodes < 2 ? null : await Nginx.StartAsync(ports);
        using var data = new TempDirectory();
        var services = new List<ServiceProcess>();
        try
        {
            foreach (var port in ports)
                services.Add(await ServiceProcess.StartAsync(Path.Combine(data.Path, port.ToString(CultureInfo.InvariantCulture)), port, servers is null ? [] : ["--Cluster:Enabled=true", $"--Cluster:Servers={servers.Urls}"]));
            // Compilers need it.
            await PublishAsync(1, TimeSpan.FromSeconds(4));
            await DrainedAsync(services);
            var (own, others) = Cpu();
            var start = TimeProvider.System.GetTimestamp();
            var load = await PublishAsync(1_000_000_000, duration);
            await DrainedAsync(services);
            var all = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            var (ownAfter, othersAfter) = Cpu();
            if (load.Errors is [var error, ..])
                throw new InvalidOperationException(error);
            var readings = (double)load.Acknowledged * batch;
            return new Rates(readings / load.Seconds, readings / all, load.AckP50, load.AckP99, (ownAfter - own) / readings * 1e6, (othersAfter - others) / readings * 1e6);
        }
        finally
        {
            foreach (var service in services)
                await service.DisposeAsync();
        }

        Task<LoadResult> PublishAsync(long first, TimeSpan time) => new LoadPublisher(
            new LoadOptions { Port = nginx?.Port ?? ports[0], Connections = 20, InFlight = Math.Max(1, 1000 / batch), Devices = Devices, Batch = batch, Channels = 5, FirstSequence = first, Duration = time },
            TimeProvider.System).RunAsync(CancellationToken.None);

        (double Own, double Others) Cpu()
        {
            var own = services.Sum(service => service.Usage().CpuSeconds);
            return (own, ProcessTree.CpuSecondsBelow(Environment.ProcessId) - own);
        }
    }

    /// <summary>Every node has evaluated and stored all that any node has.</summary>
    private static async Task DrainedAsync(List<ServiceProcess> services)
    {
        var position = (await Task.WhenAll(services.Select(service => service.GetAsync("api/v1/stats")))).Max(stats => stats.GetProperty("logPosition").GetInt64());
        foreach (var service in services)
            await Wait.ForAsync($"position {position}", () => service.GetAsync("api/v1/stats"), stats => stats.GetProperty("rulesPosition").GetInt64() >= position && stats.GetProperty("storePosition").GetInt64() >= position, 600);
    }

    private static void Print(string name, int batch, Rates rates) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name}, {batch} a message: {rates.PerSecond:N0} readings/s acknowledged ({rates.DrainedPerSecond:N0} with all of them stored by every node), PUBACK p50 {rates.AckP50:F1} p99 {rates.AckP99:F1} ms, CPU-s/M: nodes {rates.NodesCpu:F1}, nats-servers and nginx {rates.OthersCpu:F1}"));

    /// <summary>Readings a second, milliseconds, CPU seconds per million readings.</summary>
    private sealed record Rates(double PerSecond, double DrainedPerSecond, double AckP50, double AckP99, double NodesCpu, double OthersCpu)
    {
        public static Rates Median(List<Rates> all)
        {
            return new Rates(Of(one => one.PerSecond), Of(one => one.DrainedPerSecond), Of(one => one.AckP50), Of(one => one.AckP99), Of(one => one.NodesCpu), Of(one => one.OthersCpu));

            double Of(Func<Rates, double> figure) => all.Select(figure).Order().ElementAt(all.Count / 2);
        }
    }
}
