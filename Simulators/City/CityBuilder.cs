using System.Globalization;
using Telemetry.Rules.Model;

namespace Telemetry.Simulators.City;

/// <summary>
/// Draws a city's devices from a seed: the same seed and number give the same register. Ids count from 1 within a family
/// (<c>cover-0001</c>, <c>tunnel-01-1</c>), so that a story can name them whatever the city's size.
/// </summary>
/// <param name="prefix">Before every id, of gateways too.</param>
public sealed class CityBuilder(int seed, int count, long start, string prefix = "")
{
    /// <summary>Fewer would leave a family without a device that the story names.</summary>
    public const int Fewest = 40;

    private const int StationsPerTunnel = 8;
    private const int FansPerStation = 3;

    // Domain shares: mostly covers and valves; stations are few but report every ten seconds.
    private const double Tunnels = 0.12;
    private const double Pumps = 0.05;
    private const double Toilets = 0.09;
    private const double Valves = 0.35;

    // Most covers lie in the carriageway.
    private static readonly string[] RoadClasses = ["carriageway", "carriageway", "carriageway", "footway", "footway", "verge", "school"];

    private readonly Random _random = new(seed);
    private readonly List<SimulatedDevice> _devices = [];

    /// <exception cref="ArgumentOutOfRangeException">Fewer than <see cref="Fewest"/> devices.</exception>
    public IReadOnlyList<SimulatedDevice> Build()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Fewest);
        var tunnels = (int)(count * Tunnels);
        var pumps = (int)(count * Pumps);
        var toilets = (int)(count * Toilets);
        var valves = (int)(count * Valves);
        for (var n = 1; n <= tunnels; n++)
            AddTunnelStation(n);
        for (var n = 1; n <= pumps; n++)
            AddPumpStation(n);
        for (var n = 1; n <= toilets; n++)
            AddToilet(n);
        for (var n = 1; n <= valves; n++)
            AddValve(n);
        for (var n = 1; _devices.Count < count; n++)
            AddCover(n);
        return _devices;
    }

    private void AddTunnelStation(int n)
    {
        var tunnel = (n - 1) / StationsPerTunnel;
        var station = (n - 1) % StationsPerTunnel;
        var (district, street, place) = TunnelAt(tunnel);
        // Stations lie along the tunnel, some 350 m apart, all behind one gateway.
        var register = Somewhere(Number("tunnel", tunnel + 1, 2) + "-" + (station + 1).ToString(CultureInfo.InvariantCulture), "tunnel", district, street) with
        {
            Gateway = GatewayOf(district, tunnel % district.Gateways),
            Latitude = Math.Round(district.Latitude + (0.004 * tunnel % 0.02) + (0.0008 * station), 5),
            Longitude = Math.Round(district.Longitude + (0.003 * tunnel % 0.02) + (0.0032 * station), 5),
            Address = $"{place}, station {station + 1}",
            Parent = Number("tunnel", tunnel + 1, 2),
            Settings = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["fans_in_tunnel"] = Text(StationsPerTunnel * FansPerStation),
                ["flood_gauge"] = station == StationsPerTunnel / 2 ? "true" : "false",
                ["illuminance_setpoint"] = Text(TunnelPhysics.Illuminance),
                ["portal_station"] = station is 0 or StationsPerTunnel - 1 ? "true" : "false",
                ["rated_fan_current"] = Text(TunnelPhysics.RatedFanCurrent),
            },
        };
        Add(register, random => new TunnelPhysics(random, station / (StationsPerTunnel - 1.0), FansPerStation, lanes: 3));
    }

    private static (District District, Street Street, string Place) TunnelAt(int tunnel)
    {
        if (tunnel == 0)
        {
            var honggutan = Districts.All.Single(d => d.Name == "Honggutan");
            return (honggutan, honggutan.Streets[0], "Honggu Tunnel (红谷隧道)");
        }
        var district = Districts.All[tunnel % Districts.All.Count];
        var street = district.Streets[tunnel / Districts.All.Count % district.Streets.Count];
        return (district, street, $"{street.Name} Tunnel ({street.Chinese}隧道)");
    }

    private void AddPumpStation(int n)
    {
        var (district, street) = Anywhere();
        var station = new PumpPhysics.Station(Pumps: 3, RatedFlow: 3600, RatedCurrent: 160);
        var register = Somewhere(Number("pump", n, 3), "drainage_pump", district, street) with
        {
            Address = $"{street.Name} underpass ({street.Chinese}下穿泵站)",
            Settings = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["no_load_current"] = Text(0.35 * station.RatedCurrent),
                ["rated_current"] = Text(station.RatedCurrent),
                ["rated_flow"] = Text(station.RatedFlow),
            },
        };
        Add(register, random => new PumpPhysics(random, station));
    }

    private void AddToilet(int n)
    {
        var (district, street) = Anywhere();
        var stalls = 4 + _random.Next(5);
        Add(Somewhere(Number("toilet", n, 3), "public_toilet", district, street), random => new ToiletPhysics(random, stalls));
    }

    private void AddValve(int n)
    {
        var (district, street) = Anywhere();
        var building = 1 + _random.Next(40);
        var register = Somewhere(Number("gas", n, 4), "gas_valve", district, street) with { Heartbeat = "60s" };
        register = _random.Next(10) == 0
            ? register with { Address = $"{register.Address}, restaurant", Settings = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["use"] = "commercial" } }
            : register with { Address = $"{register.Address}, building {building}, flat {1 + _random.Next(30)}0{1 + _random.Next(4)}" };
        Add(register, random => new GasPhysics(random));
    }

    private void AddCover(int n)
    {
        var (district, street) = Anywhere();
        var tilt = Math.Round(2 * _random.NextDouble(), 1);
        var depth = Math.Round(2.5 + (2.5 * _random.NextDouble()), 1);
        var register = Somewhere(Number("cover", n, 4), "manhole_cover", district, street) with
        {
            Heartbeat = "60s",
            Settings = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["black_spot"] = _random.Next(50) == 0 ? "true" : "false",
                ["ground_level"] = Text(depth),
                ["installed_tilt"] = Text(tilt),
                ["road_class"] = RoadClasses[_random.Next(RoadClasses.Length)],
                ["well_depth"] = Text(depth),
            },
        };
        Add(register, random => new CoverPhysics(random, tilt, depth));
    }

    private void Add(Device register, Func<Random, DevicePhysics> physics)
    {
        // Own randomness per device: one device's incidents leave the others' courses unchanged.
        var own = new Random(_random.Next());
        var firstStep = start + _random.Next((int)SimulatedDevice.Step.TotalMilliseconds);
        var named = prefix.Length == 0 ? register : register with { Id = prefix + register.Id, Gateway = prefix + register.Gateway, Parent = register.Parent is { } parent ? prefix + parent : null };
        _devices.Add(new SimulatedDevice(named, physics(own), firstStep));
    }

    private (District District, Street Street) Anywhere()
    {
        var pick = _random.Next(Districts.All.Sum(d => d.Weight));
        var district = Districts.All.First(d => (pick -= d.Weight) < 0);
        return (district, district.Streets[_random.Next(district.Streets.Count)]);
    }

    private Device Somewhere(string id, string family, District district, Street street)
    {
        const double kilometresPerDegree = 111.2;
        var north = Wander.Clamped(_random) * district.Spread / 2 / kilometresPerDegree;
        var east = Wander.Clamped(_random) * district.Spread / 2 / kilometresPerDegree / Math.Cos(district.Latitude * Math.PI / 180);
        var house = 1 + _random.Next(400);
        return new Device
        {
            Id = id,
            Family = family,
            Gateway = GatewayOf(district, _random.Next(district.Gateways)),
            District = district.Name,
            Street = street.Name,
            Latitude = Math.Round(district.Latitude + north, 5),
            Longitude = Math.Round(district.Longitude + east, 5),
            Address = $"{street.Name} {house} ({street.Chinese}{house}号)",
        };
    }

    /// <param name="index">From 0.</param>
    public static string GatewayOf(District district, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"gw-{district.Name.ToLowerInvariant().Replace(' ', '-')}-{index + 1}");

    private static string Number(string prefix, int n, int digits) =>
        prefix + "-" + n.ToString("D" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
