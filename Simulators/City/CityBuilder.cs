using System.Globalization;
using Telemetry.Rules.Model;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.City;

/// <summary>
/// Draws a city's devices from a seed: the same seed and number give the same register. Ids count from 1 within a family
/// (<c>cover-0001</c>, <c>tunnel-01-1</c>), so that a story can name them whatever the city's size. Each family has randomness of its own: another physics
/// file leaves the devices of the others as they are.
/// </summary>
/// <param name="prefix">Before every id, of gateways too.</param>
public sealed class CityBuilder(int seed, int count, DateTimeOffset start, Weather weather, string prefix = "")
{
    /// <summary>Fewer would leave a family without a device that the story names.</summary>
    public const int Fewest = 40;

    private const double KilometresPerDegree = 111.2;

    private readonly Sky _sky = new(weather, start);
    private readonly List<SimulatedDevice> _devices = [];

    /// <exception cref="ArgumentOutOfRangeException">Fewer than <see cref="Fewest"/> devices.</exception>
    public IReadOnlyList<SimulatedDevice> Build()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Fewest);
        foreach (var family in PhysicsSet.Shipped.All)
        {
            var devices = family.Placement.Share is { } share ? Math.Max(1, (int)(count * share)) : count - _devices.Count;
            var random = new Random(SeedOf(family.Name));
            Site? row = null;
            for (var number = 1; number <= devices; number++)
            {
                if (family.Placement.MemberOf(number) == 1)
                    row = Somewhere(random, family.Placement, family.Placement.RowOf(number));
                Add(random, family, number, family.Placement.MemberOf(number), row!);
            }
        }
        return _devices;
    }

    /// <summary>Where a row of devices begins, or a device alone stands.</summary>
    /// <param name="Bearing">Of the row, radians clockwise from north.</param>
    private sealed record Site(District District, Street Street, string Gateway, double Latitude, double Longitude, double Bearing, int House, string Name);

    private static Site Somewhere(Random random, Placement placement, int row)
    {
        var pick = random.Next(Districts.All.Sum(each => each.Weight));
        var district = Districts.All.First(each => (pick -= each.Weight) < 0);
        if (row == 1 && placement.InRows?.First is var (name, _))
            district = Districts.All[Districts.IndexOf(name)];
        var street = district.Streets[random.Next(district.Streets.Count)];
        var north = Wander.Clamped(random) * district.Spread / 2;
        var east = Wander.Clamped(random) * district.Spread / 2;
        var site = new Site(
            district, street, GatewayOf(district, random.Next(district.Gateways)), district.Latitude, district.Longitude, 2 * Math.PI * random.NextDouble(), 1 + random.Next(400), "");
        var (latitude, longitude) = Moved(site, north, east);
        return site with
        {
            Latitude = latitude,
            Longitude = longitude,
            Name = row == 1 && placement.InRows?.First is var (_, first) ? first :
                PlaceText.Fill(placement.InRows?.Name ?? "", of => of == Placement.Row ? Text(row) : of == Placement.Street ? street.Name : street.Chinese),
        };
    }

    private void Add(Random random, FamilyPhysics family, int number, int member, Site site)
    {
        // Own randomness per device: one device's incidents leave the others' courses unchanged.
        var own = new Random(random.Next());
        var firstStep = start.ToUnixTimeMilliseconds() + random.Next((int)SimulatedDevice.Step.TotalMilliseconds);
        var values = family.Draw(own, number);
        var placement = family.Placement;
        var along = (placement.InRows?.Apart ?? 0) * (member - 1) / 1000;
        var (latitude, longitude) = Moved(site, along * Math.Cos(site.Bearing), along * Math.Sin(site.Bearing));
        var register = new Device
        {
            Id = prefix + Fill(placement.Id),
            Family = family.Name,
            Gateway = prefix + site.Gateway,
            District = site.District.Name,
            Street = site.Street.Name,
            Latitude = Math.Round(latitude, 5),
            Longitude = Math.Round(longitude, 5),
            Address = Fill(placement.Address),
            Parent = placement.InRows is { } row ? prefix + Fill(row.Parent) : null,
            Heartbeat = placement.Heartbeat,
            Settings = new SortedDictionary<string, string>(
                family.Variables.Where(each => each.Variable.IsSetting).ToDictionary(each => each.Variable.Name, each => each.Variable.Text(values[each.Slot])), StringComparer.Ordinal),
        };
        var around = new Surroundings(_sky, Districts.IndexOf(site.District.Name), firstStep);
        _devices.Add(new SimulatedDevice(register, new DevicePhysics(family, values, own, around), family.Every, _sky, firstStep));

        string Fill(string text) => PlaceText.Fill(text, name => name switch
        {
            Placement.Street => site.Street.Name,
            Placement.StreetChinese => site.Street.Chinese,
            Placement.House => Text(site.House),
            Placement.Name => site.Name,
            _ => family.Names.Find(name) is { } found ? found.Variable?.Text(values[found.Slot]) ?? Text(values[found.Slot]) : name,
        });
    }

    private static (double Latitude, double Longitude) Moved(Site from, double northKilometres, double eastKilometres) =>
        (from.Latitude + (northKilometres / KilometresPerDegree), from.Longitude + (eastKilometres / KilometresPerDegree / Math.Cos(from.Latitude * Math.PI / 180)));

    /// <summary>The same for the same name on every machine (FNV-1a).</summary>
    private int SeedOf(string family) => (int)(family.Aggregate(2166136261u ^ (uint)seed, (hash, letter) => (hash ^ letter) * 16777619u) & int.MaxValue);

    /// <param name="index">From 0.</param>
    public static string GatewayOf(District district, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"gw-{district.Name.ToLowerInvariant().Replace(' ', '-')}-{index + 1}");

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
