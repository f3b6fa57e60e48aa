using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Store.Influx;
using Telemetry.Ingest.Store.Influx.Series;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Store.Influx.Cardinality;

/// <summary>
/// How many series a city has: by the schema for 1.3 million devices, and for a thousandth of them in a real influxd, filled by the writers
/// themselves. A tag that grew with time, readings or alarms would make the two differ.
/// </summary>
public sealed class CardinalityTests(InfluxdFixture influx, ITestOutputHelper output)
{
    private const int Districts = 12;

    // A Tuesday: 1.6.7 counts a series once for each shard, and a shard is a week from Monday on.
    private const long T0 = 1_732_579_200_000;
    private const long Day = 86_400_000;

    private static readonly Dictionary<string, string[]> Tags = new(StringComparer.Ordinal)
    {
        ["alarm"] = ["device", "district", "family", "instance", "rule", "street"],
        ["device_state"] = ["device", "district", "family", "street"],
        ["readings"] = ["device", "district", "gateway", "instance", "street"],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_city_of_1_3_million_devices_has_as_many_series_as_its_devices_make()
    {
        var city = Fleet.City();
        var (devices, readings, alarms) = (city.Sum(fleet => (long)fleet.Devices), city.Sum(fleet => fleet.Readings), city.Sum(fleet => fleet.Alarms));
        var districts = (Districts + 1) * (city.Count + 3);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{devices} devices: readings {readings} series, the same again in 1m and in 1h; device_state {devices}; alarm at most {alarms}; district_state {districts}"));
        foreach (var fleet in city)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fleet.Family.Name}: {fleet.Devices} devices, readings {fleet.Readings}, alarm at most {fleet.Alarms}"));

        Assert.InRange(devices, 1_295_000, 1_305_000);
        // Instances weigh little: a household's valve has none.
        Assert.InRange(readings, devices, devices * 1.02);
        Assert.InRange(alarms, devices, devices * 20);
        Assert.InRange(districts, 0, 200);
    }

    [Fact]
    public async Task A_thousandth_of_it_has_in_influxd_what_is_computed_and_time_adds_nothing()
    {
        var database = await influx.NewDatabaseAsync();
        var city = Fleet.City(parts: 1000);
        var expected = city.Where(fleet => fleet.Devices > 0).ToDictionary(fleet => fleet.Family.Name, fleet => fleet.Readings);
        expected["alarm"] = city.Sum(fleet => fleet.Alarms);
        expected["device_state"] = city.Sum(fleet => fleet.Devices);
        for (var day = 0; day < 2; day++)
        {
            await WriteAsync(database, city, day);
            Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), (await CountsAsync(database)).OrderBy(pair => pair.Key, StringComparer.Ordinal));
        }
        foreach (var measurement in expected.Keys)
        {
            var keys = (await influx.Server.RowsAsync($"SHOW TAG KEYS FROM \"{measurement}\"", database)).Select(row => row[0].GetString()!);
            Assert.Empty(keys.Except(Tags.GetValueOrDefault(measurement, Tags["readings"])));
        }
    }

    private async Task<Dictionary<string, long>> CountsAsync(string database)
    {
        var result = (await influx.Server.QueryAsync("SHOW SERIES EXACT CARDINALITY", database)).GetProperty("results")[0];
        return result.GetProperty("series").EnumerateArray().Where(series => series.GetProperty("name").GetString() != StoredMark.Measurement)
            .ToDictionary(series => series.GetProperty("name").GetString()!, series => series.GetProperty("values")[0][0].GetInt64());
    }

    /// <summary>A reading of every channel, an alarm of every rule, with ids, values, sequences and times of the day.</summary>
    private async Task WriteAsync(string database, IReadOnlyList<Fleet> city, int day)
    {
        var families = FamilySet.Shipped();
        var catalog = new FamilyCatalog(families.All);
        await using var store = new InfluxStore(
            InfluxdFixture.Options(influx.Server.Url, database, influx.Server.TokenFile), families.Find, _ => null, "0123456789abcdef",
            new RefusedLines((_, _) => throw new InvalidOperationException("a line was refused"), NullLogger.Instance), TimeProvider.System, new InfluxRewrite());
        var (points, lines, position) = (new List<Point>(), new LineBuffer(), (long)day * 1_000_000);
        foreach (var fleet in city)
        {
            for (var number = 0; number < fleet.Devices; number++)
            {
                var (device, place) = ($"{fleet.Family.Name}-{number}", new Place($"District {number % Districts}", $"Street {number % 400}"));
                var time = T0 + (day * Day) + number;
                var origin = new Origin(++position, $"GW-{number % 100}", place, time);
                points.AddRange(Channels(fleet).Select(channel => new Point(
                    fleet.Family.Name, device, channel.Name, time, time + (position % 3 * 100_000), channel.Kind, position, channel.Kind == ValueKind.State ? "unheard of" : null, Quality.Good, position, Origin: origin)));
                foreach (var (rule, instance) in Alarms(fleet))
                    AlarmLine.Add(lines, Raised(fleet.Family, rule, instance, device, place, time, position), new DeviceDirectory(), catalog);
                new DeviceStateLine(device, fleet.Family.Name, place, (int)(position % 5), 1, day == 1).Add(lines, time, new DeviceDirectory());
            }
        }
        await store.WriteAsync(points, position, Token);
        using var http = new HttpClient();
        using var body = new ReadOnlyMemoryContent(lines.Lines(0, lines.Count));
        using var answer = await http.PostAsync(new Uri(influx.Server.Url, $"write?db={database}&precision=ns"), body, Token);
        answer.EnsureSuccessStatusCode();
    }

    private static IEnumerable<(string Name, ValueKind Kind)> Channels(Fleet fleet) =>
        from channel in fleet.Family.Channels
        from number in channel.Group is null ? [0] : Enumerable.Range(1, fleet.Count(channel.Group))
        select (number == 0 ? channel.Name : string.Create(CultureInfo.InvariantCulture, $"{channel.Name}.{number}"), channel.Type switch { ChannelType.Boolean => ValueKind.Boolean, ChannelType.State => ValueKind.State, _ => ValueKind.Number });

    private static IEnumerable<(Rule Rule, string? Instance)> Alarms(Fleet fleet) =>
        from rule in fleet.Family.Rules
        from number in rule.Each is null ? [0] : Enumerable.Range(1, fleet.Count(rule.Each))
        select (rule, number == 0 ? null : number.ToString(CultureInfo.InvariantCulture));

    private static AlarmTransition Raised(Family family, Rule rule, string? instance, string device, Place place, long at, long position) => new(
        position, 0, $"{position:x32}", AlarmState.Normal, AlarmState.ActiveUnacknowledged, at, at, "raised",
        new Alarm
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{position:x32}"),
            Device = device,
            Family = family.Name,
            District = place.District,
            Street = place.Street,
            Rule = rule.Name,
            Instance = instance,
            Kind = AlarmKind.Alarm,
            Severity = (Severity)(position % 4),
            State = AlarmState.ActiveUnacknowledged,
            RaisedAt = at,
            RaisedReceivedAt = at,
            RuleVersion = $"{position:x16}",
            Value = position,
        });
}
