using System.Text.Json;
using Telemetry.Dashboards.Tests.Recording;
using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>Three hours of 200 devices in a database; once for all tests of the collection.</summary>
public sealed class FilledCity(InfluxdFixture influxd) : IAsyncLifetime
{
    private const int Devices = 200;
    private const int Seed = 7;

    private static readonly Lazy<IReadOnlyList<Device>> Register = new(() => new SimulatedCity(Devices, Seed, [], DateTimeOffset.UnixEpoch).Devices);

    private CityDatabase _database = null!;

    public long Now => _database.Now;

    /// <summary>Of each family one with something grave that nobody shelves; none for areas.</summary>
    public static IReadOnlyDictionary<string, string> Chosen { get; } = new Dictionary<string, string>(IncidentPlan.Others.Select(family => KeyValuePair.Create(family.Name, family.Opening[0].Device)))
    {
        ["drainage_pump"] = "pump-001",
        ["gas_valve"] = IncidentPlan.NobodyGoesTo,
        ["gateway"] = IncidentPlan.DeadGateway,
        ["manhole_cover"] = "cover-0003",
        ["public_toilet"] = "toilet-002",
        ["system"] = IncidentPlan.NobodyGoesTo,
        ["tunnel"] = "tunnel-01-2",
    };

    /// <summary>The register's word on a device; null for a gateway.</summary>
    public static Device? Registered(string id) => Register.Value.FirstOrDefault(device => device.Id == id);

    public async ValueTask InitializeAsync()
    {
        var plan = IncidentPlan.Make(Devices, Seed, TimeSpan.FromHours(3), TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(80));
        _database = await CityDatabase.FillAsync(influxd.Server, "recorded", Devices, Seed, plan, minutes: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    public Task<JsonElement> AskAsync(string influxql) => _database.AskAsync(influxql);
}

/// <summary>Tests that ask the filled city.</summary>
[CollectionDefinition(nameof(FilledCity))]
public sealed class FilledCityTests : ICollectionFixture<FilledCity>;
