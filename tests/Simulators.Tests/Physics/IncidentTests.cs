using Telemetry.Rules.Model;
using Telemetry.Simulators.City;
using Telemetry.Simulators.Physics;

namespace Telemetry.Simulators.Tests.Physics;

/// <summary>What each incident makes of a device's values, as the shipped rules need it within the story's time.</summary>
public sealed class IncidentTests
{
    [Fact]
    public void A_lifted_cover_is_open_tilted_and_shifted_at_once() =>
        Shows(Devices.Of("manhole_cover"), "cover_lifted", 0, v => v["cover_state"].State == "open" && v["tilt_angle"].Number > 20 && v["displacement"].Number > 100);

    [Fact]
    public void A_rattling_cover_is_loose_but_not_open() =>
        Shows(Devices.Of("manhole_cover"), "cover_rattles", 0, v => v["cover_state"].State == "loose" && v["tilt_angle"].Number is > 6 and < 15);

    [Fact]
    public void A_surcharging_sewer_reaches_the_road_within_three_minutes() =>
        Shows(Devices.Of("manhole_cover"), "sewer_surcharges", 180, v => v["well_water_level"].Number > 2.8);

    [Fact]
    public void Gas_in_a_well_is_above_the_lower_limit_and_below_the_upper() =>
        Shows(Devices.Of("manhole_cover"), "gas_in_well", 0, v => v["methane_lel"].Number is > 10 and < 25);

    [Fact]
    public void A_flood_in_a_tunnel_warns_within_a_minute_but_does_not_close() =>
        Shows(Devices.Of("tunnel"), "tunnel_floods", 60, v => v["flood_water_level"].Number is > 0.1 and < 0.25);

    [Fact]
    public void Smoke_in_a_tunnel_closes_it_within_a_minute() =>
        Shows(Devices.Of("tunnel"), "tunnel_smoke", 60, v => v["extinction_coefficient"].Number > 0.012);

    [Fact]
    public void A_burning_vehicle_shows_as_smoke_before_the_fire_detection_is_hot()
    {
        Shows(Devices.Of("tunnel"), "tunnel_burns", 10, v => v["extinction_coefficient"].Number > 0.012 && v["fire_alarm"].State == "normal");
        Shows(Devices.Of("tunnel"), "tunnel_burns", 60, v => v["linear_heat"].Number > 50 && v["fire_alarm"].State == "fire");
    }

    [Fact]
    public void A_jammed_valve_says_fault_when_it_should_close_and_the_gas_goes_on_rising()
    {
        var kitchen = Devices.Of("gas_valve");
        kitchen.Happen("valve_jams", 0, Devices.Around());
        Shows(kitchen, "hose_bursts", 120, v => v["gas_alarm_state"].State == "high" && v["valve_position"].State == "fault" && v["methane_lel"].Number > 40);
    }

    [Fact]
    public void A_silent_device_reports_nothing_until_it_is_restored()
    {
        var start = DateTimeOffset.UnixEpoch;
        StoryEvent[] story = [new(TimeSpan.FromMinutes(1), "pump-001", Incident.FallsSilent), new(TimeSpan.FromMinutes(2), "pump-001", "pump_trips", 1), new(TimeSpan.FromMinutes(3), "pump-001", Incident.Restored)];
        var heard = new SimulatedCity(CityBuilder.Fewest, 1, story, start).AdvanceTo(start.AddMinutes(4)).OfType<ReadingDue>().Where(due => due.Reading.Device == "pump-001").Select(due => due.Reading.EventTime / 1000).ToList();

        Assert.DoesNotContain(heard, second => second is >= 60 and < 180);
        Assert.Contains(180, heard);
        Assert.True(heard.Count(second => second < 60) >= 5 && heard.Count(second => second > 180) >= 5);
    }

    [Fact]
    public void A_call_point_shows_at_once() =>
        Shows(Devices.Of("tunnel"), "call_point_pressed", 0, v => v["call_point"].Number == 1);

    [Fact]
    public void A_tunnel_without_mains_runs_on_its_backup() =>
        Shows(Devices.Of("tunnel"), "tunnel_mains_fail", 0, v => v["power_supply"].State == "backup");

    [Fact]
    public void A_storm_lifts_the_sump_above_high_within_two_minutes_with_all_pumps_running() =>
        Shows(Devices.Of("drainage_pump"), "storm_hits", 120, v => v["sump_level"].Number > 2.2 && v["pump_run.3"].Number == 1 && v["rainfall"].Number > 2);

    [Fact]
    public void A_jammed_pump_is_commanded_and_does_not_run() =>
        Shows(Devices.Of("drainage_pump"), "pump_jams", 60, v => v["pump_command.2"].Number == 1 && v["pump_run.2"].Number == 0, number: 2);

    [Fact]
    public void A_tripped_pump_says_so() =>
        Shows(Devices.Of("drainage_pump"), "pump_trips", 0, v => v["pump_fault.1"].State == "overload" && v["pump_fault.2"].State == "ok", number: 1);

    [Fact]
    public void A_station_without_mains_says_so_and_pumps_nothing() =>
        Shows(Devices.Of("drainage_pump"), "station_mains_fail", 60, v => v["power_supply"].State == "lost" && v["pump_run.1"].Number == 0 && v["discharge_flow.1"].Number == 0);

    [Fact]
    public void Cooking_fumes_raise_the_detector_to_low_and_leave_the_valve_open() =>
        Shows(Devices.Of("gas_valve"), "cooking_fumes", 0, v => v["gas_alarm_state"].State == "low" && v["methane_lel"].Number is > 10 and < 20 && v["valve_position"].State == "open");

    [Fact]
    public void Cooking_fumes_are_gone_within_a_minute_of_an_open_window()
    {
        var kitchen = Devices.Of("gas_valve");
        kitchen.Happen("cooking_fumes", 0, Devices.Around());
        Shows(kitchen, Incident.Restored, 60, v => v["gas_alarm_state"].State == "normal" && v["methane_lel"].Number < 7);
    }

    [Fact]
    public void A_burst_hose_reaches_high_within_a_minute_and_the_valve_closes() =>
        Shows(Devices.Of("gas_valve"), "hose_bursts", 60, v => v["gas_alarm_state"].State == "high" && v["methane_lel"].Number >= 20 && v["valve_position"].State == "closed");

    [Fact]
    public void Low_gas_pressure_shows_at_once() =>
        Shows(Devices.Of("gas_valve"), "pressure_drops", 0, v => v["gas_pressure"].Number < 0.8);

    [Fact]
    public void A_call_for_help_names_its_stall_alone() =>
        Shows(Devices.Of("public_toilet"), "sos_pressed", 0, v => v["sos_active.2"].Number == 1 && v["sos_active.1"].Number == 0 && v["stall_occupied.2"].Number == 1, number: 2);

    [Fact]
    public void Septic_gas_is_above_the_danger_limit() =>
        Shows(Devices.Of("public_toilet"), "septic_gas", 60, v => v["hydrogen_sulfide"].Number > 8);

    [Fact]
    public void A_flooded_antenna_fades_and_then_there_is_no_contact()
    {
        var cover = Devices.Of("manhole_cover");
        cover.Happen("antenna_floods", 0, Devices.Around());
        cover.Advance(30);
        Assert.True(cover.Values()["rsrp"].Number < -95 && !cover.IsSilent);
        cover.Advance(600);
        Assert.True(cover.IsSilent);
        cover.Happen(Incident.Restored, 0, Devices.Around());
        cover.Advance(600);
        Assert.False(cover.IsSilent);
    }

    [Fact]
    public void Fog_at_a_portal_is_haze_without_carbon_monoxide()
    {
        var before = Devices.Of("tunnel").Values()["carbon_monoxide"].Number;
        Shows(Devices.Of("tunnel"), "portal_fog", 0, v => v["extinction_coefficient"].Number > 0.012 && Math.Abs(v["carbon_monoxide"].Number - before) < 1);
    }

    [Fact]
    public void Where_traffic_stands_the_air_stands_and_carbon_monoxide_climbs_over_minutes()
    {
        var tunnel = Devices.Of("tunnel");
        tunnel.Advance(600);
        var before = tunnel.Values();
        tunnel.Happen("traffic_stands", 0, Devices.Around());
        tunnel.Advance(60);
        var soon = tunnel.Values()["carbon_monoxide"].Number;
        tunnel.Advance(1140);
        var after = tunnel.Values();

        Assert.True(after["air_velocity"].Number < before["air_velocity"].Number - 0.5);
        Assert.True(soon < 2 * before["carbon_monoxide"].Number && after["carbon_monoxide"].Number > 3 * before["carbon_monoxide"].Number, $"{before["carbon_monoxide"].Number} {soon} {after["carbon_monoxide"].Number}");
    }

    [Fact]
    public void A_failed_fan_is_told_from_the_others() =>
        Shows(Devices.Of("tunnel"), "fan_fails", 0, v => v["fan_state.2"].State == "fault" && v["fan_state.1"].State == "forward" && v["fan_current.2"].Number == 0 && v["fan_command.2"].State == "forward", number: 2);

    [Fact]
    public void Whoever_stays_too_long_without_motion_occupies_the_stall() =>
        Shows(Devices.Of("public_toilet"), "stays_too_long", 1800, v => v["stall_occupied.3"].Number == 1 && v["stall_motion.3"].Number == 0, number: 3);

    [Fact]
    public void Cleaning_is_ten_minutes_of_ammonia()
    {
        Shows(Devices.Of("public_toilet"), "toilet_cleaned", 0, v => v["ammonia"].Number > 1.44);
        Shows(Devices.Of("public_toilet"), "toilet_cleaned", 1500, v => v["ammonia"].Number < 0.7);
    }

    [Fact]
    public void An_incident_of_another_family_is_refused_by_name()
    {
        var refused = Assert.Throws<ArgumentException>(() => Devices.Of("drainage_pump").Happen("cover_lifted", 0, Devices.Around()));
        Assert.Contains("cover_lifted cannot happen to drainage_pump", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Two devices with the same luck, of which one is struck.</summary>
    [Fact]
    public void What_an_incident_changes_shows_and_its_end_gives_it_back()
    {
        foreach (var family in PhysicsSet.Shipped.All.Where(family => family.Model is null))
        {
            foreach (var incident in family.Incidents.Values)
            {
                var (struck, other) = (family.Create(new Random(3), Devices.Around()), family.Create(new Random(3), Devices.Around()));
                struck.Happen(incident.Name, incident.Draw(new Random(0)), Devices.Around());
                struck.Advance(1800);
                other.Advance(1800);
                Assert.True(struck.IsSilent || Differences(struck, other).Any(), $"{family.Name}: {incident.Name} shows in nothing");

                struck.Happen(Incident.Restored, 0, Devices.Around());
                struck.Advance(6 * 3600);
                other.Advance(6 * 3600);
                Assert.True(!struck.IsSilent && !Differences(struck, other).Any(), $"{family.Name}: {incident.Name} leaves {string.Join(", ", Differences(struck, other))}");
            }
        }
    }

    private static IEnumerable<string> Differences(DevicePhysics one, DevicePhysics other)
    {
        var (ones, others) = (one.Values(), other.Values());
        return ones.Keys.Where(channel => ones[channel].State != others[channel].State || Math.Abs(ones[channel].Number - others[channel].Number) > 0.001 * Math.Abs(others[channel].Number));
    }

    private static void Shows(DevicePhysics physics, string incident, int seconds, Func<Dictionary<string, ChannelValue>, bool> expected, int number = 0)
    {
        physics.Happen(incident, number, Devices.Around());
        physics.Advance(seconds);
        var values = physics.Values();
        Assert.True(expected(values), string.Join('\n', values.Values));
    }
}
