using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;

namespace Telemetry.Dashboards.Tests.Recording;

/// <summary>
/// What happens in the city while it is recorded: an incident now and then, later a storm over all pumps and low streets, and at the end
/// something unfinished in every family.
/// </summary>
/// <param name="Length">From the begin of the recording to its end.</param>
/// <param name="Events">In order of time.</param>
internal sealed record IncidentPlan(TimeSpan Length, IReadOnlyList<StoryEvent> Events)
{
    /// <summary>The gateway that is down when the recording ends.</summary>
    public const string DeadGateway = "gw-qingyunpu-1";

    /// <summary>What happens here is acknowledged and left alone, so that the time to respond runs out.</summary>
    public const string NobodyGoesTo = "gas-0005";

    /// <param name="devices">Of the city.</param>
    /// <param name="between">Mean time between two incidents of an ordinary day.</param>
    /// <param name="storm">Begins so long before the end; half of it is rain.</param>
    public static IncidentPlan Make(int devices, int seed, TimeSpan length, TimeSpan between, TimeSpan storm)
    {
        // The register alone, to know who is there.
        var register = new SimulatedCity(devices, seed, [], DateTimeOffset.UnixEpoch).Devices;
        var city = register.ToLookup(device => device.Family, device => device.Id);
        var random = new Random(seed);
        var kinds = PhysicsSet.Shipped.All.SelectMany(family => family.Incidents.Values.Where(incident => incident.AtRandom).Select(incident => (family.Name, incident))).ToList();
        var events = new List<StoryEvent>();
        var unfinished = Unfinished(length).ToList();
        // The first street of the first district is the one that a dashboard opens with.
        var shown = register.OrderBy(device => device.District, StringComparer.Ordinal).ThenBy(device => device.Street, StringComparer.Ordinal).First(device => unfinished.All(each => each.Device != device.Id));
        var shows = PhysicsSet.Shipped.Find(shown.Family)!.Incidents.Values.First(incident => incident.AtRandom);
        unfinished.Add(new(length - TimeSpan.FromMinutes(19), shown.Id, shows.Name, shows.Draw(random)));
        var busy = unfinished.Select(each => each.Device).ToHashSet();
        AddStorm(length - storm, storm / 2);
        for (var at = TimeSpan.FromMinutes(1); at < length; at += -between * Math.Log(1 - random.NextDouble()))
            Strike(at);
        events.AddRange(unfinished);
        return new(length, [.. events.OrderBy(each => each.At)]);

        void AddStorm(TimeSpan begin, TimeSpan rain)
        {
            foreach (var pump in city["drainage_pump"].Where(busy.Add))
                AddPair(begin + (rain * 0.2 * random.NextDouble()), rain * (0.6 + (0.4 * random.NextDouble())), pump, "storm_hits");
            foreach (var cover in city["manhole_cover"].Where((_, index) => index % 6 == 5).Where(busy.Add))
                AddPair(begin + (rain * (0.2 + (0.3 * random.NextDouble()))), rain * 0.6, cover, "sewer_surcharges");
            AddPair(begin + (rain * 0.3), rain * 0.3, "tunnel-01-5", "tunnel_floods");
            events.Add(new(begin + (rain * 0.4), "gw-xihu-1", Incident.GatewayDies));
            events.Add(new(begin + (rain * 0.7), "gw-xihu-1", Incident.GatewayReturns));
        }

        void Strike(TimeSpan at)
        {
            var (family, incident) = kinds[random.Next(kinds.Count)];
            var number = incident.Draw(random);
            var free = city[family].Where(id => !busy.Contains(id)).ToList();
            if (free.Count == 0)
                return;
            var device = free[random.Next(free.Count)];
            // Once each: two incidents on one device would end each other.
            busy.Add(device);
            AddPair(at, TimeSpan.FromMinutes(2 + random.Next(12)), device, incident.Name, number);
        }

        void AddPair(TimeSpan at, TimeSpan lasts, string device, string what, int number = 0)
        {
            events.Add(new(at, device, what, number));
            events.Add(new(at + lasts, device, Incident.Restored));
        }
    }

    /// <summary>Begun minutes before the end, and not over by then.</summary>
    private static IEnumerable<StoryEvent> Unfinished(TimeSpan length) =>
    [
        new(length - TimeSpan.FromMinutes(44), "cover-0003", "cover_lifted"),
        new(length - TimeSpan.FromMinutes(41), "gas-0004", "pressure_drops"),
        new(length - TimeSpan.FromMinutes(26), "tunnel-01-3", "tunnel_mains_fail"),
        new(length - TimeSpan.FromMinutes(25), "pump-002", "pump_trips", 1),
        new(length - TimeSpan.FromMinutes(22), "pump-001", "storm_hits"),
        new(length - TimeSpan.FromMinutes(20), "toilet-003", "septic_gas"),
        new(length - TimeSpan.FromMinutes(16), "cover-0007", "cover_rattles"),
        new(length - TimeSpan.FromMinutes(14), NobodyGoesTo, "hose_bursts"),
        new(length - TimeSpan.FromMinutes(13), DeadGateway, Incident.GatewayDies),
        new(length - TimeSpan.FromMinutes(7), "toilet-002", "sos_pressed", 2),
        new(length - TimeSpan.FromMinutes(4), "tunnel-01-2", "tunnel_floods"),
        new(length - TimeSpan.FromMinutes(5), "pump-003", "station_mains_fail"),
        new(length - TimeSpan.FromMinutes(3), "tunnel-01-4", "call_point_pressed"),
        // Of any other family what its physics file begins a demonstration with.
        .. Others.Select((family, index) => family.Opening[0] with { At = length - TimeSpan.FromMinutes(27 + index) }),
    ];

    /// <summary>The families of which nothing above tells.</summary>
    public static IEnumerable<FamilyPhysics> Others => PhysicsSet.Shipped.All.Where(family => family.Name is not ("drainage_pump" or "gas_valve" or "manhole_cover" or "public_toilet" or "tunnel"));
}
