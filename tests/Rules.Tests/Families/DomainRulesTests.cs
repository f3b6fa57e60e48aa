using Telemetry.Rules.Families;

namespace Telemetry.Rules.Tests.Families;

/// <summary>Every rule of the domain stands in the shipped files, with the kinds and severities that it was agreed to have, lowest first.</summary>
public class DomainRulesTests
{
    private static readonly FamilySet Families = FamilySet.Shipped();

    [Theory]
    [InlineData("manhole_cover", """
        cover_open alarm high, alarm critical
        planned_opening event
        cover_loose alarm medium
        street_covers alarm critical
        level_high ticket, alarm low
        surcharge alarm high, alarm critical
        street_flooding alarm critical
        ch4_high alarm high, alarm critical
        entry_gas alarm critical
        entry_level alarm critical
        h2s_odour ticket
        battery_low ticket
        offline ticket
        """)]
    [InlineData("tunnel", """
        tunnel_fire alarm critical
        co_high alarm high
        co_close alarm critical
        no2_high alarm high
        visibility_low alarm high
        visibility_close alarm high, alarm critical
        maintenance_air alarm critical
        fan_fail alarm medium, alarm high
        fan_wear ticket
        road_closed event
        flood_warn alarm high
        flood_close alarm critical
        stagnation alarm medium
        lighting_lost alarm high
        power_lost alarm critical
        on_backup alarm high
        offline alarm medium, alarm high
        """)]
    [InlineData("drainage_pump", """
        road_flood_warn alarm high
        road_flood_close alarm critical
        no_call alarm critical
        fail_to_start alarm high, alarm critical
        not_in_auto alarm medium, alarm high
        dry_run alarm high
        float_disagrees alarm critical
        level_lost alarm high, alarm critical
        level_high alarm high, alarm critical
        capacity_exceeded alarm critical
        no_drawdown alarm high, alarm critical
        pump_fault alarm medium, alarm high
        excess_starts ticket
        overcurrent alarm high
        power_lost alarm critical
        on_backup alarm high
        offline alarm high, alarm critical
        """)]
    [InlineData("gas_valve", """
        leak_low alarm high
        leak_high alarm critical
        close_unconfirmed alarm critical
        close_failed alarm critical
        leak_past_valve alarm critical
        co_high alarm high, alarm critical, alarm critical
        pressure_low alarm medium
        pressure_high alarm critical
        regulator_lost alarm critical
        closed_unexpected ticket, alarm medium
        detector_expired ticket
        battery_low ticket, alarm medium
        offline ticket, alarm medium
        """)]
    [InlineData("public_toilet", """
        sos alarm critical
        sos_misused ticket
        long_stay event
        overstay ticket, alarm medium, alarm high
        ammonia_high ticket, alarm low
        h2s_high ticket
        h2s_danger alarm high
        water_leak ticket, alarm medium
        consumable_low ticket
        offline ticket, alarm medium
        """)]
    [InlineData("gateway", "offline alarm medium")]
    [InlineData("area", "mass_silence alarm high\ngateways_offline alarm medium")]
    [InlineData("system", """
        log_unwritable alarm critical
        disk_low alarm high
        disk_almost_full alarm critical
        broker_lost alarm critical
        session_lost ticket
        channel_dead alarm high
        channel_unproven alarm medium
        watchdog_lost alarm high
        certificate_expiring ticket
        certificate_expires_soon alarm high
        upward_lost alarm medium
        stream_differs alarm high
        handover_unsigned alarm high
        clock_step ticket
        nothing_new ticket
        response_overdue alarm critical
        drill_ended alarm high
        """)]
    public void The_rules_of_a_family_are(string family, string rules) =>
        Assert.Equal(rules.ReplaceLineEndings("\n"), string.Join('\n', Families.Find(family)!.Rules.Select(rule => $"{rule.Name} {string.Join(", ", rule.Steps.Select(Shown))}")));

    [Fact]
    public void What_no_cause_may_hide_nobody_shelves() =>
        Assert.All(Vocabulary.NeverSuppressed, name => Assert.True(Vocabulary.IsNeverShelved("any", name), name));

    [Theory]
    [InlineData("manhole_cover", "tilt_angle displacement cover_state vibration_alarm well_water_level methane_lel hydrogen_sulfide oxygen battery_level battery_flag rsrp")]
    [InlineData("tunnel", "carbon_monoxide nitrogen_dioxide extinction_coefficient air_velocity illuminance luminance flood_water_level traffic_flow vehicle_speed occupancy fan_command.fan fan_state.fan fan_current.fan fan_vibration.fan fire_alarm call_point stopped_vehicle linear_heat barrier_state.barrier lane_signal.lane power_supply control_mode")]
    [InlineData("drainage_pump", "sump_level high_float road_water_depth pump_command.pump pump_run.pump control_mode.pump pump_fault.pump power_supply motor_current.pump discharge_flow.pump run_hours.pump start_count.pump rainfall rainfall_intensity")]
    [InlineData("gas_valve", "methane_lel carbon_monoxide valve_position gas_alarm_state gas_pressure battery_level battery_flag rsrp life_remaining")]
    [InlineData("public_toilet", "ammonia hydrogen_sulfide air_temperature relative_humidity stall_occupied.stall stall_motion.stall people_in people_out sos_active.stall water_volume soap_level paper_level")]
    public void The_channels_of_a_family_are(string family, string channels) =>
        Assert.Equal(channels.Split(' '), Families.Find(family)!.Channels.Select(channel => channel.Group is null ? channel.Name : $"{channel.Name}.{channel.Group}"));

    [Theory]
    [InlineData("manhole_cover", null, 30 * 3600)]
    [InlineData("manhole_cover", "three_day", 180 * 3600)]
    [InlineData("tunnel", null, 60)]
    [InlineData("drainage_pump", null, 60)]
    [InlineData("gas_valve", null, 60 * 3600)]
    [InlineData("gas_valve", "commercial", 15 * 60)]
    [InlineData("public_toilet", null, 30 * 60)]
    [InlineData("public_toilet", "sos_panel", 10 * 60)]
    public void Silence_begins_after_so_many_seconds(string family, string? model, int seconds) =>
        Assert.Equal(seconds * 1000, Families.Find(family)!.HeartbeatOf(model) * FamilyReader.HeartbeatsToSilence);

    [Fact]
    public void Every_family_of_devices_notices_silence() =>
        Assert.All(Families.All.Where(family => !family.IsBuiltIn), family => Assert.Equal(RuleTrigger.Silence, family.Rules.Single(rule => rule.Name == "offline").Trigger));

    [Fact]
    public void Every_rule_that_may_alarm_says_what_a_person_does() =>
        Assert.All(Rules().Where(rule => rule.Steps.Any(step => step.Kind == AlarmKind.Alarm)), rule =>
        {
            Assert.NotNull(rule.Consequence);
            Assert.NotNull(rule.RespondIn);
            Assert.NotNull(rule.Who);
            Assert.NotEmpty(rule.Action!.Zh);
            Assert.NotEmpty(rule.Action.En);
        });

    [Fact]
    public void Every_label_stands_in_both_languages()
    {
        var titles = Families.All.SelectMany(family => family.Channels.Select(channel => channel.Title)
            .Concat(family.Settings.Select(setting => setting.Title))
            .Concat(family.Rules.Select(rule => rule.Title))
            .Concat(family.Rules.Select(rule => rule.Action).OfType<Title>())
            .Append(family.Title));

        Assert.All(titles, title =>
        {
            Assert.Matches("^[\\x20-\\x7e]+$", title.En);
            Assert.Matches("[\u4e00-\u9fff]", title.Zh);
        });
    }

    [Fact]
    public void Every_action_names_scada_the_phone_the_camera_or_a_crew() =>
        Assert.All(Rules().Select(rule => rule.Action).OfType<Title>(), action => Assert.Matches("(?i)scada|phone|crew|send|camera", action.En));

    [Fact]
    public void Every_ventilation_action_in_a_tunnel_excludes_fire_first() =>
        Assert.All(
            Families.Find("tunnel")!.Rules.Where(rule => rule.Name != "tunnel_fire" && rule.Action is { } action && System.Text.RegularExpressions.Regex.IsMatch(action.En, "\\bfans?\\b")),
            rule => Assert.StartsWith("Exclude fire by camera first; then ", rule.Action!.En, StringComparison.Ordinal));

    [Fact]
    public void No_recalled_standard_is_cited_as_if_it_had_been_read() =>
        Assert.All(Rules().Where(rule => rule.Source!.Contains("[M]", StringComparison.Ordinal)), rule => Assert.Contains("recalled, to be confirmed", rule.Source, StringComparison.Ordinal));

    private static IEnumerable<Rule> Rules() => Families.All.SelectMany(family => family.Rules);

    private static string Shown(Step step) => step.Kind == AlarmKind.Alarm ? $"alarm {step.Severity}".ToLowerInvariant() : step.Kind.ToString().ToLowerInvariant();
}
