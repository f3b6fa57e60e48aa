using System.Globalization;
using CsCheck;
using Telemetry.Rules.Model;
using Telemetry.Simulators.Physics;
using Telemetry.Simulators.Physics.Models;

namespace Telemetry.Simulators.Tests.Physics;

/// <summary>
/// What no course may break, whatever rains, leaks or happens, and however finely time is cut. Each law is a figure of its own arithmetic; beside it stands a
/// physics file that breaks it, so that a test which sees nothing would be seen.
/// </summary>
public sealed class ConservationTests
{
    private const double SumpArea = 200;
    private const double RoadArea = 200;
    private const double Road = 3.2;

    /// <summary>A hydrograph and what fails meanwhile: so long, in steps of so many seconds, so much rain, and a pump that jams or trips or none.</summary>
    private static readonly Gen<(int Steps, int Step, int Rain, int Fails)[]> Storms = Gen.Select(Gen.Int[1, 40], Gen.Int[1, 10], Gen.Int[0, 300], Gen.Int[0, 8]).Array[1, 12];

    [Fact]
    public void Water_that_came_in_and_was_not_lifted_or_spilled_stands_in_the_sump_and_on_the_road() =>
        Gen.Select(Gen.Int[0, 10_000], Storms).Repeatably().Sample((seed, storm) => Math.Abs(Imbalance(Devices.Of("drainage_pump", seed, Dry), storm)) < 1e-6, iter: 300);

    [Fact]
    public void What_the_pumps_say_that_they_lift_is_what_the_sump_loses() =>
        Gen.Select(Gen.Int[0, 10_000], Storms).Repeatably().Sample((seed, storm) => Math.Abs(Unsaid(Devices.Of("drainage_pump", seed, Dry, Steady), storm)) < 0.001, iter: 100);

    [Fact]
    public void A_sump_that_loses_a_hundredth_of_its_rain_would_be_seen()
    {
        (int, int, int, int)[] storm = [(60, 10, 80, 0)];
        Assert.True(Math.Abs(Imbalance(Devices.Of("drainage_pump", 1, Dry, ("runoff:          0.8 ", "runoff:          0.792 ")), storm)) > 1);
        Assert.True(Math.Abs(Unsaid(Devices.Of("drainage_pump", 1, Dry, ("{wander: 1, by: 0.025, over: 1min}", "1.01 + 0 * runoff")), storm)) > 0.005);
    }

    [Fact]
    public void Gas_in_a_kitchen_is_the_closed_form_however_finely_time_is_cut() =>
        Kitchens.Repeatably().Sample((leak, room, changes, steps) => Math.Abs(Deviation(leak, room, changes, steps, room)) < 1e-9, iter: 100);

    [Fact]
    public void A_kitchen_that_is_a_tenth_larger_than_it_says_would_be_seen() =>
        Kitchens.Where((_, _, _, steps) => steps.Sum() > 300).Repeatably().Sample((leak, room, changes, steps) => Math.Abs(Deviation(leak, room, changes, steps, 1.1 * room)) > 1e-6, iter: 100);

    /// <summary>0.1 m³/h into 25 m³ at 0.3 changes an hour: 10 %LEL after 1.6 h, 20 after 4.6 h, never more than 26.7.</summary>
    [Theory]
    [InlineData(1.6, 10)]
    [InlineData(4.6, 20)]
    [InlineData(100, 26.67)]
    public void The_domains_kitchen_fills_as_the_domain_says(double hours, double lel) =>
        Assert.Equal(lel, Kitchen(0.1, 25, 0.3, Enumerable.Repeat(10, (int)(hours * 360))), 0.2);

    [Fact]
    public void Over_a_day_of_visits_and_incidents_nobody_leaves_who_has_not_come_and_no_stall_holds_two() =>
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 23]).Repeatably().Sample((seed, hour) => Assert.Null(Miscount(Day(seed, hour))), iter: 30);

    [Fact]
    public void A_visitor_too_many_or_one_who_never_came_would_be_seen()
    {
        var day = Day(1, 0).ToList();
        Assert.Contains(day, report => report["people_in"] - report["people_out"] > 0);
        Assert.NotNull(Miscount(Changed(report => report["people_out"]++)));
        Assert.NotNull(Miscount(Changed(report => report["people_in"] += report["stalls"] + 1)));
        Assert.NotNull(Miscount(Changed(report => report["stall_occupied.1"] = 1 - report["stall_occupied.1"])));

        IEnumerable<Dictionary<string, double>> Changed(Action<Dictionary<string, double>> change) => day.Select((report, index) =>
        {
            var copy = new Dictionary<string, double>(report);
            if (index == day.Count / 2)
                change(copy);
            return copy;
        });
    }

    private static readonly (string, string) Dry = ("dry_flow:        0.28 m3/s", "dry_flow:        0 m3/s");
    private static readonly (string, string) Steady = ("{wander: 1, by: 0.025, over: 1min}", "1 + 0 * runoff");

    /// <summary>m³ that are missing: rain by C·i·A/360, less what was lifted and spilled, less what stands there by the reported level.</summary>
    private static double Imbalance(DevicePhysics device, IEnumerable<(int Steps, int Step, int Rain, int Fails)> storm)
    {
        var sump = (SumpModel)device.Model!;
        var (before, rained) = (Volume(sump.Level), 0.0);
        Play(device, storm, (step, rain) => rained += 0.8 * rain * 20 / 360 * step);
        return rained - sump.Pumped - sump.Spilled - (Volume(sump.Level) - before);
    }

    /// <summary>The share by which the flow meters and the lifted water differ. Pumps stop above the floor, so they never draw air.</summary>
    private static double Unsaid(DevicePhysics device, IEnumerable<(int Steps, int Step, int Rain, int Fails)> storm)
    {
        var (sump, said) = ((SumpModel)device.Model!, 0.0);
        Play(device, storm, (step, _) => said += device.Values().Where(value => value.Key.StartsWith("discharge_flow", StringComparison.Ordinal)).Sum(value => value.Value.Number) / 3600 * step);
        return sump.Pumped < 1 ? said : (said / sump.Pumped) - 1;
    }

    private static void Play(DevicePhysics device, IEnumerable<(int Steps, int Step, int Rain, int Fails)> storm, Action<int, int> after)
    {
        foreach (var (steps, step, rain, fails) in storm)
        {
            device.Happen(Incident.Restored, 0, Devices.Around());
            if (rain > 0)
                device.Happen("storm_hits", rain, Devices.Around());
            if (fails is >= 1 and <= 3)
                device.Happen("pump_jams", fails, Devices.Around());
            else if (fails is >= 4 and <= 6)
                device.Happen("pump_trips", fails - 3, Devices.Around());
            else if (fails == 7)
                device.Happen("station_mains_fail", 0, Devices.Around());
            for (var i = 0; i < steps; i++)
            {
                device.Advance(step, Devices.Around());
                after(step, rain);
            }
        }
    }

    private static double Volume(double level) => level <= Road ? SumpArea * level : (SumpArea * Road) + ((SumpArea + RoadArea) * (level - Road));

    private static readonly Gen<(double Leak, double Room, double Changes, int[] Steps)> Kitchens =
        Gen.Select(Gen.Double[0.01, 2], Gen.Double[8, 60], Gen.Double[0.1, 20], Gen.Int[1, 10].Array[1, 400]);

    /// <summary>From C(t) = (q/Q)(1 − e^(−Qt/V)), %LEL.</summary>
    private static double Deviation(double leak, double room, double changes, int[] steps, double roomInTheFile)
    {
        var (flow, volume) = (changes * room, room);
        return Kitchen(leak, roomInTheFile, changes * room / roomInTheFile, steps) - (leak / flow / 0.0005 * (1 - Math.Exp(-flow / volume * steps.Sum() / 3600)));
    }

    private static double Kitchen(double leak, double room, double changes, IEnumerable<int> steps)
    {
        var device = Devices.Of(
            "gas_valve", 1, ("leak: 0.1 m3/h", $"leak: {Text(leak)} m3/h"), ("{is: 25 m3,", $"{{is: {Text(room)} m3,"), ("{is: 0.3 /h,", $"{{is: {Text(changes)} /h,"), ("{is: 20 %LEL,", "{is: 100000 %LEL,"));
        device.Happen("gas_seeps", 0, Devices.Around());
        foreach (var step in steps)
            device.Advance(step, Devices.Around());
        return ((GasModel)device.Model!).Gas;
    }

    private static string Text(double value) => value.ToString("0.################", CultureInfo.InvariantCulture);

    /// <summary>A day of a toilet's reports, with incidents now and then.</summary>
    private static IEnumerable<Dictionary<string, double>> Day(int seed, int hour)
    {
        var device = Devices.Of("public_toilet", seed);
        var (random, incidents) = (new Random(seed), Devices.Physics("public_toilet").Incidents.Values.ToList());
        for (var step = 0; step < 8640; step++)
        {
            var around = Devices.Around(hour + (step / 360.0));
            device.Advance(10, around);
            if (random.Next(100) == 0)
            {
                var incident = incidents[random.Next(incidents.Count)];
                device.Happen(random.Next(2) == 0 ? Incident.Restored : incident.Name, incident.Draw(random), around);
            }
            if (step % 6 == 0)
            {
                var report = device.Values().Where(value => value.Value.Kind != ValueKind.State).ToDictionary(value => value.Key, value => value.Value.Number);
                report["stalls"] = report.Keys.Count(channel => channel.StartsWith("stall_occupied.", StringComparison.Ordinal));
                yield return report;
            }
        }
    }

    /// <summary>What is wrong with the counts; null for nothing.</summary>
    private static string? Miscount(IEnumerable<Dictionary<string, double>> day)
    {
        Dictionary<string, double>? before = null;
        foreach (var report in day)
        {
            var (within, occupied) = (report["people_in"] - report["people_out"], report.Where(value => value.Key.StartsWith("stall_occupied.", StringComparison.Ordinal)).Sum(value => value.Value));
            if (within < 0 || within > report["stalls"])
                return $"{within} people in {report["stalls"]} stalls";
            if (within != occupied)
                return $"{within} people within and {occupied} stalls occupied";
            if (before is not null && (report["people_in"] < before["people_in"] || report["people_out"] < before["people_out"]))
                return "a counter ran backwards";
            before = report;
        }
        return null;
    }
}
