using Telemetry.Simulators.Scenarios;

namespace Telemetry.Simulators.Tests.Scenarios;

public sealed class ScenarioReaderTests
{
    private const string Head =
        """
        scenario: small
        title: {en: Small, zh: 小}
        begins: "02:00"
        lasts: 10min
        city: {devices: 40}

        """;

    [Fact]
    public void Every_mistake_comes_at_once_with_file_line_and_what_would_be_right()
    {
        var errors = ScenarioReader.Read("s.yaml",
            """
            scenario: small
            title: {en: Small, zh: 小}
            begins: "25:00"
            lasts: 2d
            city: {devices: 7, sead: 1}
            register:
              cover-9999: {street: Bayi Avenue}
            story:
              - {at: 1min, device: cover-0001, what: cover_liftd}
              - {at: 1min, device: pump-001, what: cover_lifted}
              - {at: 1min, device: pump-001, what: pump_jams}
              - {at: 1min, device: pump-001, what: pump_jams, pump: 9}
              - {at: 1min, device: nobody, what: restored}
              - {device: gas-0001, what: hose_bursts, expect: [{rule: leek_high, within: 1min}, {rule: leak_high}, {rule: leak_high, device: Nowhere, within: soon}]}
            allow:
              - {rule: leak_low}
            at_most: {alarms_a_day: many}
            expects: []
            """).Errors.Select(error => error.ToString()).ToList();

        Assert.Equal(
        [
            "s.yaml:3:9: begins: '25:00' is not a time of day; write \"17:30\"",
            "s.yaml:4:8: lasts: expected more than 0 and at most 24h",
            "s.yaml:5:17: city.devices: '7': expected a whole number of 40 to 1000000",
            "s.yaml:5:20: city.sead: unknown key 'sead'; did you mean 'seed'?",
            "s.yaml:7:3: register.cover-9999: the city has no device 'cover-9999'; did you mean 'cover-0009'?",
        ], errors.Take(5));
        Assert.Contains(errors, error => error.StartsWith("s.yaml:9:", StringComparison.Ordinal) && error.Contains("did you mean 'cover_lifted'?", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("s.yaml:10:", StringComparison.Ordinal) && error.EndsWith("this happens to a manhole_cover, and 'pump-001' is a drainage_pump", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("s.yaml:11:", StringComparison.Ordinal) && error.EndsWith("pump is missing; say which: pump: 1", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("s.yaml:12:", StringComparison.Ordinal) && error.EndsWith("'9': expected a whole number of 1 to 3", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("s.yaml:13:", StringComparison.Ordinal) && error.Contains("the city has no device 'nobody'", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("s.yaml:14:", StringComparison.Ordinal) && error.EndsWith("at is missing; say when, since the begin: at: 2min", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.EndsWith("no shipped family has a rule 'leek_high'; did you mean 'leak_high'?", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.EndsWith("within is missing; say how long it may take until it is told: within: 30s", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("the city has no device, gateway or place 'Nowhere'", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("'soon' is not a duration", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("because is missing", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("unknown key 'expects'", StringComparison.Ordinal));
    }

    [Fact]
    public void Faults_stand_in_a_story_and_what_they_must_tell_is_looked_for_at_each_that_they_strike()
    {
        var scenario = Read(
            """
            faults:
              - {fault: stuck, device: pump-*, channel: sump_level, at: 2min, expect: [{rule: level_lost, within: 5min}]}
              - {fault: gateway_offline, gateway: gw-xihu-*, at: 3min, for: 1min, expect: [{rule: offline, within: 10s}]}
            """);

        Assert.Equal(["stuck", "gateway_offline"], scenario.Faults.Faults.Select(fault => fault.Word));
        var gateways = scenario.Devices.Select(device => device.Gateway!).Where(gateway => gateway.StartsWith("gw-xihu-", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(gateways.Count > 1);
        Assert.Equal(
            [("stuck", 120.0, "pump-001"), ("stuck", 120, "pump-002"), .. gateways.Select(gateway => ("gateway_offline", 180.0, gateway))],
            scenario.Truths.Select(truth => (truth.Event, truth.At.TotalSeconds, truth.Device)));
        Assert.Equal(
            ["s.yaml:6:68: faults[0].at: after the end; see lasts", "s.yaml:6:88: faults[0].expect[0].rule: no shipped family has a rule 'level_lorst'; did you mean 'level_lost'?"],
            Errors("faults: [{fault: stuck, device: pump-001, channel: sump_level, at: 1h, expect: [{rule: level_lorst, within: 1s}]}]"));
    }

    [Theory]
    [InlineData("", "empty; a scenario file begins with scenario: NAME")]
    [InlineData("[a, b]", "expected scenario: NAME and what follows, found a list")]
    [InlineData("scenario: {", "not YAML")]
    [InlineData("story: [1, {at: 1min}]", "expected a mapping, found '1'")]
    [InlineData("story: 1", "expected a list, found '1'")]
    public void What_is_no_scenario_is_refused_with_a_reason(string text, string expected) =>
        Assert.Contains(expected, string.Join('\n', ScenarioReader.Read("s.yaml", text).Errors), StringComparison.Ordinal);

    [Fact]
    public void An_event_after_the_end_is_refused() =>
        Assert.Equal(["s.yaml:6:14: story[0].at: after the end; see lasts"], Errors("story: [{at: 11min, device: gas-0001, what: restored}]"));

    [Fact]
    public void Several_devices_are_struck_one_after_another_and_each_is_expected()
    {
        var scenario = Read("story: [{at: 1min, apart: 30s, device: pump-*, what: storm_hits, mm_per_h: 80, expect: [{rule: level_high, within: 5min}]}]");

        Assert.Equal([(60, "pump-001", 80), (90, "pump-002", 80)], scenario.Events.Select(happening => ((int)happening.At.TotalSeconds, happening.Device, happening.Number)));
        Assert.Equal(["pump-001", "pump-002"], scenario.Truths.Select(truth => truth.Device));
    }

    [Fact]
    public void Events_come_in_order_of_time_however_they_are_written() =>
        Assert.Equal(["gas-0002", "gas-0001"], Read("story: [{at: 2min, device: gas-0001, what: restored}, {at: 1min, device: gas-0002, what: restored}]").Events.Select(happening => happening.Device));

    [Fact]
    public void A_prefix_stands_before_devices_gateways_and_links_and_not_before_places()
    {
        var text = Head + """
            register: {pump-002: {links: {gauge: pump-001, catchment: C-1}}}
            story:
              - {at: 1min, device: gw-donghu-1, what: gateway_dies, expect: [{rule: offline, within: 15s}, {rule: street_flooding, device: C-1, within: 1min}]}
            """;
        var scenario = ScenarioReader.Read("s.yaml", text, new ScenarioCity(Prefix: "x-")).Scenario!;

        Assert.All(scenario.Devices, device => Assert.StartsWith("x-", device.Id, StringComparison.Ordinal));
        var pump = scenario.Devices.Single(device => device.Id == "x-pump-002");
        Assert.Equal(("x-pump-001", "C-1"), (pump.Links["gauge"], pump.Links["catchment"]));
        Assert.Equal("x-gw-donghu-1", scenario.Events.Single().Device);
        Assert.Equal(["x-gw-donghu-1", "C-1"], scenario.Truths.Select(truth => truth.Device));
        Assert.Equal(scenario.Devices.Select(device => device.Id), scenario.City(DateTimeOffset.UnixEpoch).Devices.Select(device => device.Id));
    }

    private static IEnumerable<string> Errors(string rest) => ScenarioReader.Read("s.yaml", Head + rest).Errors.Select(error => error.ToString());

    private static Scenario Read(string rest)
    {
        var result = ScenarioReader.Read("s.yaml", Head + rest);
        Assert.Empty(result.Errors);
        return result.Scenario!;
    }
}
