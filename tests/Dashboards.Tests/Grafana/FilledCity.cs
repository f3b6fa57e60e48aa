using System.Text.Json;
using Telemetry.Dashboards.Tests.Recording;
using Telemetry.Simulators.City;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>
/// A database as dashboards find it: three hours of a recorded city replayed by the real service, which then goes on live with the same
/// city. Once for all tests of the collection.
/// </summary>
public sealed class FilledCity(InfluxdFixture influxd) : IAsyncLifetime
{
    public const string Database = "city";
    private const int Devices = 200;
    private const int Seed = 7;

    private readonly TempDirectory _folder = new();
    private readonly CancellationTokenSource _stopping = new();
    private InfluxGate? _gate;
    private ServiceProcess? _service;
    private Task _live = Task.CompletedTask;

    /// <summary>Unix ms: when everything stood in it.</summary>
    public long Now { get; private set; }

    /// <summary>A device of each family to which something has happened.</summary>
    public static IReadOnlyDictionary<string, string> Chosen { get; } = new Dictionary<string, string>
    {
        ["drainage_pump"] = "pump-002",
        ["gas_valve"] = "gas-0005",
        ["manhole_cover"] = "cover-0003",
        ["public_toilet"] = "toilet-003",
        ["tunnel"] = "tunnel-01-3",
    };

    public async ValueTask InitializeAsync()
    {
        var plan = IncidentPlan.Make(Devices, Seed, TimeSpan.FromHours(3), TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(80));
        var city = await RecordedCity.RecordAsync(_folder.Path, Devices, Seed, plan, TimeProvider.System.GetUtcNow());
        await influxd.Server.CreateDatabaseAsync(Database);
        foreach (var policy in new[] { "1m", "1h", "alarms" })
            await influxd.Server.QueryAsync($"CREATE RETENTION POLICY \"{policy}\" ON \"{Database}\" DURATION INF REPLICATION 1", null);
        _gate = await InfluxGate.StartAsync(influxd.Server.Url);
        _service = await ServiceProcess.StartAsync(
            _folder.Path, 0, "--Store:Kinds=influxdb", $"--Influx:Url={_gate.Url}", "--Influx:Org=city", $"--Influx:Bucket={Database}", $"--Influx:AlarmsBucket={Database}/alarms", $"--Influx:TokenFile={influxd.Server.TokenFile}");
        _live = CityRunner.PlayAsync(city, new CityOptions { MqttPort = _service.MqttPort }, TimeProvider.System, _stopping.Token);
        await _service.CaughtUpAsync();
        // Written each by a writer of its own, the service's figures by the clock; a rate takes two points.
        await Wait.ForAsync("figures of the service", () => influxd.Server.RowsAsync("SELECT received FROM telemetry_service", Database), rows => rows.Length >= 3, 90);
        Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _live.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_service is not null)
            await _service.DisposeAsync();
        if (_gate is not null)
            await _gate.DisposeAsync();
        _stopping.Dispose();
        _folder.Dispose();
    }

    public async Task<JsonElement> AskAsync(string influxql) => (await influxd.Server.QueryAsync(influxql, Database)).GetProperty("results")[0];
}

/// <summary>Tests that ask the filled city.</summary>
[CollectionDefinition(nameof(FilledCity))]
public sealed class FilledCityTests : ICollectionFixture<FilledCity>;
