using Telemetry.Simulators.Faults;

namespace Telemetry.Simulators.Tests.Faults;

public sealed class FaultReaderTests
{
    private static readonly Sender[] Senders =
    [
        new("pump-1", "drainage_pump", "gw-1"), new("cover-1", "manhole_cover", "gw-2"), new("gas-1", "gas_valve", "gw-2"), new("tunnel-1", "tunnel", "gw-2"),
    ];

    [Fact]
    public void Every_mistake_comes_at_once_with_file_line_and_what_would_be_right()
    {
        Assert.Equal(
        [
            "f.yaml:1:7: seed: 'x': expected a whole number of 0 to 2147483647",
            "f.yaml:3:13: faults[0].fault: 'stuk' is not one of stuck, drift, spike, sentinel, unit_mix_up, dropout, clock_skew, local_time, clock_reset, seconds, gateway_offline, duplicate, reorder, redelivery, herd; did you mean 'stuck'?",
            "f.yaml:4:5: faults[1]: channel is missing; say which channel: channel: sump_level",
            "f.yaml:5:28: faults[2].device: no device is meant by this: 'pump-2'; did you mean 'pump-1'?",
            "f.yaml:6:45: faults[3].channel: none of the devices that are meant has a channel 'sump_levl'; did you mean 'sump_level'?",
            "f.yaml:7:63: faults[4].rate: '3 kPa/h' does not fit drainage_pump's sump_level, which is in m; rate: 0.05 m/h would be right",
            "f.yaml:8:45: faults[5].channel: drainage_pump's power_supply is no number; this fault is one of numbers",
            "f.yaml:9:72: faults[6].sent_in: 'm' does not fit drainage_pump's sump_level, which is in m; sent_in: mm would be right",
            "f.yaml:10:40: faults[7].for: it would begin again before it is over; for must not be longer than every",
            "f.yaml:11:30: faults[8].chance: '120 %': the share of readings that it strikes, above 0 % and at most 100 %, would be right: chance: 2 %",
            "f.yaml:12:5: faults[9]: for is missing; say how long: for: 20min",
            "f.yaml:12:39: faults[9].gateway: there is no gateway 'gw-3'; did you mean 'gw-1'?",
            "f.yaml:13:49: faults[10].backfill: 'newest' is not one of oldest_first, newest_first, lost",
            "f.yaml:14:26: faults[11].every: a day must be a whole number of it; write every: 24h, 12h or 60s",
            "f.yaml:15:29: faults[12].by: 'soon' is not a duration; write 3min, -10min or 8h",
            "f.yaml:16:24: faults[13].chanse: unknown key 'chanse'; did you mean 'chance'?",
        ], Errors(
            """
            seed: x
            faults:
              - {fault: stuk}
              - {fault: stuck}
              - {fault: stuck, device: pump-2, channel: sump_level}
              - {fault: stuck, device: pump-1, channel: sump_levl}
              - {fault: drift, device: pump-1, channel: sump_level, rate: 3 kPa/h}
              - {fault: spike, device: pump-1, channel: power_supply, by: 1}
              - {fault: unit_mix_up, device: pump-1, channel: sump_level, sent_in: m}
              - {fault: dropout, every: 1min, for: 2min}
              - {fault: dropout, chance: 120 %}
              - {fault: gateway_offline, gateway: gw-3}
              - {fault: gateway_offline, for: 1h, backfill: newest}
              - {fault: herd, every: 7h}
              - {fault: clock_skew, by: soon}
              - {fault: duplicate, chanse: 2 %}
            """));
    }

    [Theory]
    [InlineData("", "empty; a fault file begins with faults: and a list")]
    [InlineData("[a]", "expected faults: and a list, found a list")]
    [InlineData("faults: {", "not YAML")]
    [InlineData("faults: 1", "faults: expected a list, found '1'")]
    [InlineData("seed: 1", "faults is missing; write faults: and a list of them")]
    [InlineData("faults: [{at: 1min}]", "fault is missing; say which: stuck, drift")]
    [InlineData("faults: [{fault: stuck, channel: sump_level, for: 0s}]", "a fault lasts longer than nothing; write for: 10min")]
    public void What_is_no_fault_file_is_refused_with_a_reason(string text, string expected) =>
        Assert.Contains(expected, string.Join('\n', Errors(text)), StringComparison.Ordinal);

    [Fact]
    public void A_channel_of_several_families_takes_the_quantity_in_the_unit_of_each() =>
        Assert.Empty(Errors("faults: [{fault: spike, channel: carbon_monoxide, by: '20 [ppm]'}]"));

    [Fact]
    public void A_prefix_stands_before_every_name()
    {
        var (plan, errors) = FaultReader.Read("f.yaml", "faults: [{fault: dropout, device: pump-*, gateway: gw-1}, {fault: redelivery}]", [new("x-pump-1", "drainage_pump", "x-gw-1")], "x-");

        Assert.Empty(errors);
        Assert.Equal(new FaultWho("x-pump-*", "x-gw-1", null), plan!.Faults[0].Who);
        Assert.Equal(["x-gw-1"], ((RedeliveryFault)plan.Faults[1]).Gateways);
    }

    private static IEnumerable<string> Errors(string text) => FaultReader.Read("f.yaml", text, Senders).Errors.Select(error => error.ToString());
}
