using System.Text.Json;
using Telemetry.Dashboards.Tests.Recording;
using Telemetry.Simulators.City;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>A database as dashboards find it: a recorded city's hours replayed by the real service, which then goes on live with the same city.</summary>
internal sealed class CityDatabase : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Influxd _server;
    private readonly string _name;
    private InfluxGate? _gate;
    private ServiceProcess? _service;
    private Task _live = Task.CompletedTask;

    private CityDatabase(Influxd server, string name)
    {
        (_server, _name) = (server, name);
    }

    /// <summary>Unix ms: when everything stood in it.</summary>
    public long Now { get; private set; }

    /// <param name="minutes">Wait until there are summaries of minutes of every family; a long recording's take minutes themselves.</param>
    public static async Task<CityDatabase> FillAsync(Influxd server, string name, int devices, int seed, IncidentPlan plan, bool minutes)
    {
        var database = new CityDatabase(server, name);
        try
        {
            await database.FillAsync(await RecordedCity.RecordAsync(database._folder.Path, devices, seed, plan, TimeProvider.System.GetUtcNow()), minutes);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">The database refuses it.</exception>
    public async Task<JsonElement> AskAsync(string influxql) => (await _server.QueryAsync(influxql, _name)).GetProperty("results")[0];

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

    private async Task FillAsync(SimulatedCity city, bool minutes)
    {
        await _server.CreateDatabaseAsync(_name);
        foreach (var policy in new[] { "1m", "1h", "alarms" })
            await _server.QueryAsync($"CREATE RETENTION POLICY \"{policy}\" ON \"{_name}\" DURATION INF REPLICATION 1", null);
        _gate = await InfluxGate.StartAsync(_server.Url);
        _service = await ServiceProcess.StartAsync(
            _folder.Path, 0, "--Store:Kinds=influxdb", $"--Influx:Url={_gate.Url}", "--Influx:Org=city", $"--Influx:TokenFile={_server.TokenFile}",
            $"--Influx:Bucket={_name}", $"--Influx:AlarmsBucket={_name}/alarms", $"--Influx:MinutesBucket={_name}/1m", $"--Influx:HoursBucket={_name}/1h");
        _live = CityRunner.PlayAsync(city, new CityOptions { MqttPort = _service.MqttPort }, TimeProvider.System, _stopping.Token);
        await _service.CaughtUpAsync();
        // Written each by a writer of its own, the service's figures by the clock; a rate takes two points.
        await Wait.ForAsync("figures of the service", () => _server.RowsAsync("SELECT received FROM telemetry_service", _name), rows => rows.Length >= 3, 90);
        foreach (var family in minutes ? city.Devices.Select(device => device.Family).Distinct() : [])
            await Wait.ForAsync($"minutes of {family}", () => _server.RowsAsync($"SELECT * FROM \"1m\".\"{family}\" LIMIT 1", _name), rows => rows.Length > 0, 300);
        Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    }
}
