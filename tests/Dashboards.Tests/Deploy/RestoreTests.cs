namespace Telemetry.Dashboards.Tests.Deploy;

/// <summary>"Back up and restore" of docs/operating.md, step by step, with InfluxDB further than the copy.</summary>
public sealed class RestoreTests(Grafana.InfluxdFixture influxd) : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_copy_put_back_takes_new_readings_into_both_stores()
    {
        await influxd.Server.CreateDatabaseAsync("restored");
        await using var influx = await InfluxGate.StartAsync(influxd.Server.Url);
        File.WriteAllText(_folder.File("token"), "any\n");
        string[] stores = ["--Store:Kinds=duckdb,influxdb", $"--Influx:Url={influx.Url}", "--Influx:Org=city", "--Influx:Bucket=restored", $"--Influx:TokenFile={_folder.File("token")}"];
        var (data, backup) = (_folder.File("data"), _folder.File("backup"));

        await RunAsync(1, 2);
        await Tool.RunAsync("cp", "-a", data, backup);
        Assert.Equal(0, (await ServiceProcess.RunAsync("verify-log", "--Data:Path", backup)).ExitCode);
        // What comes after the copy was made; InfluxDB has it.
        await RunAsync(3, 4, 5, 6, 7, 8);
        Directory.Delete(data, recursive: true);
        await Tool.RunAsync("cp", "-a", backup, data);
        File.Delete(Path.Combine(data, "log/id"));

        Assert.Equal([1, 2, 9], await RunAsync(9));

        async Task<IReadOnlyList<int>> RunAsync(params int[] values)
        {
            await using var service = await ServiceProcess.StartAsync(data, 0, stores);
            foreach (var value in values)
                await Tool.RunAsync("mosquitto_pub", "-p", $"{service.MqttPort}", "-q", "1", "-t", "telemetry/v1/gw-1/manhole_cover/mc-1", "-m", $$"""{"seq":{{value}}, "values":{"tilt_angle":{{value}} } }""");
            await service.CaughtUpAsync();
            await Wait.ForAsync($"{values[^1]} in InfluxDB", () => influxd.Server.RowsAsync($"SELECT tilt_angle FROM manhole_cover WHERE tilt_angle = {values[^1]}", "restored"), rows => rows.Length == 1);
            var readings = await service.GetAsync("api/v1/devices/mc-1/readings?channel=tilt_angle");
            Assert.Equal(0, await service.StopAsync());
            return [.. readings.EnumerateArray().Select(reading => (int)reading.GetProperty("value").GetDouble())];
        }
    }
}
