using System.Text.Json;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>SIGTERM under load, as at every update of the service.</summary>
public sealed class GracefulStopTests(ITestOutputHelper output)
{
    private const int Stops = 3;

    [Fact]
    public async Task Stops_under_load_lose_and_double_nothing_and_leave_nothing_to_replay()
    {
        using var data = new TempDirectory();
        using var records = new TempDirectory();
        var record = Path.Combine(records.Path, "acknowledged");
        var port = FreePort.Next();
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions
            {
                Port = port, Connections = 4, Devices = 8, Qos = 1, InFlight = 50, Rate = 5000, Duration = TimeSpan.FromHours(1),
                Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record,
            },
            TimeProvider.System);
        var begun = TimeProvider.System.GetUtcNow();
        Task? publishing = null;
        for (var stop = 0; stop < Stops; stop++)
        {
            await using var service = await ServiceProcess.StartAsync(data.Path, port);
            if (stop > 0)
                Assert.DoesNotContain("replayed the log", service.Output, StringComparison.Ordinal);
            publishing ??= Task.Run(() => load.RunAsync(over.Token));
            var until = load.Acknowledged + 5000;
            await Wait.ForAsync($"{until} acknowledged", () => load.Acknowledged >= until);
            Assert.Equal(0, await service.StopAsync());
        }
        await over.CancelAsync();
        await Task.WhenAny(publishing!);

        await using var last = await ServiceProcess.StartAsync(data.Path, port);
        await last.CaughtUpAsync();
        var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(last, record, begun);
        output.WriteLine($"stops {Stops}, acknowledged {acknowledged}, stored {stored}, lost {missing}, doubled {doubled}");
        Assert.True(acknowledged >= 5000 * Stops);
        Assert.Equal((0, 0), (missing, doubled));
    }

    /// <summary>A database and a provider that take a call and never answer: neither may keep the service from stopping.</summary>
    [Fact]
    public async Task A_stop_while_database_and_provider_hang_is_over_in_time_and_loses_nothing()
    {
        using var data = new TempDirectory();
        using var files = new TempDirectory();
        await using var influx = await Influxd.StartAsync();
        await influx.CreateDatabaseAsync("city");
        await using var gate = await InfluxGate.StartAsync(influx.Url);
        await using var provider = await Receiver.StartAsync(_ => Answer.TimeOut);
        await File.WriteAllTextAsync(files.File("notify.yaml"), "people:\n  li: {name: 李, phone: \"+8613800000000\"}\nteams:\n  all: {title: {en: Duty, zh: 值班}, always: li}\nchannels: {critical: [sms], high: [sms], medium: [sms], low: [sms], digest: [sms]}\nroutes:\n  - {to: all}\n");
        string[] options =
        [
            "--Store:Kinds=duckdb,influxdb", $"--Influx:Url={gate.Url}", "--Influx:Org=city", "--Influx:Bucket=city", $"--Influx:TokenFile={influx.TokenFile}",
            $"--Notify:File={files.File("notify.yaml")}", $"--Notify:Sms:Url={provider.Url}sms", "--Notify:Sms:Body={\"to\":\"{phone}\",\"text\":\"{text}\"}", "--Notify:Sms:Success=code=0",
        ];
        var record = files.File("acknowledged");
        var port = FreePort.Next();
        using var over = new CancellationTokenSource();
        var load = new LoadPublisher(
            new LoadOptions { Port = port, Connections = 4, Devices = 8, Qos = 1, InFlight = 50, Rate = 2000, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record },
            TimeProvider.System);
        var begun = TimeProvider.System.GetUtcNow();
        Task publishing;
        TimeSpan took;
        await using (var service = await ServiceProcess.StartAsync(data.Path, port, options))
        {
            publishing = Task.Run(() => load.RunAsync(over.Token));
            await Wait.ForAsync("load", () => load.Acknowledged > 1000);
            gate.Fault = InfluxFault.Hang;
            await Clients.MosquittoPubAsync(port, "telemetry/v1/gw-gas/gas_valve/gas-1", "{\"values\":{\"gas_alarm_state\":\"high\"}}", "-q", "1");
            await service.AlarmAsync("gas-1", "leak_high");
            await Wait.ForAsync("the provider's call", () => provider.All.Count > 0);
            var until = load.Acknowledged + 2000;
            await Wait.ForAsync("more load", () => load.Acknowledged >= until);
            var since = TimeProvider.System.GetTimestamp();
            Assert.Equal(0, await service.StopAsync());
            took = TimeProvider.System.GetElapsedTime(since);
        }
        await over.CancelAsync();
        await Task.WhenAny(publishing);
        gate.Fault = null;

        await using var last = await ServiceProcess.StartAsync(data.Path, port, options);
        await last.CaughtUpAsync();
        var (acknowledged, stored, missing, doubled) = await Ledger.CompareAsync(last, record, begun);
        var inInflux = (await influx.RowsAsync("SELECT count(sump_level) FROM drainage_pump", "city"))[0][1].GetInt32();
        output.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"stopped in {took.TotalSeconds:0.0} s, acknowledged {acknowledged}, in DuckDB {stored}, in InfluxDB {inInflux}, lost {missing}, doubled {doubled}"));
        Assert.Equal((0, 0), (missing, doubled));
        Assert.Equal(stored, inInflux);
    }

    [Fact]
    public async Task The_log_is_one_JSON_object_a_line_where_that_is_asked_for()
    {
        using var data = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(data.Path, 0, "--json-logs");
        Assert.Equal(0, await service.StopAsync());
        var lines = service.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("listening", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.EndsWith("Z", JsonDocument.Parse(line).RootElement.GetProperty("Timestamp").GetString(), StringComparison.Ordinal));
    }
}
