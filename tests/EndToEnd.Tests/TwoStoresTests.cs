using System.Globalization;
using System.Text.Json;

namespace Telemetry.EndToEnd.Tests;

/// <summary>The service with DuckDB and a real InfluxDB at once.</summary>
public sealed class TwoStoresTests : IAsyncLifetime
{
    private readonly TempDirectory _data = new();
    private Influxd _server = null!;
    private InfluxGate _gate = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await Influxd.StartAsync();
        await _server.CreateDatabaseAsync("city");
        _gate = await InfluxGate.StartAsync(_server.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.DisposeAsync();
        await _server.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Both_hold_the_same_and_one_that_is_away_does_not_stop_the_other()
    {
        string fromDuckDb;
        await using (var service = await StartAsync("duckdb,influxdb"))
        {
            await PublishAsync(service, 1);
            await service.CaughtUpAsync();

            _gate.Fault = InfluxFault.Unauthorized;
            await PublishAsync(service, 2);
            var metrics = await Wait.ForAsync("influxdb fails", () => service.Http.GetStringAsync("metrics"), text => text.Contains("telemetry_store_failing{otel_scope_name=\"Telemetry\",store=\"influxdb\"} 1", StringComparison.Ordinal));
            Assert.Contains("telemetry_store_failing{otel_scope_name=\"Telemetry\",store=\"duckdb\"} 0", metrics, StringComparison.Ordinal);
            using var ready = await service.Http.GetAsync("health/ready");
            Assert.Contains("influxdb: 401: token refused; Influx:TokenFile = ", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            await Wait.ForAsync("the reading in duckdb", () => ReadingsAsync(service), text => JsonDocument.Parse(text).RootElement.GetArrayLength() == 2);

            _gate.Fault = null;
            await service.CaughtUpAsync();
            fromDuckDb = await ReadingsAsync(service);
            Assert.Equal(0, await service.StopAsync());
        }
        await using (var service = await StartAsync("influxdb,duckdb"))
        {
            Assert.Equal(fromDuckDb, await ReadingsAsync(service));
            _gate.Fault = InfluxFault.Unavailable();
            using var answer = await service.Http.GetAsync("api/v1/devices/PS-1/readings?channel=sump_level");
            Assert.Equal(503, (int)answer.StatusCode);
            Assert.Contains("store_failing", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            _gate.Fault = null;
        }
        await using (var service = await StartAsync("influxdb", "--Influx:Timeout=10m"))
        {
            Assert.Equal(fromDuckDb, await ReadingsAsync(service));
            _gate.Fault = InfluxFault.Hang;
            var seen = _gate.Requests;
            await Wait.ForAsync("a write that hangs", () => _gate.Requests > seen);
            // A database that does not answer must not hold up the stop; the host would give up after 30 s.
            Assert.Equal(0, await service.StopAsync().WaitAsync(TimeSpan.FromSeconds(25)));
            _gate.Fault = null;
        }
        Assert.Equal(2, (await _server.RowsAsync("SELECT count(sump_level) FROM drainage_pump", "city"))[0][1].GetInt32());
    }

    [Fact]
    public async Task What_a_kill_left_to_be_summarized_is_summarized_after_the_next_start()
    {
        string[] buckets = ["--Influx:MinutesBucket=city/1m", "--Influx:HoursBucket=city/1h"];
        foreach (var policy in (string[])["1m", "1h"])
            await _server.QueryAsync($"CREATE RETENTION POLICY \"{policy}\" ON \"city\" DURATION INF REPLICATION 1", null);
        await using (var service = await StartAsync("influxdb", buckets))
        {
            await PublishAsync(service, 1, hoursAgo: 3);
            await PublishAsync(service, 2, hoursAgo: 3);
            await service.CaughtUpAsync();
            Assert.Contains("telemetry_store_downsampling_waiting_minutes{otel_scope_name=\"Telemetry\",store=\"influxdb\"}", await service.Http.GetStringAsync("metrics"), StringComparison.Ordinal);
            await service.KillAsync();
        }
        await using var again = await StartAsync("influxdb", buckets);
        var seen = await Wait.ForAsync(
            "an hour's figures",
            async () => (
                Hours: await FiguresAsync("SELECT sum(sump_level_count), max(sump_level_max) FROM \"1h\".drainage_pump"),
                Minutes: await FiguresAsync("SELECT sum(sump_level_count), max(sump_level_max) FROM \"1m\".drainage_pump"),
                Waiting: await FiguresAsync("SELECT max(position), to_downsample FROM telemetry_store")),
            // The database shows a point's fields one after the other.
            figures => figures.Hours == "2 2.25",
            seconds: 60);
        Assert.Equal("2 2.25", seen.Minutes);

        async Task<string> FiguresAsync(string influxql) => string.Join("; ", (await _server.RowsAsync(influxql, "city")).Select(row => $"{row[1]} {row[2]}"));
    }

    private Task<ServiceProcess> StartAsync(string kinds, params string[] more) => ServiceProcess.StartAsync(
        _data.Path, 0, [$"--Store:Kinds={kinds}", $"--Influx:Url={_gate.Url}", "--Influx:Org=city", "--Influx:Bucket=city", $"--Influx:TokenFile={_server.TokenFile}", .. more]);

    private static Task PublishAsync(ServiceProcess service, int sequence, int hoursAgo = 0) => Clients.MosquittoPubAsync(
        service.MqttPort,
        "telemetry/v1/gw-a/drainage_pump/PS-1",
        string.Create(CultureInfo.InvariantCulture, $$$"""{"ts":{{{TimeProvider.System.GetUtcNow().AddHours(-hoursAgo).ToUnixTimeMilliseconds()}}},"seq":{{{sequence}}},"values":{"sump_level":{{{sequence}}}.25,"pump_run.2":true,"power_supply":"mains"}}"""),
        "-q", "1");

    private static Task<string> ReadingsAsync(ServiceProcess service) => service.Http.GetStringAsync("api/v1/devices/PS-1/readings?channel=sump_level");
}
