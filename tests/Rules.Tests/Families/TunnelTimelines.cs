using Telemetry.Rules.Model;

namespace Telemetry.Rules.Tests.Families;

public sealed class TunnelTimelines() : FamilyTimeline("tunnel")
{
    internal static IReadOnlyList<Rung> Rungs { get; } =
    [
        new("tunnel_fire", "Critical", "fire_alarm=pre", "fire_alarm=fire", 0, "fire_alarm=normal") { Latched = true },
        new("tunnel_fire", "Critical", "fire_alarm=fault call_point=false", "fire_alarm=fault call_point=true", 0, "fire_alarm=normal call_point=false") { Latched = true },
        new("visibility_low", "High", "extinction_coefficient=0.007", "extinction_coefficient=0.0071", 60, "extinction_coefficient=0.0059", 300) { Keeps = "extinction_coefficient=0.0061", Over = "extinction_coefficient=0.06!uncertain" },
        new("visibility_close", "Critical", "extinction_coefficient=0.012", "extinction_coefficient=0.0121", 20, "extinction_coefficient=0.0109", 300) { Keeps = "extinction_coefficient=0.0111", Over = "extinction_coefficient=0.06!uncertain", Latched = true },
        new("visibility_close", "High", "extinction_coefficient=0.012", "extinction_coefficient=0.0121", 20, "extinction_coefficient=0.0109", 300) { Settings = "portal_station=true", Keeps = "extinction_coefficient=0.0111", Also = "carbon_monoxide=20 fire_alarm=normal", Latched = true },
        new("maintenance_air", "Critical", "carbon_monoxide=20", "carbon_monoxide=20.1", 120, "carbon_monoxide=20", 300) { WorkOrder = "inside", Over = "carbon_monoxide=501!uncertain" },
        new("maintenance_air", "Critical", "nitrogen_dioxide=0.12", "nitrogen_dioxide=0.121", 120, "nitrogen_dioxide=0.12", 300) { WorkOrder = "inside", Over = "nitrogen_dioxide=20.1!uncertain" },
        new("maintenance_air", "Critical", "extinction_coefficient=0.003", "extinction_coefficient=0.0031", 120, "extinction_coefficient=0.003", 300) { WorkOrder = "inside", Over = "extinction_coefficient=0.06!uncertain" },
        new("fan_fail", "Medium", "fan_state.1=forward", "fan_state.1=stop", 90, "fan_state.1=forward", 60) { Also = "fan_command.1=forward control_mode=remote" },
        new("fan_fail", "Medium", "fan_state.1=stop", "fan_state.1=fault", 90, "fan_state.1=stop", 60) { Also = "fan_command.1=stop control_mode=auto" },
        new("fan_wear", "ticket", "fan_vibration.1=7.1", "fan_vibration.1=7.2", 300, "fan_vibration.1=7.1") { Over = "fan_vibration.1=50.1!uncertain" },
        new("fan_wear", "ticket", "fan_current.1=120", "fan_current.1=120.1", 300, "fan_current.1=120") { Settings = "rated_fan_current=100", Over = "fan_current.1=501!uncertain" },
        new("flood_warn", "High", "flood_water_level=0.1", "flood_water_level=0.101", 20, "flood_water_level=0.05", 600) { Keeps = "flood_water_level=0.051", Over = "flood_water_level=6.1!uncertain" },
        new("flood_close", "Critical", "flood_water_level=0.249", "flood_water_level=0.25", 10, "flood_water_level=0.19") { Keeps = "flood_water_level=0.2", Over = "flood_water_level=6.1!uncertain", Latched = true },
        new("stagnation", "Medium", "air_velocity=1 occupancy=41", "air_velocity=0.99 occupancy=41", 180, "air_velocity=1.3 occupancy=41", 300) { Keeps = "air_velocity=1.29 occupancy=41" },
        new("stagnation", "Medium", "air_velocity=-1 occupancy=41", "air_velocity=-0.99 occupancy=41", 180, "air_velocity=-1.3 occupancy=41", 300) { Keeps = "air_velocity=-1.29 occupancy=41" },
        new("stagnation", "Medium", "air_velocity=0 occupancy=40", "air_velocity=0 occupancy=40.1", 180, "air_velocity=0 occupancy=40", 300) { Over = "air_velocity=0 occupancy=101!uncertain" },
        new("power_lost", "Critical", "power_supply=backup", "power_supply=lost", 5, "power_supply=mains", 60),
        new("on_backup", "High", "power_supply=mains", "power_supply=backup", 30, "power_supply=mains", 300),
    ];

    public static TheoryData<string> RungNames => Rung.Names(Rungs);

    [Theory]
    [MemberData(nameof(RungNames))]
    public void Limit_deadband_and_delays_of(string rung) => Rung.Run(Family, Rungs, rung);

    [Theory]
    [InlineData("fire_alarm=normal", "alarm: tunnel_fire")]
    [InlineData("call_point=false", "alarm: tunnel_fire")]
    [InlineData("extinction_coefficient=0.001", "alarm: visibility_low, visibility_close")]
    [InlineData("fan_state.1=stop fan_command.1=stop control_mode=auto", "ticket: fan_fail")]
    [InlineData("flood_water_level=0", "alarm: flood_warn, flood_close")]
    [InlineData("power_supply=mains", "ticket: power_lost")]
    [InlineData("air_velocity=3 occupancy=5 fan_vibration.1=2", "")]
    public void A_lost_channel_is(string values, string told) => Assert.Equal(told, Blind(values));

    [Fact]
    [Shows("co_high", "co_close", "no2_high")]
    public void A_lost_gas_sensor_is_told_when_half_of_the_mean_s_window_is_missing()
    {
        Every(0, 1200, 10, _ => "carbon_monoxide=10 nitrogen_dioxide=0.1");
        // Three minutes are blind after 90 s; the value of 20:00 counts for 25 s.
        Every(1210, 1310, 10, _ => "carbon_monoxide=10!bad nitrogen_dioxide=0.1!bad");
        Assert.Empty(Told("unknown"));
        Every(1320, 1340, 10, _ => "carbon_monoxide=10!bad nitrogen_dioxide=0.1!bad");
        Assert.Equal("co_close", Timeline.Transitions.Single(transition => transition.Alarm.Rule == "unknown").Alarm.Detail);
    }

    [Theory]
    [Shows("co_high", "co_close", "no2_high")]
    [InlineData("co_high", "carbon_monoxide", 900, 70, 71, 60.1, 60, 300, "Cleared")]
    [InlineData("co_close", "carbon_monoxide", 180, 200, 201, 150.1, 150, 600, "Latched")]
    [InlineData("no2_high", "nitrogen_dioxide", 1200, 1.0, 1.01, 0.91, 0.89, 300, "Cleared")]
    public void A_mean_raises_above_its_limit_and_clears_beyond_its_deadband(string rule, string channel, int window, double limit, double above, double keeps, double clears, int off, string state)
    {
        Every(0, window * 2, 10, _ => Number(channel, limit));
        Assert.Empty(Told(rule));
        var at = window * 2;
        // The first report above adds nothing to the mean yet, the second ten seconds of it.
        Every(at + 10, at + 10, 10, _ => Number(channel, above));
        Assert.Empty(Told(rule));
        Every(at + 20, at + window, 10, _ => Number(channel, above));
        Assert.Equal(at + 20, Seconds(Assert.Single(Timeline.Transitions, transition => transition.Alarm.Rule == rule).At));
        Every(at += window + 10, at += (window * 2) + off, 10, _ => Number(channel, keeps));
        for (var bad = at += 10; at <= bad + window + off; at += 10)
            At(at, Number(channel, 0) + "!bad");
        Assert.Single(Timeline.Transitions, transition => transition.Alarm.Rule == rule);
        // Half of the window must be known again.
        Every(at, at + (window / 2) + off - 10, 10, _ => Number(channel, clears));
        Assert.Single(Timeline.Transitions, transition => transition.Alarm.Rule == rule);
        Every(at + (window / 2) + off, at + (window / 2) + off, 10, _ => Number(channel, clears));
        var last = Timeline.Transitions.Last(transition => transition.Alarm.Rule == rule);
        Assert.Equal((at + (window / 2) + off, state + "Unacknowledged"), (Seconds(last.At), last.To.ToString()));
    }

    [Fact]
    [Shows("co_close")]
    public void A_tunnel_closes_by_the_mean_of_three_minutes_and_not_by_one_lorry()
    {
        Every(0, 170, 10, _ => "carbon_monoxide=60");
        Every(180, 200, 10, _ => "carbon_monoxide=450");
        Every(210, 400, 10, _ => "carbon_monoxide=60");
        Assert.Empty(Told("co_close"));
        Every(410, 700, 10, _ => "carbon_monoxide=320");
        // 60 ppm for 180 s, then 320: above 200 once 320 has stood for more than 97 s of the window.
        Assert.Equal("08:30 co_close ActiveUnacknowledged Critical raised", Told("co_close")[0]);
    }

    [Fact]
    [Shows("co_high", "stagnation")]
    public void Traffic_that_stops_takes_the_wind_with_it_and_carbon_monoxide_follows_within_a_quarter_of_an_hour()
    {
        Every(0, 900, 10, _ => "carbon_monoxide=20 air_velocity=4 occupancy=15");
        // Congestion from 15:00 on: the piston effect is gone within a minute, the exit station fills by 8 ppm a minute.
        Every(910, 2700, 10, at => Number("carbon_monoxide", Math.Min(140, 20 + ((at - 900) * 8 / 60))) + (at < 960 ? " air_velocity=2" : " air_velocity=0.4") + " occupancy=60");
        Assert.Equal(
            ["19:00 stagnation ActiveUnacknowledged Medium raised", "28:50 co_high ActiveUnacknowledged High raised"],
            Timeline.Look().Select(line => line.Replace(" d ", " ", StringComparison.Ordinal)));
    }

    [Fact]
    [Shows("tunnel_fire")]
    public void Smoke_at_one_station_alone_closes_for_visibility_and_is_no_fire_yet()
    {
        Every(0, 60, 10, _ => "extinction_coefficient=0.002 carbon_monoxide=12");
        Every(70, 130, 10, _ => "extinction_coefficient=0.09!uncertain carbon_monoxide=12");
        Assert.Equal(
            ["01:30 visibility_close ActiveUnacknowledged Critical raised", "02:10 visibility_low ActiveUnacknowledged High raised"],
            Timeline.Look().Select(line => line.Replace(" d ", " ", StringComparison.Ordinal)));
    }

    [Fact]
    [Shows("visibility_close")]
    public void Fog_at_a_portal_is_no_closure_until_the_fire_alarm_or_rising_carbon_monoxide_says_otherwise()
    {
        Of("portal_station=true");
        Every(0, 300, 10, _ => "extinction_coefficient=0.013 carbon_monoxide=12 fire_alarm=normal");
        Assert.Equal(["00:20 visibility_close ActiveUnacknowledged High raised"], Told("visibility_close"));
        At(310, "extinction_coefficient=0.013 carbon_monoxide=12 fire_alarm=pre");
        Assert.Equal(["05:10 visibility_close ActiveUnacknowledged Critical climbed"], Told("visibility_close"));
        Of("portal_station=true");
        Every(0, 300, 10, _ => "extinction_coefficient=0.013 carbon_monoxide=12 fire_alarm=normal");
        // Half of the change that the sensor reports at once is its noise.
        At(310, "extinction_coefficient=0.013 carbon_monoxide=14.5 fire_alarm=normal");
        Assert.Equal(["00:20 visibility_close ActiveUnacknowledged High raised"], Told("visibility_close"));
        At(320, "extinction_coefficient=0.013 carbon_monoxide=14.6 fire_alarm=normal");
        Assert.Equal(["05:20 visibility_close ActiveUnacknowledged Critical climbed"], Told("visibility_close"));
    }

    [Fact]
    [Shows("fan_fail")]
    public void A_fan_is_judged_only_by_a_report_that_came_after_its_command()
    {
        Every(0, 60, 60, _ => "control_mode=auto fan_command.1=stop fan_state.1=stop");
        At(120, "control_mode=auto fan_command.1=forward fan_state.1=stop");
        Every(180, 240, 60, _ => "control_mode=auto fan_command.1=forward fan_state.1=stop");
        Assert.Empty(Told("fan_fail"));
        At(300, "control_mode=auto fan_command.1=forward fan_state.1=stop");
        Assert.Equal(["04:30 fan_fail/1 ActiveUnacknowledged Medium raised"], Told("fan_fail"));
    }

    [Fact]
    [Shows("fan_fail")]
    public void A_fan_that_is_told_to_reverse_has_three_minutes()
    {
        Every(0, 60, 60, _ => "control_mode=auto fan_command.1=forward fan_state.1=forward");
        Every(120, 240, 60, _ => "control_mode=auto fan_command.1=reverse fan_state.1=forward");
        Assert.Empty(Told("fan_fail"));
        Every(300, 420, 60, _ => "control_mode=auto fan_command.1=reverse fan_state.1=forward");
        Assert.Equal(["06:00 fan_fail/1 ActiveUnacknowledged Medium raised"], Told("fan_fail"));
    }

    [Fact]
    [Shows("fan_fail")]
    public void A_fan_switched_at_its_own_panel_has_not_failed()
    {
        Every(0, 600, 60, _ => "control_mode=local fan_command.1=forward fan_state.1=stop");
        Assert.Empty(Told("fan_fail"));
    }

    [Fact]
    [Shows("flood_close", "flood_warn")]
    public void Zhengzhou_water_that_stands_at_46_cm_at_the_next_report_closes_the_tunnel_ten_seconds_after_it()
    {
        Every(0, 300, 60, _ => "flood_water_level=0");
        Timeline.TicksTo(359);
        At(360, "flood_water_level=0.46");
        Timeline.TicksTo(369);
        Assert.Empty(Timeline.Look());
        Timeline.TicksTo(380);
        Assert.Equal(["06:10 d flood_close ActiveUnacknowledged Critical raised", "06:20 d flood_warn ActiveUnacknowledged High raised"], Timeline.Look());
    }

    [Theory]
    [Shows("flood_close")]
    [InlineData(0.028, 0.079, false)]
    [InlineData(0.028, 0.08, true)]
    [InlineData(0.031, 0.08, false)]
    [InlineData(0.19, 0.239, false)]
    public void Shallow_water_closes_only_while_it_rises_fast(double before, double now, bool closes)
    {
        At(0, Number("flood_water_level", before));
        At(60, Number("flood_water_level", now));
        Timeline.TicksTo(71);
        Assert.Equal(closes ? ["01:10 flood_close ActiveUnacknowledged Critical raised"] : [], Told("flood_close"));
    }

    [Fact]
    [Shows("flood_close")]
    public void A_flood_that_is_over_stays_closed_until_someone_has_looked()
    {
        Every(0, 20, 10, _ => "flood_water_level=0.3");
        Every(30, 3600, 10, _ => "flood_water_level=0");
        Assert.Equal(["00:10 flood_close ActiveUnacknowledged Critical raised", "00:30 flood_close LatchedUnacknowledged Critical cleared"], Told("flood_close"));
        Timeline.Act("acknowledge", "flood_close");
        Assert.EndsWith("LatchedAcknowledged Critical acknowledged", Told("flood_close").Single(), StringComparison.Ordinal);
    }

    [Fact]
    [Shows("maintenance_air")]
    public void Air_that_traffic_bears_is_told_once_a_crew_is_inside()
    {
        Every(0, 600, 10, _ => "carbon_monoxide=25");
        Assert.Empty(Told("maintenance_air"));
        Plan(CalendarKind.WorkOrder, "inside", 605, 3600);
        Every(610, 720, 10, _ => "carbon_monoxide=25");
        Assert.Empty(Told("maintenance_air"));
        Every(730, 730, 10, _ => "carbon_monoxide=25");
        Assert.Equal(["12:05 maintenance_air ActiveUnacknowledged Critical raised"], Told("maintenance_air"));
    }

    [Fact]
    [Shows("offline")]
    public void A_station_is_offline_after_a_minute() => Silence("carbon_monoxide=10", 60, "Medium");

    [Fact]
    [Shows("offline")]
    public void A_lost_flood_gauge_is_graver()
    {
        Of("flood_gauge=true");
        Silence("flood_water_level=0", 60, "High");
    }

    private static double Seconds(long at) => (at - Pipeline.Timeline.Zero) / 1000.0;
}
