namespace Telemetry.Rules.Tests.Families;

/// <summary>Water on the road, more water than the pumps lift, and what a station says last.</summary>
public sealed class PumpStormTimelines() : FamilyTimeline("drainage_pump")
{
    [Fact]
    [Shows("road_flood_close")]
    public void Zhengzhou_a_road_that_floods_at_14_cm_a_minute_is_closed_long_before_a_car_is_in_danger()
    {
        Every(0, 60, 60, _ => "road_water_depth=0");
        Every(70, 200, 10, at => Number("road_water_depth", (at - 60) * 0.14 / 60));
        // 0.08 m stand 34 s after it began, the next report says so at 100 s, and it must hold for 10 s.
        Assert.Equal("01:50 road_flood_close ActiveUnacknowledged Critical raised", Told("road_flood_close")[0]);
    }

    [Fact]
    [Shows("road_flood_close", "road_flood_warn")]
    public void A_road_that_stands_under_46_cm_at_the_next_report_is_closed_ten_seconds_after_it()
    {
        Every(0, 60, 60, _ => "road_water_depth=0");
        At(120, "road_water_depth=0.46");
        Timeline.TicksTo(129);
        Assert.Empty(Told("road_flood_close"));
        Timeline.TicksTo(139);
        Assert.Equal(["02:10 d road_flood_close ActiveUnacknowledged Critical raised"], Timeline.Look());
        Timeline.TicksTo(140);
        Assert.Equal(["02:20 d road_flood_warn ActiveUnacknowledged High raised"], Timeline.Look());
    }

    [Fact]
    [Shows("road_flood_close")]
    public void A_road_with_standing_water_is_not_closed()
    {
        Every(0, 1200, 60, _ => "road_water_depth=0.09");
        Assert.Empty(Told("road_flood_close"));
    }

    [Fact]
    [Shows("level_high", "capacity_exceeded")]
    public void More_water_than_two_pumps_lift_is_told_before_it_overflows()
    {
        Of("rated_flow=3600");
        Every(0, 120, 10, _ => "sump_level=1.7 pump_run.1=true pump_run.2=true discharge_flow.1=3600 discharge_flow.2=3600");
        Every(130, 300, 10, at => Number("sump_level", 1.7 + ((at - 120) * 0.47 / 60)) + " pump_run.1=true pump_run.2=true discharge_flow.1=3600 discharge_flow.2=3600");
        var told = Timeline.Look();
        Assert.Contains("03:20 d capacity_exceeded ActiveUnacknowledged Critical raised", told);
        Assert.Contains(told, line => line.Contains("level_high", StringComparison.Ordinal));
        // The last report before it was raised, of 210 s, stood 0.395 m below the overflow and rose by 0.47 m a minute.
        var high = Timeline.Transitions.First(transition => transition.Alarm.Rule == "level_high");
        Assert.Equal("overflow in 50 s", high.Alarm.Detail);
    }

    [Fact]
    [Shows("level_high")]
    public void A_surplus_of_47_cm_a_minute_leaves_half_a_minute_between_high_and_overflow()
    {
        // 2.2 m at 1:00, 2.8 m 77 s after it; a report every 5 s in the storm.
        Every(0, 160, 5, at => Number("sump_level", 2.2 + ((at - 60) * 0.47 / 60)));
        Assert.Equal(
            ["01:35 level_high ActiveUnacknowledged High raised", "02:30 level_high ActiveUnacknowledged Critical climbed"], Told("level_high"));
        // What was last reported before 1:35: 77 s less 30 s are left.
        Assert.Equal("overflow in 47 s", Timeline.Transitions.First(transition => transition.Alarm.Rule == "level_high").Alarm.Detail);
    }

    [Theory]
    [Shows("capacity_exceeded")]
    [InlineData(2880, 0.051, 1.9, "true", true)]
    [InlineData(2879, 0.051, 1.9, "true", false)]
    [InlineData(2880, 0.05, 1.9, "true", false)]
    [InlineData(2880, 0.051, 1.6, "true", false)]
    [InlineData(2880, 0.051, 1.9, "false", false)]
    public void Capacity_is_exceeded_only_when_every_pump_runs_well_and_water_rises_fast(double flow, double aMinute, double from, string second, bool exceeded)
    {
        Of("rated_flow=3600");
        var pumps = $" pump_run.1=true pump_run.2={second} discharge_flow.1={flow} discharge_flow.2={(second == "true" ? flow : 0)}";
        // 1.6 m and 0.051 m a minute end below 1.8 m.
        Every(0, 180, 10, at => Number("sump_level", Math.Round(from + (at / 60 * aMinute), 4)) + pumps);
        Assert.Equal(exceeded, Told("capacity_exceeded").Length > 0);
    }

    [Fact]
    [Shows("capacity_exceeded")]
    public void A_pump_with_a_fault_is_not_available_and_does_not_hide_that_the_others_are_not_enough()
    {
        Of("rated_flow=3600");
        string At(double at, double level) => Number("sump_level", Math.Round(level, 4)) + " pump_run.1=true pump_run.2=false pump_fault.2=overload discharge_flow.1=3600 discharge_flow.2=0";
        Every(0, 90, 10, at => At(at, 1.9 + (at / 60 * 0.1)));
        // A quarter of the window must be known: the condition begins at 0:30.
        Assert.Equal(["01:30 capacity_exceeded ActiveUnacknowledged Critical raised"], Told("capacity_exceeded"));
        Every(100, 600, 10, at => At(at, 2.05));
        // 0.05 m a minute or less over two minutes from 2:40 on at the latest, then 5 min.
        Assert.StartsWith("07:", Told("capacity_exceeded").Single(), StringComparison.Ordinal);
    }

    [Fact]
    [Shows("capacity_exceeded")]
    public void A_pump_left_in_off_is_not_available_either_and_one_in_manual_is()
    {
        foreach (var mode in new[] { "manual", "off" })
        {
            Of("rated_flow=3600");
            Every(0, 120, 10, at => Number("sump_level", Math.Round(1.9 + (at / 60 * 0.1), 4)) + $" pump_run.1=true pump_run.2=false control_mode.2={mode} discharge_flow.1=3600 discharge_flow.2=0");
            Assert.Equal(mode == "off", Told("capacity_exceeded").Length > 0);
        }
    }

    [Fact]
    [Shows("offline")]
    public void A_dry_station_with_a_low_sump_is_offline_after_a_minute()
    {
        Of(gauge: true);
        for (var at = 0; at < 300; at += 100)
            Rain(at, 100);
        Timeline.At(300);
        SilenceFrom(300, "sump_level=1.2", "High");
    }

    [Theory]
    [Shows("offline")]
    [InlineData("sump_level=1.21", true)]
    [InlineData("sump_level=1", false)]
    public void A_station_that_falls_silent_with_water_in_it_or_in_unknown_weather_is_critical(string values, bool gauge)
    {
        Of(gauge: gauge);
        if (gauge)
            Rain(0, 100);
        SilenceFrom(0, values, "Critical");
    }

    [Fact]
    [Shows("power_lost", "level_high", "offline")]
    public void A_storm_one_pump_that_fails_the_overflow_the_mains_trip_and_silence_are_told_in_this_order()
    {
        Of("rated_flow=3600");
        Register("other");
        for (var at = 0; at <= 300; at += 10)
        {
            var level = 1.9 + (at * 0.3 / 60);
            var pumps = at < 60 ? " pump_command.2=false pump_run.2=false" : " pump_command.2=true pump_run.2=false";
            Timeline.TicksTo(at);
            At(at, Number("sump_level", level) + " pump_command.1=true pump_run.1=true discharge_flow.1=3600 discharge_flow.2=0" + pumps + (at < 280 ? " power_supply=mains" : " power_supply=lost"));
        }
        for (var at = 310; at <= 370; at += 10)
            Timeline.TicksTo(at).Reading("other", "power_supply=mains", family: Family);
        Assert.Equal(
            [
                "01:20 fail_to_start/2 ActiveUnacknowledged Critical raised", "01:40 level_high ActiveUnacknowledged High raised",
                "03:20 level_high ActiveUnacknowledged Critical climbed", "04:45 power_lost ActiveUnacknowledged Critical raised",
                "04:45 fail_to_start/2 Suppressed Critical suppressed",
                "06:00 offline ActiveUnacknowledged Critical raised",
            ],
            Timeline.Look().Where(line => !line.Contains("other", StringComparison.Ordinal)).Select(line => line.Replace(" d ", " ", StringComparison.Ordinal)));
    }

    [Fact]
    [Shows("level_lost", "offline")]
    public void A_rain_gauge_is_no_pump_station()
    {
        Of(model: "rain_gauge");
        Every(0, 1200, 300, at => Number("rainfall", 100 + (at / 1500)));
        Timeline.TicksTo(1260);
        Assert.Empty(Timeline.Look());
        Of(model: "rain_gauge");
        Silence("rainfall=100", 750, "High");
    }

    /// <summary>The same as <see cref="FamilyTimeline.Silence"/>, from some moment on; the gauge, where there is one, goes on.</summary>
    private void SilenceFrom(int from, string values, string severity)
    {
        Register("other");
        At(from, values);
        for (var at = from; at <= from + 70; at += 10)
            Timeline.TicksTo(at).Reading("other", "power_supply=mains", family: Family);
        Assert.Equal([severity], Timeline.Transitions.Where(transition => transition.Alarm.Rule == "offline" && transition.Alarm.Device == "d").Select(transition => transition.Alarm.Severity.ToString()));
    }
}
