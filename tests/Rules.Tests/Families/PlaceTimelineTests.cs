using Telemetry.Rules.Families;
using Telemetry.Rules.Model;
using Telemetry.Rules.Tests.Pipeline;

namespace Telemetry.Rules.Tests.Families;

/// <summary>The shipped rules over several devices, as an engineer would tell them: streets, catchments, regulators, tunnels.</summary>
public sealed class PlaceTimelineTests : IDisposable
{
    private const int Minute = 60, Hour = 3600;

    private Timeline _timeline = null!;
    private string _family = "";

    public void Dispose() => _timeline?.Dispose();

    private static string Shipped(string family) => FamilySet.ShippedFiles().Single(file => file.File == family + ".yaml").Text;

    private void Of(string family)
    {
        _family = family;
        _timeline = new Timeline(Shipped(family));
        _timeline.At(0);
    }

    private Device Device(string id) => new() { Id = id, Family = _family, Gateway = "gw", District = "East" };

    private void Covers(params string[] ids)
    {
        Of("manhole_cover");
        foreach (var id in ids)
        {
            _timeline.Register(Device(id) with
            {
                Street = "Willow Road",
                Links = new Dictionary<string, string> { ["catchment"] = "C-12" },
                Settings = new Dictionary<string, string> { ["ground_level"] = "3", ["well_depth"] = "4" },
            });
        }
    }

    private void Stations(params string[] ids)
    {
        Of("tunnel");
        foreach (var id in ids)
            _timeline.Register(Device(id) with { Parent = "T", Settings = new Dictionary<string, string> { ["illuminance_setpoint"] = "1000", ["portal_station"] = id == "T-1" ? "true" : "false" } });
    }

    private void At(double seconds, string device, string values) => _timeline.At(seconds).Reading(device, values, family: _family);

    private string[] Told(params string[] rules) => [.. _timeline.Look().Where(line => rules.Contains(line.Split(' ')[^4]))];

    [Fact]
    [Shows("manhole_cover/street_covers")]
    public void Two_open_covers_of_a_street_are_two_alarms_and_the_third_makes_one_of_the_street()
    {
        Covers("C-1", "C-2", "C-3");
        At(0, "C-1", "cover_state=open");
        At(100, "C-2", "cover_state=open");
        _timeline.TicksTo(600);
        Assert.Empty(Told("street_covers"));
        At(700, "C-3", "cover_state=open");
        _timeline.TicksTo(720);
        // The third is open for 10 s at 11:50, and that is when the street's alarm is raised.
        Assert.Equal(["11:50 Willow Road street_covers ActiveUnacknowledged Critical raised"], Told("street_covers"));
        var alarm = _timeline.Transitions.Last(transition => transition.Alarm.Rule == "street_covers").Alarm;
        Assert.Equal(("area", "East", "Willow Road", 3.0, 3.0, "3: C-1, C-2, C-3"), (alarm.Family, alarm.District, alarm.Street, alarm.Value, alarm.Limit, alarm.Detail));
        Assert.Equal(FamilyReader.HashOf(Shipped("manhole_cover").ReplaceLineEndings("\n")), alarm.RuleVersion);
        Assert.Equal([("Willow Road", "street_covers")], Gathering("C-1", "cover_open"));
        Assert.Empty(Gathering("C-1", "cover_loose"));
        // The two that were told go beneath it; the third is told as a part of it and never on its own.
        var members = _timeline.Transitions.Where(transition => transition.Alarm.Rule == "cover_open" && transition.Cause != "re_sounded").ToLookup(transition => transition.Alarm.Device, transition => $"{transition.To} {transition.Cause}");
        Assert.Equal(["ActiveUnacknowledged raised", "Suppressed suppressed"], members["C-1"]);
        Assert.Equal(["ActiveUnacknowledged raised", "Suppressed suppressed"], members["C-2"]);
        Assert.Equal(["Suppressed raised"], members["C-3"]);
        Assert.All(_timeline.Pipeline.OpenAlarms.Where(one => one.Rule == "cover_open"), one => Assert.Equal(alarm.Id, one.SuppressedBy));
    }

    /// <summary>A cover that is reset counts for another half hour, to the millisecond.</summary>
    [Theory]
    [InlineData(29 * Minute + 59, true)]
    [InlineData(30 * Minute, false)]
    [InlineData(30 * Minute + 1, false)]
    public void A_third_cover_after_the_window_is_no_alarm_of_the_street(int afterTheReset, bool raised)
    {
        Covers("C-1", "C-2", "C-3");
        At(0, "C-1", "cover_state=open");
        At(0, "C-2", "cover_state=open");
        At(50, "C-1", "cover_state=normal");
        _timeline.TicksTo(120);
        var first = _timeline.Transitions.Last(transition => transition.Alarm.Device == "C-1").Alarm.Id;
        foreach (var action in new[] { "acknowledge", "reset" })
            _timeline.Add(new ActionEntry { Action = action, Alarm = first, By = "Li" });
        // The on-delay of 10 s brings the third to exactly so long after the reset.
        At(120 + afterTheReset - 10, "C-3", "cover_state=open");
        _timeline.TicksTo(120 + afterTheReset + 20);
        Assert.Equal(raised, Told("street_covers").Any(line => line.EndsWith("raised", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_street_is_over_when_fewer_than_three_are_left_and_the_window_has_passed()
    {
        Covers("C-1", "C-2", "C-3");
        foreach (var id in new[] { "C-1", "C-2", "C-3" })
            At(0, id, "cover_state=open");
        At(50, "C-1", "cover_state=normal");
        _timeline.TicksTo(120);
        var first = _timeline.Transitions.Last(transition => transition.Alarm.Device == "C-1").Alarm.Id;
        _timeline.Add(new ActionEntry { Action = "acknowledge", Alarm = first, By = "Li" }).Add(new ActionEntry { Action = "reset", Alarm = first, By = "Li" });
        _timeline.TicksTo(120 + 30 * Minute + 5);
        Assert.Equal(["00:10 Willow Road street_covers ActiveUnacknowledged Critical raised", "32:00 Willow Road street_covers ClearedUnacknowledged Critical cleared"], Told("street_covers"));
        Assert.Empty(Gathering("C-2", "cover_open"));
        // The first was closed beneath the street's alarm, and reset on its own; what outlives the street is told again.
        Assert.Equal(
            ["C-1 ActiveUnacknowledged raised", "C-1 Suppressed suppressed", "C-1 Suppressed cleared", "C-1 LatchedUnacknowledged cause_over", "C-1 LatchedAcknowledged acknowledged", "C-1 Normal reset",
                "C-2 Suppressed raised", "C-2 ActiveUnacknowledged cause_over", "C-3 Suppressed raised", "C-3 ActiveUnacknowledged cause_over"],
            _timeline.Transitions.Where(transition => transition.Alarm.Rule == "cover_open").OrderBy(transition => transition.Alarm.Device, StringComparer.Ordinal).Select(transition => $"{transition.Alarm.Device} {transition.To} {transition.Cause}"));
    }

    [Fact]
    public void Covers_of_two_streets_are_counted_each_for_its_own()
    {
        Covers("C-1", "C-2", "C-3", "C-4");
        _timeline.Register(Device("C-3") with { Street = "Poplar Road" }).Register(Device("C-4") with { Street = null });
        foreach (var id in new[] { "C-1", "C-2", "C-3", "C-4" })
            At(0, id, "cover_state=open");
        _timeline.TicksTo(60);
        Assert.Empty(Told("street_covers"));
        // The register was wrong about the third: it has lain open there since.
        _timeline.At(100).Register(Device("C-3") with { Street = "Willow Road" }).TicksTo(102);
        Assert.Equal(["01:40 Willow Road street_covers ActiveUnacknowledged Critical raised"], Told("street_covers"));
    }

    [Fact]
    public void A_cover_in_test_or_commissioning_counts_for_nothing()
    {
        Covers("C-1", "C-2", "C-3");
        _timeline.Register(Device("C-2") with { Street = "Willow Road", State = "test" });
        foreach (var id in new[] { "C-1", "C-2", "C-3" })
            At(0, id, "cover_state=open");
        _timeline.TicksTo(60);
        Assert.Empty(Told("street_covers"));
    }

    [Fact]
    [Shows("manhole_cover/street_flooding")]
    public void Three_wells_of_a_catchment_near_the_road_are_a_flooded_street()
    {
        Covers("C-1", "C-2", "C-3");
        At(0, "C-1", "well_water_level=2.8");
        At(0, "C-2", "well_water_level=2.9");
        At(0, "C-3", "well_water_level=2.79");
        _timeline.TicksTo(300);
        Assert.Empty(Told("street_flooding"));
        At(300, "C-3", "well_water_level=2.8");
        _timeline.TicksTo(400);
        Assert.Equal(["06:00 C-12 street_flooding ActiveUnacknowledged Critical raised"], Told("street_flooding"));
    }

    [Fact]
    public void A_lost_sensor_neither_joins_a_flood_nor_ends_it()
    {
        Covers("C-1", "C-2", "C-3");
        foreach (var id in new[] { "C-1", "C-2", "C-3" })
            At(0, id, "well_water_level=2.9");
        At(100, "C-3", "well_water_level=0!bad");
        _timeline.TicksTo(3 * Hour);
        Assert.Equal(["01:00 C-12 street_flooding ActiveUnacknowledged Critical raised"], Told("street_flooding"));
    }

    [Fact]
    [Shows("gas_valve/regulator_lost")]
    public void Ten_households_without_pressure_are_one_regulator()
    {
        Of("gas_valve");
        for (var i = 1; i <= 10; i++)
            _timeline.Register(Device($"G-{i:00}") with { Links = new Dictionary<string, string> { ["regulator"] = "R-7" } });
        for (var i = 1; i <= 9; i++)
            At(0, $"G-{i:00}", "gas_pressure=2 valve_position=open");
        for (var i = 1; i <= 9; i++)
            At(i, $"G-{i:00}", i % 2 == 0 ? "gas_pressure=0.5" : "gas_pressure=2 valve_position=closed");
        _timeline.TicksTo(300);
        Assert.Empty(Told("regulator_lost"));
        At(301, "G-10", "gas_pressure=0.5");
        _timeline.TicksTo(320);
        Assert.Equal(["05:11 R-7 regulator_lost ActiveUnacknowledged Critical raised"], Told("regulator_lost"));
        Assert.Equal([("R-7", "regulator_lost")], Gathering("G-01", "closed_unexpected"));
    }

    [Fact]
    public void Fog_at_a_portal_is_graver_once_a_second_station_sees_it()
    {
        Stations("T-1", "T-2", "T-3");
        for (var at = 0; at <= 60; at += 10)
            At(at, "T-1", "extinction_coefficient=0.013 fire_alarm=normal carbon_monoxide=5");
        Assert.Equal(["00:20 T-1 visibility_close ActiveUnacknowledged High raised"], Told("visibility_close"));
        At(65, "T-2", "extinction_coefficient=0.013");
        // The second station's own delay is still to run; the first climbs at the moment at which the other sees it.
        Assert.Equal(["01:05 T-1 visibility_close ActiveUnacknowledged Critical climbed"], Told("visibility_close"));
    }

    [Fact]
    public void More_than_a_fifth_of_a_tunnels_fans_is_graver_than_one()
    {
        Stations("T-1", "T-2");
        _timeline.Register(Device("T-1") with { Parent = "T", Settings = new Dictionary<string, string> { ["fans_in_tunnel"] = "10" } });
        At(0, "T-1", "control_mode=auto fan_command.1=forward fan_state.1=fault");
        for (var at = 60; at <= 180; at += 60)
            At(at, "T-1", "control_mode=auto fan_command.1=forward fan_state.1=fault");
        Assert.Equal(["02:30 T-1 fan_fail/1 ActiveUnacknowledged Medium raised"], Told("fan_fail/1"));
        At(181, "T-2", "fan_state.1=fault");
        Assert.Empty(Told("fan_fail/1"));
        At(182, "T-2", "fan_state.2=fault");
        Assert.Equal(["03:02 T-1 fan_fail/1 ActiveUnacknowledged High climbed"], Told("fan_fail/1"));
    }

    [Fact]
    [Shows("tunnel/tunnel_fire")]
    public void Smoke_at_one_station_is_a_fire_once_its_neighbour_follows()
    {
        Stations("T-1", "T-2", "T-10");
        foreach (var id in new[] { "T-1", "T-2", "T-10" })
            At(0, id, "extinction_coefficient=0.003");
        At(10, "T-2", "extinction_coefficient=0.012");
        At(20, "T-2", "extinction_coefficient=0.014");
        _timeline.TicksTo(22);
        Assert.Empty(Told("tunnel_fire"));
        // T-10 comes after T-2, not before it.
        At(23, "T-10", "extinction_coefficient=0.010");
        _timeline.TicksTo(24);
        Assert.Equal(["00:23 T-2 tunnel_fire ActiveUnacknowledged Critical raised"], Told("tunnel_fire"));
    }

    [Fact]
    public void Smoke_two_stations_away_is_no_neighbour()
    {
        Stations("T-1", "T-2", "T-3");
        foreach (var at in new[] { 0, 10, 20, 30 })
        {
            At(at, "T-1", FormattableString.Invariant($"extinction_coefficient={0.003 + (at * 0.0005)}"));
            At(at, "T-2", "extinction_coefficient=0.003");
            At(at, "T-3", FormattableString.Invariant($"extinction_coefficient={0.003 + (at * 0.0005)}"));
        }
        _timeline.TicksTo(40);
        Assert.Empty(Told("tunnel_fire"));
    }

    [Fact]
    [Shows("tunnel/lighting_lost")]
    public void One_dark_station_is_a_lamp_and_two_are_the_lighting()
    {
        Stations("T-1", "T-2", "T-3");
        for (var at = 0; at <= 240; at += 60)
        {
            At(at, "T-1", "illuminance=900");
            At(at, "T-2", "illuminance=299");
            At(at, "T-3", at < 120 ? "illuminance=300" : "illuminance=299");
            if (at == 60)
                Assert.Empty(Told("lighting_lost"));
        }
        Assert.Equal(["03:00 T-2 lighting_lost ActiveUnacknowledged High raised", "03:00 T-3 lighting_lost ActiveUnacknowledged High raised"], Told("lighting_lost").Order());
    }

    [Fact]
    [Shows("tunnel/road_closed")]
    public void A_road_is_closed_when_the_barriers_of_both_stations_are()
    {
        Stations("T-1", "T-2");
        At(0, "T-1", "barrier_state.1=closed barrier_state.2=closed");
        At(10, "T-2", "barrier_state.1=closing");
        Assert.Empty(Told("road_closed"));
        At(20, "T-2", "barrier_state.1=closed");
        Assert.Equal(["00:20 T-1 road_closed Normal Low raised", "00:20 T-2 road_closed Normal Low raised"], Told("road_closed").Order());
    }

    [Fact]
    public void Two_adjacent_stations_without_contact_are_graver_than_one()
    {
        Stations("T-1", "T-2", "T-3", "T-4");
        foreach (var id in new[] { "T-1", "T-2", "T-3", "T-4" })
            At(0, id, "occupancy=10");
        for (var at = 1; at <= 200; at++)
        {
            At(at, "T-2", "occupancy=10");
            if (at < 100)
                At(at, "T-3", "occupancy=10");
            if (at < 20)
                At(at, "T-4", "occupancy=10");
            _timeline.Tick();
        }
        Assert.Equal(
            ["01:01 T-1 offline ActiveUnacknowledged Medium raised", "01:18 T-4 offline ActiveUnacknowledged Medium raised", "02:38 T-3 offline ActiveUnacknowledged High raised"],
            Told("offline"));
    }

    /// <summary>The members' order within a tick, and the order of arrival across ticks, show in nothing.</summary>
    [Fact]
    public void Readings_permuted_within_a_tick_give_the_same_alarm_of_the_street()
    {
        (string Device, double Time)[] opened = [("C-1", 1.1), ("C-2", 1.3), ("C-3", 1.2), ("C-4", 1.6)];
        var told = new HashSet<string>();
        foreach (var order in Permutations(opened))
        {
            Covers("C-1", "C-2", "C-3", "C-4");
            _timeline.At(2);
            foreach (var (device, time) in order)
                _timeline.Reading(device, "cover_state=open", time, family: _family);
            _timeline.TicksTo(30);
            told.Add(string.Join('\n', _timeline.Transitions.Where(transition => transition.Alarm.Family == "area").Select(transition => $"{transition.Id} {transition.At} {transition.Alarm.Detail}")));
            Dispose();
        }
        // At 1.3 s + 10 s three stand: the fourth is no part of what raised it.
        Assert.Equal($" {Timeline.Zero + 11_300} 3: C-1, C-2, C-3", Assert.Single(told)[32..]);
    }

    [Fact]
    public void A_member_that_comes_late_raises_the_alarm_of_the_street_at_its_event_time()
    {
        Covers("C-1", "C-2", "C-3");
        At(0, "C-1", "cover_state=open");
        At(100, "C-2", "cover_state=open");
        _timeline.TicksTo(600).Reading("C-3", "cover_state=open", 60, family: _family).TicksTo(602);
        Assert.Equal(["01:50 Willow Road street_covers ActiveUnacknowledged Critical raised"], Told("street_covers"));
    }

    [Fact]
    public void A_rule_of_a_street_that_leaves_the_file_takes_its_alarm_with_it()
    {
        Covers("C-1", "C-2", "C-3");
        foreach (var id in new[] { "C-1", "C-2", "C-3" })
            At(0, id, "cover_state=open");
        _timeline.TicksTo(20);
        var text = Shipped("manhole_cover").ReplaceLineEndings("\n");
        _timeline.Look();
        Change(text.Replace("Several covers of one street open", "Several covers open", StringComparison.Ordinal));
        _timeline.TicksTo(30);
        Assert.Empty(Told("street_covers"));
        Change(text.Replace("  street_covers:", "  street_lids:", StringComparison.Ordinal));
        _timeline.TicksTo(32);
        Assert.Equal(
            ["00:30 Willow Road street_covers Normal Critical rule_removed", "00:30 Willow Road street_lids ActiveUnacknowledged Critical raised"],
            Told("street_covers", "street_lids"));
    }

    private void Change(string text) => _timeline.Add(new FamilyEntry("manhole_cover", text, FamilyReader.HashOf(text)));

    private (string, string)[] Gathering(string device, string rule) =>
        [.. _timeline.Pipeline.Fleet.Gathering(_timeline.Pipeline.Fleet.Find(device)!, rule).Select(area => (area.Place, area.Rule.Name))];

    private static IEnumerable<T[]> Permutations<T>(T[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany((item, at) => Permutations<T>([.. items[..at], .. items[(at + 1)..]]).Select(rest => (T[])[item, .. rest]));
}
