using System.Globalization;
using System.Text;
using Telemetry.Rules.Families;

namespace Telemetry.Benchmarks.Wall;

/// <summary>
/// What a time of a city of 10,000 devices leaves in InfluxDB, as line protocol: district_state and operator_load each minute, telemetry_service each 10 s, alarms and device_state
/// as 1,500 occurrences a day make them. Readings are thinned: the last six hours at their periods, before that one an hour where it would be more.
/// </summary>
/// <param name="begin">Unix ms.</param>
/// <param name="end">Unix ms.</param>
internal sealed class WallCity(long begin, long end)
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const int Districts = 12;
    private const int OccurrencesPerDay = 1500;

    private static readonly (string Family, int Devices, long Period, (string? Group, int Count)[] Instances)[] Fleet =
    [
        ("manhole_cover", 7000, 12 * Hour, []), ("gas_valve", 2700, 12 * Hour, []), ("drainage_pump", 60, 10_000, [("pump", 3)]),
        ("tunnel", 40, 10_000, [("fan", 4), ("barrier", 2), ("lane", 3)]), ("public_toilet", 200, Minute, [("stall", 8)]),
    ];

    private readonly Random _random = new(42);
    private readonly FamilySet _families = FamilySet.Shipped();

    /// <summary>By retention policy; empty for the default one.</summary>
    public IEnumerable<(string Policy, string Line)> Lines() => Districted().Concat(Loads()).Concat(Alarms()).Concat(Calm()).Concat(Hours()).Select(line => ("alarms", line)).Concat(Service().Concat(Readings()).Select(line => ("", line)));

    private IEnumerable<string> Districted()
    {
        for (var at = begin; at < end; at += Minute)
        {
            for (var district = 0; district < Districts; district++)
            {
                foreach (var (family, devices, _, _) in Fleet)
                    yield return Line($"district_state,district={District(district)},family={family} devices={devices / Districts}i,silent={_random.Next(3)}i,critical={_random.Next(2)}i,high={_random.Next(3)}i,medium={_random.Next(5)}i,low={_random.Next(8)}i,unacknowledged={_random.Next(4)}i,oldest_unacknowledged_s={_random.Next(900)}i,data_age_s={_random.Next(30)}i", at);
            }
        }
    }

    private IEnumerable<string> Loads()
    {
        for (var at = begin; at < end; at += Minute)
        {
            foreach (var position in (string[])["city", "north", "south"])
                yield return Line($"operator_load,position={position} alarms_10min={_random.Next(4)}i,alarms_1h={_random.Next(20)}i,alarms_24h={_random.Next(200)}i,standing={_random.Next(60)}i,stale={_random.Next(9)}i,shelved={_random.Next(5)}i,chattering={_random.Next(3)}i,flood=0i,flood_minutes_24h={_random.Next(9)}i,critical_24h={_random.Next(9)}i,high_24h={_random.Next(30)}i,medium_24h={_random.Next(80)}i,low_24h={_random.Next(90)}i,unacknowledged={_random.Next(9)}i,top10_share=0.3", at);
        }
    }

    private IEnumerable<string> Alarms()
    {
        for (var occurrence = 0; occurrence < OccurrencesPerDay * (end - begin) / Day; occurrence++)
        {
            var (family, devices, _, instances) = Fleet[_random.Next(Fleet.Length)];
            var number = _random.Next(devices);
            var rules = _families.Find(family)!.Rules;
            var rule = rules[_random.Next(rules.Count)];
            var instance = rule.Each is null ? "" : string.Create(CultureInfo.InvariantCulture, $",instance={1 + _random.Next(instances.First(each => each.Group == rule.Each).Count)}");
            var raised = begin + (long)(_random.NextDouble() * (end - begin));
            var severity = 1 + _random.Next(4);
            var at = raised;
            foreach (var (state, open, calls) in ((int, int, int)[])[(1, 1, 1), (2, 1, 0), (0, 0, 0)])
            {
                yield return Line($"alarm,{Place(family, number)},family={family}{instance},rule={rule.Name} id=\"{occurrence:x32}\",state={state}i,underlying={state}i,severity={severity}i,kind=0i,open={open}i,calls={calls}i,again=0i,value=2.3,limit=2.2,raised={raised}i,title=\"{rule.Title.En} · {rule.Title.Zh}\",{Coordinates(number)}", at);
                yield return Line($"device_state,{Place(family, number)},family={family} worst={(open == 0 ? 0 : 5 - severity)}i,open={open}i,silent=0i,{Coordinates(number)}", at);
                at = Math.Min(end - 1, at + _random.NextInt64(5 * Minute, Hour));
            }
        }
    }

    /// <summary>Once a day what is calm, and each hour 150 devices that are not.</summary>
    private IEnumerable<string> Calm()
    {
        for (var at = begin; at < end; at += Hour)
        {
            var daily = (at - begin) % Day == 0;
            foreach (var (family, devices, _, _) in Fleet)
            {
                for (var number = 0; number < (daily ? devices : devices / 66); number++)
                    yield return Line($"device_state,{Place(family, number)},family={family} worst={(daily ? 0 : 2)}i,open={(daily ? 0 : 1)}i,silent=0i,{Coordinates(number)}", at);
            }
        }
    }

    /// <summary>Each hour where the streets are, and 150 alarms that stand all along.</summary>
    private IEnumerable<string> Hours()
    {
        var streets = Fleet.SelectMany(fleet => Enumerable.Range(0, fleet.Devices).GroupBy(number => Place(fleet.Family, number).Split(',', 2)[1]).Select(street => (Tags: $"{street.Key},family={fleet.Family}", Devices: street.Count(), First: street.First()))).ToList();
        var rule = _families.Find("manhole_cover")!.Rules[0];
        for (var at = begin; at < end; at += Hour)
        {
            foreach (var (tags, devices, first) in streets)
                yield return Line($"street_state,{tags} devices={devices}i,{Coordinates(first)}", at);
            for (var number = 0; number < 150; number++)
                yield return Line($"alarm,{Place("manhole_cover", number)},family=manhole_cover,rule={rule.Name} id=\"{number:x32}\",state=1i,underlying=1i,severity={1 + (number % 4)}i,kind={(number < 30 ? 0 : 1)}i,open=1i,calls=0i,again=1i,raised={begin}i,title=\"{rule.Title.En} · {rule.Title.Zh}\",{Coordinates(number)}", at);
        }
    }

    private IEnumerable<string> Service()
    {
        for (var at = begin; at < end; at += 10_000)
            yield return Line($"telemetry_service,log=0123456789abcdef received={at / 25}i,accepted={at / 25}i,duplicates={at / 2500}i,rejected=3i,late={at / 5000}i,dead_letters=3i,log_position={at / 20}i,rules_lag=0i,store_lag={_random.Next(50)}i,unread_bytes={_random.Next(100_000)}i,budget_bytes=17179869184i,devices=10000i,devices_silent={_random.Next(20)}i,gateways=100i,gateways_down=0i,uptime_s={(at - begin) / 1000}i", at);
    }

    private IEnumerable<string> Readings()
    {
        foreach (var (family, devices, period, instances) in Fleet)
        {
            var thinned = Math.Max(period, Hour);
            for (var at = begin; at < end; at += at < end - (6 * Hour) ? thinned : period)
            {
                for (var number = 0; number < devices; number++)
                {
                    var time = at + (number % 997 * 10);
                    yield return Reading(family, number, null, 0, time);
                    foreach (var instance in Enumerable.Range(1, instances.Select(each => each.Count).DefaultIfEmpty().Max()))
                        yield return Reading(family, number, instances, instance, time);
                }
            }
        }
    }

    private string Reading(string family, int number, (string? Group, int Count)[]? instances, int instance, long at)
    {
        var fields = new StringBuilder();
        foreach (var channel in _families.Find(family)!.Channels.Where(channel => instances is null ? channel.Group is null : instances.Any(each => each.Group == channel.Group && instance <= each.Count)))
        {
            fields.Append(channel.Name).Append('=').Append(channel.Type switch
            {
                ChannelType.Boolean => _random.Next(2) == 0 ? "f" : "t",
                ChannelType.State => string.Create(CultureInfo.InvariantCulture, $"{_random.Next(channel.States.Count)}i"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{_random.Next(1000) / 100.0}"),
            }).Append(',');
        }
        return Line($"{family},{Place(family, number)},gateway=GW-{number % 100}{(instance == 0 ? "" : $",instance={instance}")} {fields}log_position={at}i,received={at + 300}i,seq={at % 100_000}i", at);
    }

    private static string District(int district) => $"District\\ {district}";

    private static string Place(string family, int number) => $"device={family}-{number},district={District(number % Districts)},street=Street\\ {number % 400}";

    private static string Coordinates(int number) => string.Create(CultureInfo.InvariantCulture, $"latitude={28.5 + (number % 100 * 0.004)},longitude={115.7 + (number / 100 % 100 * 0.004)}");

    private static string Line(FormattableString fields, long at) => string.Create(CultureInfo.InvariantCulture, $"{fields.ToString(CultureInfo.InvariantCulture)} {at}");
}
