using Telemetry.Rules.Model;
using static Telemetry.Ingest.Tests.Faults.Station;

namespace Telemetry.Ingest.Tests.Faults;

/// <summary>What the service makes of each fault (docs/faults.md says the same in words): decoder and rules as they are shipped.</summary>
public sealed class FaultEffectTests
{
    private const int Half = 1800;
    private const string LevelHigh = "PS-1 level_high high";

    [Fact]
    public void Without_faults_a_calm_half_hour_calls_nobody_and_a_flood_once()
    {
        Assert.Empty(Calm("").Calls);
        Assert.Equal([LevelHigh], Flood("").Calls);
        Assert.Empty(Gas("").Calls);
    }

    [Theory]
    [InlineData("-9999")]
    [InlineData("-2")]
    public void A_sentinel_below_the_instrument_is_bad_and_the_level_is_told_to_be_lost(string code)
    {
        using var bench = Calm($"- {{fault: sentinel, device: PS-1, channel: sump_level, value: {code}, at: 10min}}");

        Assert.All(LevelsOf(bench, from: 600), value => Assert.Equal(Quality.Bad, value.Quality));
        // Level unknown is an alarm of its own in a station; nothing is made of the number.
        Assert.Equal(["PS-1 level_lost"], bench.Calls.Select(call => call[..call.LastIndexOf(' ')]).Distinct());
    }

    [Fact]
    public void A_sentinel_below_the_instrument_does_not_clear_a_flood()
    {
        using var bench = Flood("- {fault: sentinel, device: PS-1, channel: sump_level, value: -9999, at: 15min, for: 14min}");

        Assert.Equal(LevelHigh, bench.Calls.First());
        Assert.DoesNotContain(bench.Journal, transition => transition.Alarm.Rule == "level_high" && transition.Alarm.ClearedAt is { } cleared && FaultBench.Second(cleared) < 29 * 60);
    }

    [Fact]
    public void A_sentinel_above_the_range_is_uncertain_and_raises_for_over_range_is_not_bad()
    {
        using var bench = Calm("- {fault: sentinel, device: PS-1, channel: sump_level, value: 65535, at: 10min, for: 5min}");

        Assert.All(LevelsOf(bench, from: 600, to: 900), value => Assert.Equal(Quality.Uncertain, value.Quality));
        Assert.Contains("PS-1 level_high critical", bench.Calls);
    }

    [Fact]
    public void A_sentinel_that_is_a_text_costs_that_value_alone()
    {
        using var bench = Calm("- {fault: sentinel, device: PS-1, channel: sump_level, value: NaN, at: 10min, for: 20s}");

        Assert.Equal(["wrong_type", "wrong_type"], bench.DeadLetters.Select(letter => letter.Reason));
        Assert.Equal(Half / 10, bench.Readings.Count());
        Assert.Empty(bench.Calls);
    }

    [Fact]
    public void A_clock_of_1970_is_marked_and_uncertain_and_the_flood_is_told_at_the_same_time()
    {
        using var bench = Flood("- {fault: clock_reset, device: PS-1, at: 1min}");

        Assert.All(bench.Readings.Skip(6), reading => Assert.Equal((TimeMarks.ClockUnset, Quality.Uncertain), (reading.Marks, reading.Values[0].Quality)));
        Assert.Equal([LevelHigh], bench.Calls);
        Assert.Equal(Raised(Flood("")), Raised(bench), 10.0);
    }

    [Fact]
    public void Eight_hours_ahead_are_marked_unless_the_register_declares_them_and_the_flood_is_told_at_the_same_time()
    {
        const string Faults = "- {fault: local_time, device: PS-1}";
        using var unknown = Flood(Faults);
        Assert.All(unknown.Readings, reading => Assert.Equal((TimeMarks.ClockAhead, Quality.Uncertain), (reading.Marks, reading.Values[0].Quality)));
        Assert.Equal([LevelHigh], unknown.Calls);
        Assert.Equal(Raised(Flood("")), Raised(unknown), 10.0);

        var declared = Register.Select(device => device with { Settings = new SortedDictionary<string, string> { ["clock_ahead"] = "8 h" } }).ToList();
        using var known = FaultBench.Play(Faults, declared, Levels(Station.Flood, Half), Half);
        Assert.All(known.Readings, reading => Assert.Equal((TimeMarks.Shifted, Quality.Good), (reading.Marks, reading.Values[0].Quality)));
        Assert.Equal(Flood("").Alarms, known.Alarms);
    }

    [Fact]
    public void Seconds_for_milliseconds_are_understood()
    {
        using var bench = Flood("- {fault: seconds}");

        Assert.All(bench.Readings, reading => Assert.Equal(TimeMarks.Seconds, reading.Marks));
        Assert.Equal(Flood("").Alarms, bench.Alarms);
    }

    [Theory]
    [InlineData("20s", 20)]
    [InlineData("3min, at: 10min", 180)]
    [InlineData("-2min", -120)]
    [InlineData("-10min", -600)]
    public void A_clock_that_is_a_little_wrong_moves_the_alarms_time_by_as_much_and_calls_once(string by, double seconds)
    {
        using var bench = Flood($"- {{fault: clock_skew, device: PS-1, by: {by}}}");

        Assert.All(bench.Readings, reading => Assert.Equal(TimeMarks.None, reading.Marks));
        Assert.Equal([LevelHigh], bench.Calls);
        Assert.Equal(Raised(Flood("")) + seconds, Raised(bench));
    }

    [Fact]
    public void A_clock_that_is_set_back_in_a_flood_makes_it_told_later_by_no_more_than_that()
    {
        // Until its clock has made up for it, what the device says is older than what it said before: history, that pages nobody.
        using var bench = Flood("- {fault: clock_skew, device: PS-1, by: -10min, at: 8min}");

        Assert.Equal([LevelHigh], bench.Calls);
        Assert.InRange(Told(bench), Told(Flood("")), Told(Flood("")) + (10 * 60_000));
    }

    [Theory]
    [InlineData("duplicate, copies: 3")]
    [InlineData("duplicate, copies: 2, after: 45s")]
    [InlineData("duplicate, chance: 60 %, after: 5min")]
    [InlineData("redelivery, last: 500, at: 12min, every: 1min")]
    public void Duplicates_and_redelivery_storms_change_nothing_in_the_journal(string fault)
    {
        using var clean = Flood("");
        using var bench = Flood($"- {{fault: {fault}}}");

        Assert.True(bench.Sent.Count > clean.Sent.Count * 5 / 4, $"{bench.Sent.Count} of {clean.Sent.Count}");
        Assert.Equal(clean.Lines, bench.Lines);
        Assert.Equal(clean.Sent.Count, bench.Verdicts.Count(of => of.Verdicts.All(verdict => verdict == Rules.Operators.ValueVerdict.Accept)));
    }

    [Fact]
    public void Reordering_changes_no_alarm_nor_its_times()
    {
        using var clean = Flood("");
        using var bench = Flood("- {fault: reorder, within: 20s}");

        Assert.NotEqual(clean.Readings.Select(reading => reading.Sequence), bench.Readings.Select(reading => reading.Sequence));
        Assert.Equal(clean.Alarms, bench.Alarms);
    }

    [Fact]
    public void A_backfill_gives_the_same_alarms_oldest_or_newest_first_or_spread()
    {
        var alarms = new[] { "oldest_first", "newest_first", "oldest_first, over: 2min", "newest_first, over: 2min" }.Select(order =>
        {
            // Gone before the flood is told, back before it is over.
            using var bench = Flood($"- {{fault: gateway_offline, gateway: gw-1, at: 8min, for: 10min, backfill: {order}}}");
            Assert.Contains(LevelHigh, bench.Calls);
            Assert.Equal(1, bench.Journal.Count(transition => transition is { Alarm: { Device: "gw-1", Rule: "offline" }, From: Rules.Alarms.AlarmState.Normal }));
            Assert.DoesNotContain(bench.Journal, transition => transition.Alarm is { Device: "PS-1", Rule: "offline" });
            return bench.Alarms.ToList();
        }).ToList();

        Assert.All(alarms, of => Assert.Equal(alarms[0], of));
        Assert.Contains(Flood("").Alarms.Single(), alarms[0]);
    }

    [Fact]
    public void A_gateway_that_lost_its_memory_is_one_alarm_and_the_flood_is_told_when_it_is_back()
    {
        using var bench = Flood("- {fault: gateway_offline, gateway: gw-1, at: 8min, for: 10min, backfill: lost}");

        Assert.Equal(["gw-1 offline", "PS-1 level_high"], bench.Calls.Select(call => call[..call.LastIndexOf(' ')]));
    }

    [Theory]
    [InlineData("by: 3 m, at: 10min")]
    [InlineData("by: -50 m, at: 10min")]
    [InlineData("by: 2000 m, at: 10min, every: 2min")]
    public void A_spike_calls_nobody_where_the_channel_has_a_max_rate(string how) =>
        Assert.Empty(Calm($"- {{fault: spike, device: PS-1, channel: sump_level, {how}}}").Calls);

    [Fact]
    public void A_spike_whose_next_reading_is_lost_counts_after_ten_seconds_and_calls() =>
        Assert.Contains("PS-1 level_high critical", Calm(
            """
            - {fault: spike, device: PS-1, channel: sump_level, by: 3 m, at: 600s}
            - {fault: dropout, device: PS-1, at: 605s, for: 10s}
            """).Calls);

    [Fact]
    public void A_spike_of_a_channel_without_max_rate_calls()
    {
        // Gas comes at once: nothing waits for a second value.
        using var bench = Gas("- {fault: spike, device: GAS-1, channel: methane_lel, by: 40 %LEL, at: 10min}");

        Assert.Contains("GAS-1 leak_high critical", bench.Calls);
    }

    [Fact]
    public void Metres_sent_in_millimetres_raise_uncertain_alarms_and_nothing_says_why()
    {
        using var bench = Calm("- {fault: unit_mix_up, device: PS-1, channel: sump_level, sent_in: mm, at: 10min}");

        Assert.All(LevelsOf(bench, from: 600), value => Assert.Equal(Quality.Uncertain, value.Quality));
        Assert.Contains("PS-1 level_high critical", bench.Calls);
    }

    [Fact]
    public void Metres_sent_in_kilometres_are_plausible_and_hide_a_flood() =>
        Assert.DoesNotContain(LevelHigh, Flood("- {fault: unit_mix_up, device: PS-1, channel: sump_level, sent_in: km}").Calls);

    [Fact]
    public void A_level_that_is_stuck_while_the_pumps_cycle_is_told_and_one_in_a_quiet_station_is_not()
    {
        using var cycling = FaultBench.Play("- {fault: stuck, device: PS-1, channel: sump_level, at: 5min}", Register, Levels(second => 1.1 + (0.15 * Math.Sin(second / 60)), Half), Half);
        Assert.Contains("PS-1 level_lost critical", cycling.Calls);

        Assert.Empty(Calm("- {fault: stuck, device: PS-1, channel: sump_level, at: 5min}").Calls);
    }

    [Fact]
    public void Drift_is_not_seen_before_it_crosses_a_limit()
    {
        // 1 m to 2.2 m at 4 m/h: 18 min.
        using var bench = Calm("- {fault: drift, device: PS-1, channel: sump_level, rate: 4 m/h}");

        Assert.All(bench.Journal, transition => Assert.True(transition.ReceivedAt > FaultBench.Zero + (5 * 60_000)));
        Assert.InRange(Raised(bench), 17 * 60, 20 * 60);
    }

    [Fact]
    public void Readings_lost_by_chance_call_nobody_else_and_clear_nothing()
    {
        using var bench = Flood("seed: 3\nfaults:\n- {fault: dropout, device: PS-1, chance: 30 %}\n");

        Assert.True(bench.Ledger.Count > 30);
        Assert.Equal([LevelHigh], bench.Calls);
        Assert.Equal(1, bench.Journal.Count(transition => transition.Alarm.Rule == "level_high" && transition.From == Rules.Alarms.AlarmState.Normal));
    }

    [Fact]
    public void A_channel_that_is_missing_is_told_as_lost_and_a_device_that_is_missing_as_offline()
    {
        Assert.Contains("PS-1 level_lost critical", Calm("- {fault: dropout, device: PS-1, channel: sump_level, at: 10min}").Calls);

        // Beside one that is heard: alone behind its gateway it would be the gateway's silence.
        IReadOnlyList<Device> two = [.. Register, Register[0] with { Id = "PS-2" }];
        var readings = Levels(Station.Calm, Half).SelectMany(reading => new[] { reading, Of("PS-2", reading) });
        using var bench = FaultBench.Play("- {fault: dropout, device: PS-1, at: 10min}", two, readings, Half);
        Assert.StartsWith("PS-1 offline", bench.Calls.First(), StringComparison.Ordinal);
        Assert.All(bench.Calls, call => Assert.StartsWith("PS-1 ", call, StringComparison.Ordinal));
    }

    [Fact]
    public void The_midnight_herd_is_no_mass_silence()
    {
        // 23:50 in China; eighty kitchens that report once a day, all at midnight, for two days.
        const long Start = FaultBench.Zero + (230 * 60_000L);
        var kitchens = Enumerable.Range(1, 80).Select(n => new Device { Id = $"GAS-{n}", Family = "gas_valve", Gateway = "gw-2", District = "Xihu", Heartbeat = "24h" }).ToList();
        var readings = kitchens.SelectMany(kitchen => Kitchen(2 * 86_400, Start, kitchen.Id, every: 4 * 3600)).OrderBy(reading => reading.EventTime);
        using var bench = FaultBench.Play("- {fault: herd}", kitchens, readings, 2 * 86_400, Start);

        Assert.Equal(2 * 80, bench.Sent.Count);
        Assert.Equal(2, bench.Readings.Select(reading => reading.EventTime).Distinct().Count());
        Assert.Empty(bench.Journal);
    }

    private static FaultBench Calm(string faults) => FaultBench.Play(faults, Register, Levels(Station.Calm, Half), Half);

    private static FaultBench Flood(string faults) => FaultBench.Play(faults, Register, Levels(Station.Flood, Half), Half);

    private static FaultBench Gas(string faults) => FaultBench.Play(faults, Kitchens, Kitchen(Half), Half);

    private static Reading Of(string device, Reading reading) => new()
    {
        Gateway = reading.Gateway, Family = reading.Family, Device = device, SentTime = reading.SentTime, EventTime = reading.EventTime, Sequence = reading.Sequence, Values = reading.Values,
    };

    private static long Told(FaultBench bench) => bench.Journal.First(transition => transition.Alarm.Rule == "level_high" && Rules.Alarms.LoadCall.Is(transition)).ReceivedAt;

    private static double Raised(FaultBench bench) => FaultBench.Second(bench.Journal.First(transition => transition.Alarm.Rule == "level_high").Alarm.RaisedAt);

    private static IEnumerable<ChannelValue> LevelsOf(FaultBench bench, double from, double to = Half) =>
        bench.Readings.Where(reading => FaultBench.Second(reading.EventTime) >= from && FaultBench.Second(reading.EventTime) < to).SelectMany(reading => reading.Values).Where(value => value.Channel == "sump_level");
}
