using System.Globalization;
using Telemetry.Simulators.Load;

namespace Telemetry.EndToEnd.Tests;

/// <summary>
/// Behind Mosquitto, with both stores. Mosquitto lives throughout, so all that it acknowledged to a publisher must come. 5 rounds; 100 with
/// TELEMETRY_LONG=1.
/// </summary>
public sealed class BehindMosquittoTests(ITestOutputHelper output)
{
    private const int Devices = 8;
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TELEMETRY_LONG") is { Length: > 0 } ? 100 : 5;

    [Fact]
    public async Task What_Mosquitto_acknowledged_is_in_both_stores_once_however_often_the_service_is_killed()
    {
        using var data = new TempDirectory();
        using var records = new TempDirectory();
        using var broker = await Mosquitto.StartAsync();
        await using var influx = await Influxd.StartAsync();
        await influx.CreateDatabaseAsync("city");
        await using var gate = await InfluxGate.StartAsync(influx.Url);
        string[] arguments =
        [
            $"--Mqtt:External:Address=127.0.0.1:{broker.Port}", "--Store:Kinds=duckdb,influxdb", $"--Influx:Url={gate.Url}", "--Influx:Org=city", "--Influx:Bucket=city", $"--Influx:TokenFile={influx.TokenFile}",
        ];
        var record = records.File("acknowledged");
        var load = new LoadPublisher(
            new LoadOptions { Port = broker.Port, Connections = 4, Devices = Devices, Qos = 1, InFlight = 50, Rate = 2000, Duration = TimeSpan.FromHours(1), Reconnect = true, Patience = TimeSpan.FromMinutes(2), Record = record },
            TimeProvider.System);
        using var over = new CancellationTokenSource();
        var random = new Random(20261125);
        var begun = TimeProvider.System.GetUtcNow();
        Task? publishing = null;
        for (var round = 0; round < Rounds; round++)
        {
            await using var service = await ServiceProcess.StartAsync(data.Path, mqttPort: null, arguments);
            // Before its first subscription the broker keeps nothing for it.
            if (publishing is null)
                await SubscribedAsync(service);
            publishing ??= Task.Run(() => load.RunAsync(over.Token));
            var enough = random.Next(100, 3000);
            await Wait.ForAsync($"{enough} received", () => service.GetAsync("api/v1/stats"), stats => stats.GetProperty("received").GetInt64() >= enough, 60);
            await service.KillAsync();
        }
        await over.CancelAsync();
        await Task.WhenAny(publishing!);

        await using var last = await ServiceProcess.StartAsync(data.Path, mqttPort: null, arguments);
        // The broker hands out what it has queued; nobody says when that was all.
        var (acknowledged, stored, missing, doubled) = await Wait.ForAsync(
            "everything that Mosquitto acknowledged", () => Ledger.CompareAsync(last, record, begun), compared => compared.Missing == 0, 180);
        await last.CaughtUpAsync();
        // Of what was on its way and not acknowledged some may still come in, and in one store before the other.
        ((acknowledged, stored, missing, doubled), var rows) = await Wait.ForAsync(
            "the same in both stores",
            async () => (Compared: await Ledger.CompareAsync(last, record, begun), Rows: await influx.RowsAsync("SELECT seq, device FROM drainage_pump", "city")),
            both => both.Compared.Stored == both.Rows.Length);
        var distinct = rows.Select(row => (Device: row[2].GetString(), Sequence: row[1].GetInt64())).ToHashSet();
        output.WriteLine($"rounds {Rounds}, acknowledged by Mosquitto {acknowledged}, in DuckDB {stored}, in InfluxDB {rows.Length}, lost {missing}, doubled {doubled} and {rows.Length - distinct.Count}");
        Assert.True(acknowledged > 100 * Rounds);
        Assert.Equal((0, 0), (missing, doubled));
        Assert.Equal((stored, stored), (rows.Length, distinct.Count));
    }

    [Fact]
    public async Task Readings_of_real_clients_come_back_equal_from_the_API_from_DuckDB_and_from_InfluxDB()
    {
        using var data = new TempDirectory();
        using var broker = await Mosquitto.StartAsync();
        await using var influx = await Influxd.StartAsync();
        await influx.CreateDatabaseAsync("city");
        await using var gate = await InfluxGate.StartAsync(influx.Url);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        string[] arguments = [$"--Mqtt:External:Address=127.0.0.1:{broker.Port}", $"--Influx:Url={gate.Url}", "--Influx:Org=city", "--Influx:Bucket=city", $"--Influx:TokenFile={influx.TokenFile}"];
        var answers = new List<string>();
        foreach (var kinds in new[] { "duckdb,influxdb", "influxdb,duckdb" })
        {
            await using var service = await ServiceProcess.StartAsync(data.Path, mqttPort: null, [.. arguments, $"--Store:Kinds={kinds}"]);
            if (answers.Count == 0)
            {
                await SubscribedAsync(service);
                await Clients.MosquittoPubAsync(broker.Port, "telemetry/v1/gw-a/drainage_pump/PS-1", string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{now}}},"seq":1,"values":{"sump_level":1.25,"pump_run.2":true,"power_supply":"mains"}}"""), "-q", "1");
                await Clients.MqttJsAsync(broker.Port, 5, 1, "telemetry/v1/gw-a/drainage_pump/PS-1", string.Create(CultureInfo.InvariantCulture, $$$"""[{"ts":{{{now + 1}}},"values":{"sump_level":25,"pump_run.2":false}},{"ts":{{{now + 1}}},"seq":2,"values":{"sump_level":-3,"power_supply":"lost"},"quality":{"power_supply":"uncertain"}}]"""));
            }
            await Wait.ForAsync("three readings", () => service.GetAsync("api/v1/devices/PS-1/readings?channel=sump_level"), readings => readings.GetArrayLength() == 3);
            await service.CaughtUpAsync();
            var answer = new List<string>();
            foreach (var channel in new[] { "sump_level", "pump_run.2", "power_supply" })
                answer.Add(await service.Http.GetStringAsync($"api/v1/devices/PS-1/readings?channel={channel}"));
            answer.Add(await service.Http.GetStringAsync("api/v1/devices/PS-1/readings?channel=pump_run.2&every=1m"));
            answers.Add(string.Join('\n', answer));
            Assert.Equal(0, await service.StopAsync());
        }
        Assert.Contains("\"quality\":\"uncertain\"", answers[0], StringComparison.Ordinal);
        Assert.Equal(answers[0], answers[1]);
    }

    private static Task SubscribedAsync(ServiceProcess service) => Wait.ForAsync("ready", async () => (await service.Http.GetAsync("health/ready")).IsSuccessStatusCode);
}
