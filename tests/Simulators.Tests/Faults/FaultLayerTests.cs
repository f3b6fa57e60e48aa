using Telemetry.Simulators.City;
using Telemetry.Simulators.Faults;
using static Telemetry.Simulators.Tests.Faults.FaultStream;

namespace Telemetry.Simulators.Tests.Faults;

/// <summary>What each fault makes of a stream, and what the ledger says of it.</summary>
public sealed class FaultLayerTests
{
    [Fact]
    public void Stuck_goes_on_showing_what_it_showed_first_until_it_is_over()
    {
        var played = Play("- {fault: stuck, device: pump-1, channel: sump_level, at: 10s, for: 30s}", Levels(1.0, 1.1, 1.2, 1.1, 1.4));

        Assert.Equal([1.0, 1.1, 1.1, 1.1, 1.4], played.Numbers());
        // The reading that shows the same anyway differs in nothing.
        var only = Assert.Single(played.Ledger);
        Assert.Equal(("stuck", 1, "pump-1", "sump_level", 3L, Zero + 10_000, Zero + 40_000L, Zero + 20_000, (object)1.2, (object)1.1), (only.Fault, only.Number, only.Device, only.Channel, only.Sequence, only.From, only.To, only.At, only.Original, only.Sent));
    }

    [Fact]
    public void Stuck_again_sticks_where_it_is_then()
    {
        var played = Play("- {fault: stuck, channel: sump_level, at: 0s, for: 20s, every: 30s}", Levels(1, 2, 3, 4, 5, 6));

        Assert.Equal([1, 1, 3, 4, 4, 6], played.Numbers());
    }

    [Fact]
    public void Stuck_switches_and_states_of_all_instances()
    {
        var played = Play("- {fault: stuck, channel: pump_run}", Levels(1, 1, 1));

        Assert.Equal([1, 1, 1], played.Numbers("pump_run.1"));
        Assert.Equal((object)false, Assert.Single(played.Ledger).Original);
    }

    [Theory]
    [InlineData("rate: 0.6 m/min", new[] { 1, 1.1, 1.2 })]
    [InlineData("rate: -36 m/h", new[] { 1, 0.9, 0.8 })]
    [InlineData("rate: 10 mm/s, at: 10s", new[] { 1, 1, 1.1 })]
    public void Drift_grows_with_time_since_its_begin_in_the_channels_unit(string how, double[] expected) =>
        Assert.Equal(expected, Play($"- {{fault: drift, channel: sump_level, {how}}}", Levels(1, 1, 1)).Numbers().Select(number => Math.Round(number, 9)));

    [Theory]
    [InlineData("by: 3 m, at: 5s", new[] { 1.0, 4, 1, 1, 1 })]
    [InlineData("by: -50 cm, at: 5s, every: 20s", new[] { 1.0, 0.5, 1, 0.5, 1 })]
    [InlineData("by: 3, at: 10s, for: 20s", new[] { 1.0, 4, 4, 1, 1 })]
    public void A_spike_is_one_reading_long_unless_it_is_said_how_long(string how, double[] expected) =>
        Assert.Equal(expected, Play($"- {{fault: spike, channel: sump_level, {how}}}", Levels(1, 1, 1, 1, 1)).Numbers());

    [Fact]
    public void A_unit_mix_up_sends_the_number_of_another_unit() =>
        Assert.Equal([1200, 1300], Play("- {fault: unit_mix_up, channel: sump_level, sent_in: mm}", Levels(1.2, 1.3)).Numbers().Select(number => Math.Round(number, 6)));

    [Fact]
    public void A_sentinel_is_a_number_or_a_text()
    {
        Assert.Equal([-9999, -9999], Play("- {fault: sentinel, channel: sump_level, value: -9999}", Levels(1.2, 1.3)).Numbers());
        var text = Play("- {fault: sentinel, channel: sump_level, value: NaN}", Levels(1.2));
        Assert.Contains("\"sump_level\":\"NaN\"", Payload(text.Readings.Single()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dropout_takes_a_channel_or_whole_readings()
    {
        Assert.Equal([1, 3], Play("- {fault: dropout, channel: sump_level, at: 10s, for: 10s}", Levels(1, 2, 3)).Numbers());
        var whole = Play("- {fault: dropout, at: 10s, for: 10s}", Levels(1, 2, 3));
        Assert.Equal(["0 pump-1#1", "20 pump-1#3"], whole.Sent);
        Assert.Equal([(2L, null)], whole.Ledger.Select(line => (line.Sequence!.Value, line.Sent)));
    }

    [Fact]
    public void A_reading_without_values_is_not_sent()
    {
        var played = Play("- {fault: dropout, channel: '*'}", Levels(1));

        Assert.Empty(played.Out);
        Assert.Equal(["sump_level", "pump_run.1", "power_supply"], played.Ledger.Select(line => line.Channel));
    }

    [Theory]
    [InlineData("clock_skew, by: 3min", 190_000)]
    [InlineData("clock_skew, by: -10min", -590_000)]
    [InlineData("local_time", 28_810_000)]
    public void A_clock_that_is_wrong_stamps_another_time_and_leaves_the_values(string fault, long expected)
    {
        var played = Play($"- {{fault: {fault}, at: 10s}}", Levels(1, 2));

        Assert.Equal([Zero, Zero + expected], played.Readings.Select(reading => reading.SentTime!.Value));
        Assert.Equal([1, 2], played.Numbers());
        Assert.Equal([(Zero + 10_000, Zero + expected)], played.Ledger.Select(line => ((long)line.Original!, (long)line.Sent!)));
        // When it leaves is not the clock's affair.
        Assert.Equal([0, 10], played.Out.Select(sending => Second(sending.Due)));
    }

    [Fact]
    public void A_clock_that_was_reset_counts_from_1970_and_one_in_seconds_says_seconds()
    {
        Assert.Equal([Zero, 5_000, 15_000], Play("- {fault: clock_reset, at: 5s}", Levels(1, 2, 3)).Readings.Select(reading => reading.SentTime!.Value));
        Assert.Equal([Zero / 1000, (Zero / 1000) + 10], Play("- {fault: seconds}", Levels(1, 2)).Readings.Select(reading => reading.SentTime!.Value));
    }

    [Theory]
    [InlineData("", "0 pump-1#1|10 gw-1 down|35 gw-1 up|35 pump-1#2|35 pump-1#3|35 pump-1#4|40 pump-1#5")]
    [InlineData(", backfill: newest_first", "0 pump-1#1|10 gw-1 down|35 gw-1 up|35 pump-1#4|35 pump-1#3|35 pump-1#2|40 pump-1#5")]
    [InlineData(", backfill: lost", "0 pump-1#1|10 gw-1 down|35 gw-1 up|40 pump-1#5")]
    [InlineData(", backfill: newest_first, over: 9s", "0 pump-1#1|10 gw-1 down|35 gw-1 up|35 pump-1#4|38 pump-1#3|40 pump-1#5|41 pump-1#2")]
    public void A_gateway_that_is_offline_keeps_its_readings_and_gives_them_out_as_it_is_told(string how, string expected) =>
        Assert.Equal(expected.Split('|'), Play($"- {{fault: gateway_offline, gateway: gw-1, at: 10s, for: 25s{how}}}", Levels(1, 2, 3, 4, 5)).Sent);

    [Fact]
    public void A_gateway_that_is_offline_at_the_end_still_comes_back()
    {
        var played = Play("- {fault: gateway_offline, gateway: gw-1, at: 10s, for: 30s, every: 50s}", Levels(1, 2));

        Assert.Equal(["0 pump-1#1", "10 gw-1 down", "40 gw-1 up", "40 pump-1#2"], played.Sent);
    }

    [Fact]
    public void Duplicates_come_at_once_or_later()
    {
        Assert.Equal(["0 pump-1#1", "0 pump-1#1", "0 pump-1#1", "10 pump-1#2"], Play("- {fault: duplicate, copies: 2, for: 10s}", Levels(1, 2)).Sent);
        Assert.Equal(["0 pump-1#1", "10 pump-1#2", "15 pump-1#1"], Play("- {fault: duplicate, after: 15s, for: 10s}", Levels(1, 2)).Sent);
    }

    [Fact]
    public void Reordering_loses_nothing_and_delays_nothing_longer_than_it_may()
    {
        var played = Play("- {fault: reorder, within: 60s}", Levels(Enumerable.Repeat(1.0, 100)));

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), played.Readings.Select(reading => reading.Sequence!.Value).Order());
        Assert.NotEqual(played.Readings.Select(reading => reading.Sequence).Order(), played.Readings.Select(reading => reading.Sequence));
        Assert.All(played.Out, sending => Assert.InRange(sending.Due - ((ReadingDue)sending.What).Reading.EventTime, 0, 60_000));
        Assert.Equal(played.Out.Select(sending => sending.Due).Order(), played.Out.Select(sending => sending.Due));
    }

    [Fact]
    public void A_redelivery_sends_the_last_of_each_gateway_again_in_their_order() =>
        Assert.Equal(
            ["0 pump-1#1", "10 pump-1#2", "20 pump-1#3", "25 pump-1#2", "25 pump-1#3", "30 pump-1#4"],
            Play("- {fault: redelivery, gateway: gw-1, last: 2, at: 25s}", Levels(1, 2, 3, 4)).Sent);

    [Fact]
    public void A_herd_reports_at_the_full_minute_of_chinas_day_and_not_in_between()
    {
        var played = Play("- {fault: herd, every: 60s, at: 0s, for: 65s}",
            Pump(3, 1, 1.0), Pump(7, 1, 2.0, "pump-2"), Pump(23, 2, 1.1), Pump(43, 3, 1.2), Pump(63, 4, 1.3), Pump(83, 5, 1.4));

        Assert.Equal(["60 pump-1#3", "60 pump-2#1", "83 pump-1#5", "120 pump-1#4"], played.Sent);
        Assert.Equal(Zero + 60_000, played.Readings.First().SentTime);
        Assert.Equal([(1L, null), (2L, null), (3L, "2026-05-31T16:01:00.000Z"), (1L, "2026-05-31T16:01:00.000Z"), (4L, "2026-05-31T16:02:00.000Z")], played.Ledger.Select(line => (line.Sequence!.Value, (string?)line.Sent)));
    }

    [Fact]
    public void Whatever_the_files_order_a_sensor_errs_first_and_a_dead_gateway_keeps_what_is_late_and_doubled()
    {
        var played = Play(
            """
            - {fault: gateway_offline, gateway: gw-1, at: 15s, for: 30s}
            - {fault: duplicate, at: 10s, for: 10s, after: 8s}
            - {fault: clock_skew, by: 1min, at: 10s, for: 10s}
            - {fault: spike, channel: sump_level, by: 1 m, at: 10s}
            """, Levels(1, 1, 1));

        Assert.Equal(["0 pump-1#1", "10 pump-1#2", "15 gw-1 down", "45 gw-1 up", "45 pump-1#2", "45 pump-1#3"], played.Sent);
        Assert.Equal([1, 2, 2, 1], played.Numbers());
        Assert.Equal([Zero, Zero + 70_000, Zero + 70_000, Zero + 20_000], played.Readings.Select(reading => reading.SentTime!.Value));
    }

    [Fact]
    public void Chance_strikes_a_share_and_each_device_by_itself()
    {
        var clean = Levels(Enumerable.Repeat(1.0, 2000)).ToList();
        var both = clean.SelectMany(one => new[] { one, Pump(one.Second, one.Reading.Sequence!.Value, 1, "pump-2") });
        const string Faults = "- {fault: dropout, device: pump-1, chance: 10 %}";

        var alone = Play(Faults, clean);
        Assert.InRange(alone.Ledger.Count, 150, 250);
        Assert.Equal(alone.Ledger, Play(Faults, both).Ledger);
        Assert.NotEqual(alone.Ledger.Select(line => line.Sequence), Play("- {fault: dropout, chance: 10 %}", both).Ledger.Where(line => line.Device == "pump-2").Select(line => line.Sequence));
    }

    [Fact]
    public void Only_those_that_are_meant_are_struck()
    {
        var clean = new[] { Pump(0, 1, 1), Pump(0, 1, 1, "pump-2"), Pump(0, 1, 1, "cover-1", "gw-2") };

        Assert.Equal([("pump-2", 1L)], Struck("device: pump-2"));
        Assert.Equal([("pump-1", 1L), ("pump-2", 1L)], Struck("gateway: gw-1"));
        Assert.Equal([("pump-1", 1L), ("pump-2", 1L)], Struck("device: pump-*, family: drainage_pump"));

        IEnumerable<(string, long)> Struck(string who) => Play($"- {{fault: dropout, {who}}}", clean).Ledger.Select(line => (line.Device!, line.Sequence!.Value));
    }

    [Fact]
    public void A_line_of_the_ledger_is_json_with_all_that_differs()
    {
        var played = Play("- {fault: sentinel, channel: sump_level, value: -9999, at: 0s, for: 10s}", Levels(1.25));

        Assert.Equal(
            """{"fault":"sentinel","number":1,"gateway":"gw-1","device":"pump-1","channel":"sump_level","seq":1,"from":"2026-05-31T16:00:00.000Z","to":"2026-05-31T16:00:10.000Z","original":1.25,"sent":-9999,"at":"2026-05-31T16:00:00.000Z"}""",
            FaultLedger.Line(Assert.Single(played.Ledger)));
    }
}
