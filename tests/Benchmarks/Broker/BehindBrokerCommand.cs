using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Telemetry.Simulators.Load;

namespace Telemetry.Benchmarks.Broker;

/// <summary>
/// <c>behind-broker</c>: what the service takes in behind Mosquitto, stored, beside a subscriber on MQTTnet's client that does nothing. Pairs run
/// alternately; the ratio is that of the medians.
/// </summary>
internal static class BehindBrokerCommand
{
    private sealed record Result(double Seconds, double Cpu, double BrokerCpu);

    public static RootCommand Create()
    {
        var messages = new Option<long>("--messages") { Description = "To each, each time.", DefaultValueFactory = _ => 300_000 };
        var rounds = new Option<int>("--rounds") { Description = "Pairs.", DefaultValueFactory = _ => 3 };
        var command = new RootCommand(
            """
            Publishes through Mosquitto at QoS 1, 200-byte readings, 20 connections, as fast as Mosquitto takes them; counts until the last one is acknowledged
            (and, for the service, processed by the rules and stored).

            Examples:
              dotnet run -c Release --project tests/Benchmarks -- behind-broker
              dotnet run -c Release --project tests/Benchmarks -- behind-broker --messages 1000000 --rounds 5
            """) { messages, rounds };
        command.SetAction(async (parsed, _) =>
        {
            var count = parsed.GetValue(messages);
            List<Result> bare = [], service = [];
            for (var round = 0; round < parsed.GetValue(rounds); round++)
            {
                bare.Add(await BareAsync(count));
                service.Add(await ServiceAsync(count));
            }
            Print(count, bare, service);
            return 0;
        });
        return command;
    }

    private static async Task<Result> BareAsync(long count)
    {
        using var broker = await Mosquitto.StartAsync();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll"), "bare-subscriber", $"{broker.Port}", $"{count}"]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadLineAsync();
        return await MeasureAsync(broker, count, async () =>
        {
            var cpu = double.Parse((await process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            await process.WaitForExitAsync();
            return cpu;
        });
    }

    private static async Task<Result> ServiceAsync(long count)
    {
        using var broker = await Mosquitto.StartAsync();
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, mqttPort: null, $"--Mqtt:External:Address=127.0.0.1:{broker.Port}");
        await Wait.ForAsync("ready", async () => (await service.Http.GetAsync("health/ready")).IsSuccessStatusCode);
        var before = service.Usage().CpuSeconds;
        return await MeasureAsync(broker, count, async () =>
        {
            await Wait.ForAsync($"{count} readings", () => service.GetAsync("api/v1/stats"), stats => stats.GetProperty("accepted").GetInt64() >= count, 600);
            await service.CaughtUpAsync();
            return service.Usage().CpuSeconds - before;
        });
    }

    /// <param name="drained">Waits for the last message; gives the subject's CPU seconds since it was ready.</param>
    private static async Task<Result> MeasureAsync(Mosquitto broker, long count, Func<Task<double>> drained)
    {
        var brokerBefore = broker.CpuTime;
        var start = TimeProvider.System.GetTimestamp();
        var publishing = new LoadPublisher(new LoadOptions { Port = broker.Port, Connections = 20, Devices = 2000, Channels = 6, InFlight = 20, Messages = count, Duration = null }, TimeProvider.System)
            .RunAsync(CancellationToken.None);
        var cpu = await drained();
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        await publishing;
        return new Result(seconds, cpu, (broker.CpuTime - brokerBefore).TotalSeconds);
    }

    private static void Print(long count, List<Result> bare, List<Result> service)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns($"medians of {bare.Count}, {count:N0} messages", "MQTTnet subscriber that does nothing", "the service, stored", "ratio");
        Row("messages/s", result => count / result.Seconds);
        Row("CPU-s per million messages", result => result.Cpu / count * 1e6);
        Row("Mosquitto, CPU-s per million messages", result => result.BrokerCpu / count * 1e6);
        AnsiConsole.Write(table);

        void Row(string name, Func<Result, double> value)
        {
            var (limit, ours) = (bare.Select(value).Order().ElementAt(bare.Count / 2), service.Select(value).Order().ElementAt(service.Count / 2));
            table.AddRow(name, limit.ToString("N1", CultureInfo.InvariantCulture), ours.ToString("N1", CultureInfo.InvariantCulture), (ours / limit).ToString("0.00", CultureInfo.InvariantCulture));
        }
    }
}
