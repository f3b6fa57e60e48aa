using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Pipeline;

/// <summary>Many devices of an area silent at once are one alarm of the area. The family's devices are silent after 60 s.</summary>
public sealed class MassSilenceTests : IDisposable
{
    private readonly Timeline _timeline = new(Families.Pump, FamilySet.ShippedFiles().Single(file => file.File == "area.yaml").Text);
    private readonly List<(string Id, string Gateway)> _devices = [];

    public void Dispose() => _timeline.Dispose();

    private void Register(int count, string gateway, string? district = null, string? cell = null)
    {
        _timeline.At(0);
        for (var i = 0; i < count; i++)
        {
            var id = $"ps-{_devices.Count:000}";
            _devices.Add((id, gateway));
            _timeline.Register(new Device
            {
                Id = id, Family = "pump", Gateway = gateway, District = district, Links = cell is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["cell"] = cell },
            });
        }
    }

    /// <summary>Each device once in 10 s, spread over them, but for those that are dead from a moment on.</summary>
    private void Talk(int from, int to, Func<int, int> deadFrom)
    {
        for (var at = from; at < to; at++)
        {
            for (var i = at % 10; i < _devices.Count; i += 10)
            {
                if (at < deadFrom(i))
                    _timeline.At(at).Reading(_devices[i].Id, "cover=closed", gateway: _devices[i].Gateway);
            }
            _timeline.At(at).Tick();
        }
    }

    private Device In(string state, int i) => new()
    {
        Id = _devices[i].Id, Family = "pump", Gateway = _devices[i].Gateway, District = "East", State = state, StateReason = "quarterly", StateUntil = Iso.Time(Timeline.Zero + (8 * 3600 * 1000)),
    };

    private string[] Areas() => [.. _timeline.Look().Where(line => line.Contains("mass_silence", StringComparison.Ordinal))];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_gateway_of_500_devices_that_goes_dark_is_exactly_one_alarm_with_a_last_will_and_without(bool lastWill)
    {
        Register(500, "gw", "East");
        Talk(0, 100, _ => int.MaxValue);
        if (lastWill)
            _timeline.Add(new GatewayEntry("gw", up: false, "connection_ended"));
        Talk(100, 1000, _ => 100);
        Assert.Equal([$"{(lastWill ? "01:49" : "02:48")} gw offline ActiveUnacknowledged Critical raised"], _timeline.Look());
        // And when it is back, those that have not spoken yet are no storm.
        Talk(1000, 1300, _ => int.MaxValue);
        Assert.Equal(["16:40 gw offline ClearedUnacknowledged Critical cleared"], _timeline.Look());
    }

    [Fact]
    public void A_fifth_of_a_district_is_one_alarm_before_those_of_its_devices()
    {
        Register(20, "gw-1", "East");
        Register(20, "gw-2", "East");
        Talk(0, 300, i => i is 3 or 13 or 5 or 15 or 23 or 33 or 25 or 35 ? 100 : int.MaxValue);
        var told = _timeline.Look();
        var area = Array.FindIndex(told, line => line.Contains("mass_silence", StringComparison.Ordinal));
        Assert.Equal("02:34 East mass_silence ActiveUnacknowledged High raised", told[area]);
        Assert.Single(told, line => line.Contains("mass_silence", StringComparison.Ordinal));
        // Four were told two seconds before it was a fifth; those of the same tick come beneath it at once.
        Assert.Equal(4, area);
        Assert.Equal(["ps-005", "ps-015", "ps-025", "ps-035"], told.Where(line => line.EndsWith("offline Suppressed Medium raised", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]));
        Assert.All(_timeline.Pipeline.OpenAlarms.Where(open => open.Rule == "offline"), open => Assert.Equal(AlarmState.Suppressed, open.State));
        var alarm = _timeline.Transitions.Single(transition => transition.Alarm.Rule == "mass_silence").Alarm;
        Assert.Equal(("area", "East", 20.0, 20.0, "%"), (alarm.Family, alarm.District, alarm.Value, alarm.Limit, alarm.Unit));
        Assert.Equal("8 of 40 devices of district East fell silent: ps-003, ps-005, ps-013, ps-015, ps-023, ps-025, ps-033, ps-035", alarm.Detail);
        Assert.Equal(["East"], _timeline.Pipeline.Fleet.Gathering(_timeline.Pipeline.Fleet.Find("ps-003")!, "offline").Select(each => each.Place));
        Assert.Empty(_timeline.Pipeline.Fleet.Gathering(_timeline.Pipeline.Fleet.Find("ps-003")!, "level_high"));
    }

    [Theory]
    [InlineData("commissioning")]
    [InlineData("test")]
    public void What_is_not_live_neither_falls_silent_with_the_others_nor_is_one_of_them(string state)
    {
        Register(30, "gw", "East");
        for (var i = 0; i < 10; i++)
            _timeline.Register(In(state, i));
        Talk(0, 300, i => i < 10 ? 100 : int.MaxValue);
        Assert.Empty(Areas());
        // Five of the twenty that are live are a quarter, of all thirty a sixth.
        Talk(300, 600, i => i is < 10 or >= 25 ? 0 : int.MaxValue);
        Assert.Single(Areas());
        Assert.StartsWith("5 of 20 devices of gateway gw fell silent", _timeline.Transitions.Last(transition => transition.Alarm.Rule == "mass_silence").Alarm.Detail, StringComparison.Ordinal);
        // Those in test have each their own, which tells nobody.
        Assert.Equal(state == "commissioning" ? 5 : 15, _timeline.Pipeline.OpenAlarms.Count(alarm => alarm.Rule == "offline"));
    }

    [Fact]
    public void A_device_counts_again_once_it_is_live()
    {
        Register(20, "gw", "East");
        for (var i = 0; i < 5; i++)
            _timeline.Register(In("test", i));
        Talk(0, 100, _ => int.MaxValue);
        for (var i = 0; i < 5; i++)
            _timeline.Register(In("live", i));
        Talk(100, 400, i => i < 5 ? 150 : int.MaxValue);
        Assert.Single(Areas());
        Assert.StartsWith("5 of 20 devices", _timeline.Transitions.Single(transition => transition.Alarm.Rule == "mass_silence").Alarm.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_areas_alarm_is_as_grave_as_the_gravest_silence_that_it_tells()
    {
        using var line = Stations(_ => "sump_level=0.4", pumps: true);
        Assert.Equal(["gw Critical ActiveUnacknowledged", "p0 Critical Suppressed", "p1 Critical Suppressed", "p2 Critical Suppressed", "p3 Critical Suppressed", "p4 Critical Suppressed"], Standing(line));
    }

    [Fact]
    public void A_silence_that_is_graver_than_the_areas_alarm_is_told_beside_it()
    {
        // Whether the one with water above its first start level pumps, nobody knows any more; it falls silent after the others.
        using var line = Stations(i => i == 5 ? "sump_level=1.7" : "sump_level=0.4", pumps: false);
        Assert.Equal(
            ["gw High ActiveUnacknowledged", "p0 High Suppressed", "p1 High Suppressed", "p2 High Suppressed", "p3 High Suppressed", "p4 High Suppressed", "p5 Critical ActiveUnacknowledged"], Standing(line));
    }

    private static string[] Standing(Timeline line) =>
        [.. line.Pipeline.OpenAlarms.Where(alarm => alarm.Rule is "offline" or "mass_silence").OrderBy(alarm => alarm.Device, StringComparer.Ordinal).Select(alarm => $"{alarm.Device} {alarm.Severity} {alarm.State}")];

    /// <summary>Ten stations of the shipped family; five fall silent after 100 s, and a sixth after 140 where it is worse.</summary>
    private static Timeline Stations(Func<int, string> say, bool pumps)
    {
        var line = new Timeline(FamilySet.ShippedFiles().Single(file => file.File == "drainage_pump.yaml").Text, FamilySet.ShippedFiles().Single(file => file.File == "area.yaml").Text);
        line.At(0);
        for (var i = 0; i < 10; i++)
            line.Register(new Device { Id = $"p{i}", Family = "drainage_pump", Gateway = "gw", District = "East", Settings = new Dictionary<string, string> { ["pump_station"] = pumps ? "true" : "false" } });
        for (var at = 0; at < 400; at++)
        {
            for (var i = 0; i < 10 && at % 10 == 0; i++)
            {
                if (i > 5 || at < 100 || (i == 5 && (at < 140 || pumps)))
                    line.At(at).Reading($"p{i}", say(i), family: "drainage_pump");
            }
            line.At(at).Tick();
        }
        return line;
    }

    [Theory]
    [InlineData(7, 40, false)]
    [InlineData(8, 40, true)]
    [InlineData(4, 20, false)]
    [InlineData(5, 20, true)]
    public void Less_than_a_fifth_or_than_five_is_a_matter_of_single_devices(int dead, int of, bool raised)
    {
        Register(of, "gw", "East");
        Talk(0, 300, i => i < dead ? 100 : int.MaxValue);
        Assert.Equal(raised ? 1 : 0, Areas().Length);
    }

    [Fact]
    public void Those_of_one_cell_are_the_cells_and_not_the_districts()
    {
        Register(10, "gw-1", "East", "cell-1");
        Register(10, "gw-2", "East", "cell-1");
        Register(5, "gw-3", "East", "cell-2");
        Talk(0, 300, i => i % 10 < 3 && i < 20 ? 100 : int.MaxValue);
        Assert.Equal(["02:31 cell-1 mass_silence ActiveUnacknowledged High raised"], Areas());
        // Two more of the one gateway: its half stands beneath the cell's alarm already.
        Talk(300, 500, i => i % 10 < 3 && i < 20 || i is 3 or 4 ? 0 : int.MaxValue);
        Assert.Empty(Areas());
    }

    [Fact]
    public void Those_of_one_gateway_are_the_gateways()
    {
        Register(20, "gw-1", "East", "cell-1");
        Register(5, "gw-2", "East", "cell-2");
        Talk(0, 300, i => i < 5 ? 100 : int.MaxValue);
        Assert.Equal(["02:33 gw-1 mass_silence ActiveUnacknowledged High raised"], Areas());
    }

    [Fact]
    public void Devices_that_die_one_by_one_are_no_outage_of_the_area()
    {
        Register(20, "gw", "East");
        Talk(0, 8000, i => i < 8 ? 100 + (i * 901) : int.MaxValue);
        Assert.Empty(Areas());
    }

    [Fact]
    public void It_stands_until_they_are_heard_again_and_not_for_a_quarter_of_an_hour()
    {
        Register(20, "gw", "East");
        Talk(0, 3000, i => i < 5 ? 100 : int.MaxValue);
        Assert.Single(Areas());
        Talk(3000, 3400, _ => int.MaxValue);
        Assert.Equal(["55:00 gw mass_silence ClearedUnacknowledged High cleared"], Areas());
    }

    [Fact]
    public void An_outage_of_the_gateway_takes_the_place_of_its_silent_devices()
    {
        Register(20, "gw", "East");
        Talk(0, 300, i => i < 5 ? 100 : int.MaxValue);
        Assert.Single(Areas());
        _timeline.Add(new GatewayEntry("gw", up: false, "status"));
        Talk(300, 800, _ => 0);
        Assert.Equal(["10:00 gw mass_silence ClearedUnacknowledged High cleared"], Areas());
    }
}
