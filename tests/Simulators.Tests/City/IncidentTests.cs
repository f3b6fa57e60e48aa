using Telemetry.Rules.Model;
using Telemetry.Simulators.City;

namespace Telemetry.Simulators.Tests.City;

/// <summary>What each incident makes of a device's values, as the shipped rules need it within the story's time.</summary>
public sealed class IncidentTests
{
    [Fact]
    public void A_lifted_cover_is_open_tilted_and_shifted_at_once() =>
        Shows(new CoverPhysics(new Random(1), 1, 3), Incident.CoverLifted, 0, v => v["cover_state"].State == "open" && v["tilt_angle"].Number > 20 && v["displacement"].Number > 100);

    [Fact]
    public void A_rattling_cover_is_loose_but_not_open() =>
        Shows(new CoverPhysics(new Random(1), 1, 3), Incident.CoverRattles, 0, v => v["cover_state"].State == "loose" && v["tilt_angle"].Number is > 6 and < 15);

    [Fact]
    public void A_surcharging_sewer_reaches_the_road_within_three_minutes() =>
        Shows(new CoverPhysics(new Random(1), 1, 3), Incident.SewerSurcharges, 180, v => v["well_water_level"].Number > 2.8);

    [Fact]
    public void Gas_in_a_well_is_above_the_lower_limit_and_below_the_upper() =>
        Shows(new CoverPhysics(new Random(1), 1, 3), Incident.GasInWell, 0, v => v["methane_lel"].Number is > 10 and < 25);

    [Fact]
    public void A_flood_in_a_tunnel_warns_within_a_minute_but_does_not_close() =>
        Shows(Tunnel(), Incident.TunnelFloods, 60, v => v["flood_water_level"].Number is > 0.1 and < 0.25);

    [Fact]
    public void Smoke_in_a_tunnel_closes_it_within_a_minute() =>
        Shows(Tunnel(), Incident.TunnelSmoke, 60, v => v["extinction_coefficient"].Number > 0.012);

    [Fact]
    public void A_burning_vehicle_shows_as_smoke_before_the_fire_detection_is_hot()
    {
        Shows(Tunnel(), Incident.TunnelBurns, 10, v => v["extinction_coefficient"].Number > 0.012 && v["fire_alarm"].State == "normal");
        Shows(Tunnel(), Incident.TunnelBurns, 60, v => v["linear_heat"].Number > 50 && v["fire_alarm"].State == "fire");
    }

    [Fact]
    public void A_jammed_valve_says_fault_when_it_should_close_and_the_gas_goes_on_rising()
    {
        var kitchen = new GasPhysics(new Random(1));
        kitchen.Happen(Incident.ValveJams, 0);
        Shows(kitchen, Incident.HoseBursts, 120, v => v["gas_alarm_state"].State == "high" && v["valve_position"].State == "fault" && v["methane_lel"].Number > 40);
    }

    [Fact]
    public void A_silent_device_reports_nothing_until_it_is_restored()
    {
        var start = DateTimeOffset.UnixEpoch;
        StoryEvent[] story = [new(TimeSpan.FromMinutes(1), "pump-001", Incident.FallsSilent), new(TimeSpan.FromMinutes(2), "pump-001", Incident.PumpTrips, 1), new(TimeSpan.FromMinutes(3), "pump-001", Incident.Restored)];
        var heard = new SimulatedCity(CityBuilder.Fewest, 1, story, start).AdvanceTo(start.AddMinutes(4)).OfType<ReadingDue>().Where(due => due.Reading.Device == "pump-001").Select(due => due.Reading.EventTime / 1000).ToList();

        Assert.DoesNotContain(heard, second => second is >= 60 and < 180);
        Assert.Contains(180, heard);
        Assert.True(heard.Count(second => second < 60) >= 5 && heard.Count(second => second > 180) >= 5);
    }

    [Fact]
    public void A_call_point_shows_at_once() =>
        Shows(Tunnel(), Incident.CallPointPressed, 0, v => v["call_point"].Number == 1);

    [Fact]
    public void A_tunnel_without_mains_runs_on_its_backup() =>
        Shows(Tunnel(), Incident.TunnelMainsFail, 0, v => v["power_supply"].State == "backup");

    [Fact]
    public void A_storm_lifts_the_sump_above_high_within_two_minutes_with_all_pumps_running() =>
        Shows(Pump(), Incident.StormHits, 120, v => v["sump_level"].Number > 2.2 && v["pump_run.3"].Number == 1 && v["rainfall"].Number > 2);

    [Fact]
    public void A_jammed_pump_is_commanded_and_does_not_run() =>
        Shows(Pump(), Incident.PumpJams, 60, v => v["pump_command.2"].Number == 1 && v["pump_run.2"].Number == 0, number: 2);

    [Fact]
    public void A_tripped_pump_says_so() =>
        Shows(Pump(), Incident.PumpTrips, 0, v => v["pump_fault.1"].State == "overload" && v["pump_fault.2"].State == "ok", number: 1);

    [Fact]
    public void A_station_without_mains_says_so_and_pumps_nothing() =>
        Shows(Pump(), Incident.StationMainsFail, 60, v => v["power_supply"].State == "lost" && v["pump_run.1"].Number == 0 && v["discharge_flow.1"].Number == 0);

    [Fact]
    public void Cooking_fumes_raise_the_detector_to_low_and_leave_the_valve_open() =>
        Shows(new GasPhysics(new Random(1)), Incident.CookingFumes, 0, v => v["gas_alarm_state"].State == "low" && v["methane_lel"].Number is > 10 and < 20 && v["valve_position"].State == "open");

    [Fact]
    public void Cooking_fumes_are_gone_within_a_minute_of_an_open_window()
    {
        var kitchen = new GasPhysics(new Random(1));
        kitchen.Happen(Incident.CookingFumes, 0);
        Shows(kitchen, Incident.Restored, 60, v => v["gas_alarm_state"].State == "normal" && v["methane_lel"].Number < 7);
    }

    [Fact]
    public void A_burst_hose_reaches_high_within_a_minute_and_the_valve_closes() =>
        Shows(new GasPhysics(new Random(1)), Incident.HoseBursts, 60, v => v["gas_alarm_state"].State == "high" && v["methane_lel"].Number >= 20 && v["valve_position"].State == "closed");

    [Fact]
    public void Low_gas_pressure_shows_at_once() =>
        Shows(new GasPhysics(new Random(1)), Incident.PressureDrops, 0, v => v["gas_pressure"].Number < 0.8);

    [Fact]
    public void A_call_for_help_names_its_stall_alone() =>
        Shows(new ToiletPhysics(new Random(1), 4), Incident.SosPressed, 0, v => v["sos_active.2"].Number == 1 && v["sos_active.1"].Number == 0 && v["stall_occupied.2"].Number == 1, number: 2);

    [Fact]
    public void Septic_gas_is_above_the_danger_limit() =>
        Shows(new ToiletPhysics(new Random(1), 4), Incident.SepticGas, 60, v => v["hydrogen_sulfide"].Number > 8);

    [Fact]
    public void An_incident_of_another_family_is_refused_by_name()
    {
        var refused = Assert.Throws<ArgumentException>(() => Pump().Happen(Incident.CoverLifted, 0));
        Assert.Contains("CoverLifted cannot happen to PumpPhysics", refused.Message, StringComparison.Ordinal);
    }

    private static TunnelPhysics Tunnel() => new(new Random(1), place: 0.5, fans: 3, lanes: 3);

    private static PumpPhysics Pump() => new(new Random(1), new PumpPhysics.Station(3, 3600, 160));

    private static void Shows(DevicePhysics physics, Incident incident, int seconds, Func<Dictionary<string, ChannelValue>, bool> expected, int number = 0)
    {
        physics.Happen(incident, number);
        for (var passed = 0; passed < seconds; passed += 10)
            physics.Advance(10, 12);
        var values = new ValueList();
        physics.Report(values);
        var byChannel = values.ToArray().ToDictionary(v => v.Channel);
        Assert.True(expected(byChannel), string.Join('\n', byChannel.Values));
    }
}
