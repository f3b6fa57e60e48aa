using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Families;

public sealed class PumpTimelines() : FamilyTimeline("drainage_pump")
{
    internal static IReadOnlyList<Rung> Rungs { get; } =
    [
        new("road_flood_warn", "High", "road_water_depth=0.099", "road_water_depth=0.1", 20, "road_water_depth=0.049", 600) { Keeps = "road_water_depth=0.05", Over = "road_water_depth=6.1!uncertain" },
        new("road_flood_close", "Critical", "road_water_depth=0.249", "road_water_depth=0.25", 10, "road_water_depth=0.19") { Keeps = "road_water_depth=0.2", Over = "road_water_depth=6.1!uncertain", Latched = true },
        new("no_call", "Critical", "sump_level=1.4", "sump_level=1.41", 30, "sump_level=1.29", 60) { Also = "pump_command.1=false pump_run.1=false", Keeps = "sump_level=1.31", Over = "sump_level=12.1!uncertain" },
        new("fail_to_start", "Critical", "pump_command.1=true pump_run.1=true", "pump_command.1=true pump_run.1=false", 20, "pump_command.1=true pump_run.1=true") { Latched = true },
        new("fail_to_start", "Critical", "motor_current.1=20", "motor_current.1=19.9", 20, "motor_current.1=20") { Settings = "rated_current=100", Also = "pump_command.1=true pump_run.1=true", Latched = true },
        new("not_in_auto", "Medium", "control_mode.1=auto", "control_mode.1=manual", 1800, "control_mode.1=auto") { Every = 600 },
        new("not_in_auto", "Medium", "control_mode.1=auto", "control_mode.1=off", 1800, "control_mode.1=auto") { Every = 600 },
        new("dry_run", "High", "sump_level=0.5", "sump_level=0.49", 20, "sump_level=0.5", 60) { Settings = "no_load_current=30", Also = "pump_run.1=true motor_current.1=29.9" },
        new("dry_run", "High", "motor_current.1=30", "motor_current.1=29.9", 20, "motor_current.1=30", 60) { Settings = "no_load_current=30", Also = "pump_run.1=true sump_level=0.49" },
        new("float_disagrees", "Critical", "sump_level=2", "sump_level=1.99", 10, "sump_level=2") { Also = "high_float=true", Latched = true },
        new("float_disagrees", "Critical", "high_float=false", "high_float=true", 10, "high_float=false") { Also = "sump_level=1.99", Latched = true },
        new("level_high", "High", "sump_level=2.2", "sump_level=2.21", 30, "sump_level=2", 120) { Keeps = "sump_level=2.01" },
        new("level_high", "Critical", "sump_level=2.8", "sump_level=2.81", 10, "sump_level=2.59", 120) { Keeps = "sump_level=2.61", Over = "sump_level=12.1!uncertain", Before = "High", Settle = 40 },
        new("no_drawdown", "High", "discharge_flow.1=1800", "discharge_flow.1=1799", 90, "discharge_flow.1=1800", 300) { Settings = "rated_flow=3600", Also = "pump_run.1=true sump_level=1.21" },
        new("no_drawdown", "High", "sump_level=1.2", "sump_level=1.21", 90, "sump_level=1.2", 300) { Settings = "rated_flow=3600", Also = "pump_run.1=true discharge_flow.1=100" },
        new("no_drawdown", "Critical", "discharge_flow.1=1800", "discharge_flow.1=1799", 90, "discharge_flow.1=1800", 300) { Settings = "rated_flow=3600", Also = "pump_run.1=true sump_level=2.21" },
        new("pump_fault", "High", "pump_fault.1=ok", "pump_fault.1=overload", 2, "pump_fault.1=ok") { Latched = true },
        new("pump_fault", "High", "pump_fault.1=ok", "pump_fault.1=phase", 2, "pump_fault.1=ok") { Latched = true },
        new("pump_fault", "Medium", "pump_fault.1=ok", "pump_fault.1=leak", 2, "pump_fault.1=ok") { Latched = true },
        new("overcurrent", "High", "motor_current.1=120", "motor_current.1=120.1", 60, "motor_current.1=115", 60) { Settings = "rated_current=100", Keeps = "motor_current.1=115.1", Over = "motor_current.1=1001!uncertain" },
        new("power_lost", "Critical", "power_supply=backup", "power_supply=lost", 5, "power_supply=mains", 60),
        new("on_backup", "High", "power_supply=mains", "power_supply=backup", 30, "power_supply=mains", 300),
    ];

    public static TheoryData<string> RungNames => Rung.Names(Rungs);

    [Theory]
    [MemberData(nameof(RungNames))]
    public void Limit_deadband_and_delays_of(string rung) => Rung.Run(Family, Rungs, rung);

    [Theory]
    [InlineData("road_water_depth=0", "alarm: road_flood_warn, road_flood_close")]
    [InlineData("pump_command.1=false pump_run.1=false sump_level=1.5", "")]
    [InlineData("pump_fault.1=ok", "ticket: pump_fault")]
    [InlineData("power_supply=mains", "ticket: power_lost")]
    public void A_lost_channel_is(string values, string told) => Assert.Equal(told, Blind(values));

    [Fact]
    [Shows("fail_to_start")]
    public void Two_pumps_that_do_not_start_are_two_alarms()
    {
        Every(0, 60, 10, at => "pump_command.1=true pump_run.1=false pump_command.2=true pump_run.2=" + (at < 20 ? "true" : "false"));
        Assert.Equal(["00:20 fail_to_start/1 ActiveUnacknowledged Critical raised", "00:40 fail_to_start/2 ActiveUnacknowledged Critical raised"], Told("fail_to_start"));
        Every(70, 80, 10, _ => "pump_command.1=true pump_run.1=false pump_command.2=true pump_run.2=true");
        Assert.Equal(["01:10 fail_to_start/2 LatchedUnacknowledged Critical cleared"], Told("fail_to_start"));
    }

    public static TheoryData<string, double[]> Outages => new()
    {
        { "oldest first", [.. Outage] },
        { "newest first", [.. Outage.Reverse()] },
        { "lost", [] },
    };

    private static IEnumerable<double> Outage => Enumerable.Range(61, 180).Select(tens => tens * 10.0);

    /// <summary>The pumps' last start passes out of its ten minutes while nobody hears of the level.</summary>
    [Theory]
    [Shows("level_lost")]
    [MemberData(nameof(Outages))]
    public void A_gateways_outage_of_half_an_hour_loses_no_level(string order, double[] backfill)
    {
        Of("rated_current=100");
        Every(0, 600, 10, Pumping);
        Timeline.At(605).Add(new GatewayEntry("gw", up: false, "status")).TicksTo(2410);
        Timeline.Add(new GatewayEntry("gw", up: true, "status"));
        foreach (var at in backfill)
        {
            Timeline.Reading("d", Pumping(at), at, family: Family);
            if (at % 100 == 0)
                Timeline.Tick();
        }
        Every(2420, 2500, 10, Pumping);
        Assert.True(Told("level_lost") is [], order);

        static string Pumping(double at) => FormattableString.Invariant($"sump_level={1 + (at % 300 / 1000)} pump_run.1={(at % 300 < 150 ? "true" : "false")}");
    }

    [Fact]
    [Shows("level_lost")]
    public void A_station_that_talks_on_without_its_level_has_lost_it_however_its_pumps_ran()
    {
        Every(0, 600, 10, at => FormattableString.Invariant($"sump_level={1 + (at % 300 / 1000)} pump_run.1={(at < 300 ? "true" : "false")}"));
        Every(610, 1000, 10, _ => "pump_run.1=false");
        Assert.Equal(["11:30 level_lost ActiveUnacknowledged Critical raised"], Told("level_lost"));
    }

    [Fact]
    [Shows("level_high", "road_flood_close")]
    public void A_single_spike_closes_no_road_and_ends_no_flood_alarm()
    {
        Every(0, 60, 5, _ => "sump_level=2.5 road_water_depth=0.05");
        Assert.Equal(["00:30 level_high ActiveUnacknowledged High raised"], Timeline.Look().Select(line => line.Replace(" d ", " ", StringComparison.Ordinal)));
        // A broken loop reads nothing; a lorry's spray reads a metre.
        Every(65, 300, 5, at => at % 50 == 0 ? "sump_level=0 road_water_depth=1" : "sump_level=2.5 road_water_depth=0.05");
        Assert.Empty(Timeline.Look());
    }

    [Fact]
    [Shows("road_flood_close")]
    public void Water_that_comes_faster_than_it_can_closes_the_road_after_the_same_ten_seconds()
    {
        At(0, "road_water_depth=0");
        At(10, "road_water_depth=0.6");
        Timeline.TicksTo(21);
        Assert.Equal(["00:20 road_flood_close ActiveUnacknowledged Critical raised"], Told("road_flood_close"));
    }

    [Fact]
    [Shows("power_lost", "fail_to_start", "no_call")]
    public void Lost_power_explains_that_no_pump_starts_and_nothing_else()
    {
        Every(0, 60, 10, _ => "power_supply=lost pump_command.1=true pump_run.1=false sump_level=2.9");
        Assert.Equal(
            [
                "00:05 power_lost ActiveUnacknowledged Critical raised", "00:10 level_high ActiveUnacknowledged Critical raised", "00:20 fail_to_start/1 Suppressed Critical raised",
            ],
            Timeline.Look().Select(line => line.Replace(" d ", " ", StringComparison.Ordinal)));
    }

    [Fact]
    [Shows("no_drawdown")]
    public void A_pump_that_draws_down_slowly_is_none()
    {
        Of("rated_flow=3600");
        Every(0, 60, 10, _ => "sump_level=2 pump_run.1=true discharge_flow.1=3500");
        Every(70, 600, 10, at => Number("sump_level", 2 - (at * 0.1 / 60)) + " pump_run.1=true discharge_flow.1=900");
        Assert.Empty(Told("no_drawdown"));
    }

    [Fact]
    [Shows("no_drawdown")]
    public void A_pump_that_runs_in_vain_becomes_critical_when_the_sump_is_high()
    {
        Of("rated_flow=3600");
        Every(0, 300, 10, at => Number("sump_level", 1.5 + (at / 300 * 0.7)) + " pump_run.1=true discharge_flow.1=100");
        Assert.Equal(["02:20 no_drawdown ActiveUnacknowledged High raised"], Told("no_drawdown"));
        At(310, "sump_level=2.21 pump_run.1=true discharge_flow.1=100");
        Assert.Equal(["05:10 no_drawdown ActiveUnacknowledged Critical climbed"], Told("no_drawdown"));
    }

    [Fact]
    [Shows("excess_starts")]
    public void Seven_starts_an_hour_are_a_ticket_until_an_hour_has_passed_with_fewer()
    {
        Every(0, 3000, 600, at => Number("start_count.1", 40 + (at / 600)));
        At(3600, "start_count.1=46");
        Assert.Empty(Told("excess_starts"));
        At(4200, "start_count.1=48");
        Assert.Equal(["10:00 excess_starts/1 ActiveUnacknowledged Low raised"], Told("excess_starts"));
        // The two starts of 1:10 leave the hour at 2:10; five were left before: six within the hour from 1:20 on.
        Every(4800, 8400 - 600, 600, _ => "start_count.1=48");
        Assert.Empty(Told("excess_starts"));
        Timeline.At(8399).Tick();
        Assert.Empty(Told("excess_starts"));
        At(8400, "start_count.1=48");
        Assert.Equal(["20:00 excess_starts/1 ClearedUnacknowledged Low cleared"], Told("excess_starts"));
    }

    [Fact]
    [Shows("excess_starts")]
    public void A_counter_of_a_new_controller_counts_from_there()
    {
        Every(0, 3000, 600, at => Number("start_count.1", 40_000 + (at / 600)));
        At(3600, "start_count.1=0");
        At(4200, "start_count.1=1");
        Assert.Empty(Told("excess_starts"));
    }

    [Fact]
    [Shows("level_lost")]
    public void A_level_that_never_moves_while_the_pumps_cycle_is_lost()
    {
        Every(0, 590, 10, at => "sump_level=1.31 pump_run.1=" + (at % 200 < 100 ? "true" : "false"));
        Assert.Empty(Told("level_lost"));
        Every(600, 700, 10, at => "sump_level=1.31 pump_run.1=" + (at % 200 < 100 ? "true" : "false"));
        Assert.StartsWith("11:00 level_lost ActiveUnacknowledged", Told("level_lost")[0], StringComparison.Ordinal);
    }

    [Fact]
    [Shows("level_lost")]
    public void A_level_that_never_moves_while_no_pump_runs_is_a_dry_week()
    {
        Every(0, 3600, 10, _ => "sump_level=0.8 pump_run.1=false");
        Assert.Empty(Told("level_lost"));
    }

    [Theory]
    [Shows("level_lost")]
    [InlineData(0, "High")]
    [InlineData(0.2, "Critical")]
    public void A_broken_loop_is_a_lost_level_after_a_minute_graver_in_the_wet(double rain, string severity)
    {
        Of(gauge: true);
        for (var at = 0; at <= 3650; at += 10)
        {
            if (at % 300 == 0)
                Rain(at, 100 + (at / 300 * rain));
            At(at, "sump_level=1.7");
        }
        // The gateway marks what is below 3.6 mA as bad; it reads 0 m.
        Every(3660, 3710, 10, _ => "sump_level=0!bad");
        Assert.Empty(Timeline.Look());
        Every(3720, 3720, 10, _ => "sump_level=0!bad");
        Assert.Equal([$"02:00 level_lost ActiveUnacknowledged {severity} raised"], Timeline.Look().Select(line => line.Replace(" d ", " ", StringComparison.Ordinal)));
        Every(3730, 3730, 10, _ => "sump_level=1.7");
        Assert.Equal([$"02:10 level_lost ClearedUnacknowledged {severity} cleared"], Told("level_lost"));
    }

    [Fact]
    [Shows("float_disagrees")]
    public void A_broken_loop_that_is_sent_as_zero_metres_is_caught_by_the_float()
    {
        Every(0, 60, 10, _ => "sump_level=2.1 high_float=false");
        Every(70, 80, 10, _ => "sump_level=0 high_float=true");
        Assert.Equal(["01:20 float_disagrees ActiveUnacknowledged Critical raised"], Told("float_disagrees"));
    }

    [Fact]
    [Shows("no_call", "not_in_auto", "fail_to_start")]
    public void A_pump_left_in_off_never_fails_to_start_and_the_water_tells_of_it()
    {
        Every(0, 2400, 10, at => Number("sump_level", Math.Min(2, 1 + (at / 2400))) + " pump_command.1=false pump_run.1=false control_mode.1=off");
        // 1.4 m are passed after 16:00.
        Assert.Equal(
            ["16:40 d no_call ActiveUnacknowledged Critical raised", "30:00 d not_in_auto/1 ActiveUnacknowledged Medium raised"], Timeline.Look());
    }

    [Fact]
    [Shows("no_call")]
    public void A_dead_controller_sends_a_level_and_nothing_else_of_its_pumps_and_is_not_silence()
    {
        Every(0, 60, 10, _ => "sump_level=1.3 pump_command.1=false pump_run.1=false");
        Every(70, 130, 10, _ => "sump_level=1.6 pump_command.1=false!bad pump_run.1=false!bad");
        Assert.Equal(["01:20 unknown ActiveUnacknowledged High raised"], Told("unknown"));
        Assert.Equal("no_call", Timeline.Transitions[^1].Alarm.Detail);
    }

    [Fact]
    [Shows("fail_to_start")]
    public void A_pump_that_does_not_start_is_graver_in_the_rain_and_where_nobody_knows_whether_it_rains()
    {
        Of();
        Register("ps-blind");
        foreach (var (station, millimetres, since) in new[] { ("ps-dry", 0.0, 300), ("ps-almost", 1.99, 600), ("ps-over", 20, 0), ("ps-wet", 2.0, 600) })
        {
            Timeline.At(0);
            Register(station, gauge: "g-" + station);
            for (var at = 0; at <= 4200; at += 300)
                Timeline.At(at).Reading("g-" + station, Number("rainfall", at <= since ? 100 : 100 + millimetres), family: Family);
        }
        foreach (var at in new[] { 4200, 4210, 4220 })
        {
            foreach (var station in new[] { "ps-dry", "ps-almost", "ps-over", "ps-wet", "ps-blind" })
                Timeline.At(at).Reading(station, "sump_level=1 pump_command.1=true pump_run.1=false", family: Family);
        }
        var told = Timeline.Look().Where(line => line.Contains("fail_to_start", StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split(' ')[1], line.Split(' ')[4])).Order();
        Assert.Equal(["ps-almost High", "ps-blind Critical", "ps-dry High", "ps-over High", "ps-wet Critical"], told);
    }

    [Fact]
    [Shows("not_in_auto")]
    public void Rain_that_falls_after_a_pump_was_left_out_of_automatic_lifts_its_alarm()
    {
        Of(gauge: true);
        for (var at = 0; at <= 4800; at += 300)
        {
            At(at, "control_mode.1=manual");
            Rain(at, at < 3000 ? 0 : (at - 2700) * 0.002);
        }
        Assert.Equal(
            ["30:00 not_in_auto/1 ActiveUnacknowledged Medium raised", "05:00 not_in_auto/1 ActiveUnacknowledged High climbed"], Told("not_in_auto"));
    }

    [Fact]
    [Shows("not_in_auto")]
    public void A_pump_out_of_automatic_is_no_alarm_under_a_work_order_and_graver_once_rain_is_forecast()
    {
        Plan(CalendarKind.WorkOrder, "pump", 0, 3000);
        Every(0, 4200, 600, _ => "control_mode.1=manual");
        Assert.Empty(Told("not_in_auto"));
        // The order ended at 50:00.
        Every(4800, 4800, 600, _ => "control_mode.1=manual");
        Assert.Equal(["20:00 not_in_auto/1 ActiveUnacknowledged Medium raised"], Told("not_in_auto"));
        Plan(CalendarKind.RainForecast, null, 4900, 9000);
        Assert.Equal(["21:40 not_in_auto/1 ActiveUnacknowledged High climbed"], Told("not_in_auto"));
    }
}
