namespace Telemetry.EndToEnd.Tests;

/// <summary>The service with InfluxDB: readings, alarms and its own figures stand there.</summary>
public sealed class InfluxSeriesTests : IAsyncLifetime
{
    private readonly TempDirectory _data = new();
    private Influxd _server = null!;
    private InfluxGate _gate = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await Influxd.StartAsync();
        await _server.CreateDatabaseAsync("city");
        await _server.QueryAsync("CREATE RETENTION POLICY \"alarms\" ON \"city\" DURATION INF REPLICATION 1", null);
        _gate = await InfluxGate.StartAsync(_server.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.DisposeAsync();
        await _server.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task All_series_stand_in_the_database_over_an_outage_and_a_kill()
    {
        string acknowledged;
        await using (var service = await StartAsync())
        {
            await PublishAsync(service, "gas-1");
            var alarm = await service.AlarmAsync("gas-1", "leak_high");
            acknowledged = alarm.GetProperty("id").GetString()!;
            await Wait.ForAsync("the alarm", () => CountAsync("alarm"), count => count >= 1);
            _gate.Fault = InfluxFault.Unavailable();
            Assert.Equal(200, (int)(await service.ActAsync(acknowledged, "acknowledge")).StatusCode);
            await PublishAsync(service, "gas-2");
            await service.AlarmAsync("gas-2", "leak_high");
            await service.KillAsync();
        }
        _gate.Fault = null;
        await using (var service = await StartAsync())
        {
            // A minute of log time ends within a minute.
            await Wait.ForAsync("every series", async () =>
            {
                var counts = new Dictionary<string, int>();
                foreach (var series in new[] { "gas_valve", "alarm", "device_state", "district_state", "operator_load", "telemetry_service" })
                    counts[series] = await CountAsync(series);
                return (All: counts.Values.Min() > 0 && counts["alarm"] >= 3, Text: string.Join(", ", counts));
            }, seen => seen.All, 100);
            var metrics = await service.Http.GetStringAsync("metrics");
            foreach (var series in new[] { "alarm", "district_state", "telemetry_service" })
                Assert.Contains($"telemetry_series_behind_seconds{{otel_scope_name=\"Telemetry\",series=\"{series}\"}}", metrics, StringComparison.Ordinal);
        }
        var rows = await _server.RowsAsync($"SELECT \"state\", \"open\", \"severity\", \"title\" FROM \"alarms\".\"alarm\" WHERE \"id\" = '{acknowledged}'", "city");
        Assert.Equal([1, 2], rows.Select(row => row[1].GetInt32()));
        Assert.Equal((1, "Gas leak"), (rows[1][3].GetInt32(), rows[1][4].GetString()!.Split(" · ")[0]));
        var open = await _server.RowsAsync("SELECT last(\"open\"), \"worst\" FROM \"alarms\".\"device_state\" WHERE \"family\" = 'gas_valve' GROUP BY \"device\"", "city");
        Assert.Equal(2, open.Count(row => row[1].GetInt32() > 0 && row[2].GetInt32() == 4));
    }

    private Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(
        _data.Path, 0, "--Store:Kinds=influxdb", $"--Influx:Url={_gate.Url}", "--Influx:Org=city", "--Influx:Bucket=city", "--Influx:AlarmsBucket=city/alarms", $"--Influx:TokenFile={_server.TokenFile}");

    private static Task PublishAsync(ServiceProcess service, string device) =>
        Clients.MosquittoPubAsync(service.MqttPort, $"telemetry/v1/gw-gas/gas_valve/{device}", """{"values":{"gas_alarm_state":"high"}}""", "-q", "1");

    private async Task<int> CountAsync(string series)
    {
        var from = series is "gas_valve" or "telemetry_service" ? $"\"{series}\"" : $"\"alarms\".\"{series}\"";
        return (await _server.RowsAsync($"SELECT * FROM {from}", "city")).Length;
    }
}
