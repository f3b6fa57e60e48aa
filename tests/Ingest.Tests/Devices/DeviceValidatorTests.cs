using Telemetry.Ingest.Api;
using Telemetry.Ingest.Devices;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Devices;

public class DeviceValidatorTests
{
    private static readonly DeviceValidator Validator = new(new FamilyCatalog(SomeFamilies.All));

    private static readonly Device Good = new()
    {
        Id = "PS-1",
        Family = "drainage_pump",
        Gateway = "GW-1",
        District = "黄浦",
        Street = "南京路",
        Latitude = 31.2304,
        Longitude = 121.4737,
        Parent = "PH-1",
        Heartbeat = "12h",
        Settings = new Dictionary<string, string> { ["high_level"] = "2.4", ["road"] = "verge" },
        Links = new Dictionary<string, string> { ["gauge"] = "RG-1" },
        Sensors = new Dictionary<string, string> { ["24E124"] = "", ["862592051651472"] = "milesight-em500-swl", ["g/n/d"] = "milesight-vs330 5" },
    };

    public static TheoryData<string, string, Device> Mistakes => new()
    {
        { "id", "井盖", Good with { Id = "井盖" } },
        { "id", "", Good with { Id = "" } },
        { "family", "pump", Good with { Family = "pump" } },
        { "family", "gateway", Good with { Family = "gateway" } },
        { "gateway", "a/b", Good with { Gateway = "a/b" } },
        { "parent", "PS-1", Good with { Parent = "PS-1" } },
        { "district", "a/b", Good with { District = "a/b" } },
        { "district", "_", Good with { District = "_" } },
        { "street", new string('x', 201), Good with { Street = new string('x', 201) } },
        { "address", "two\nlines", Good with { Address = "two\nlines" } },
        { "latitude", "90.5", Good with { Latitude = 90.5 } },
        { "longitude", "-181", Good with { Longitude = -181 } },
        { "longitude", "NaN", Good with { Longitude = double.NaN } },
        { "longitude", null!, Good with { Longitude = null } },
        { "heartbeat", "soon", Good with { Heartbeat = "soon" } },
        { "heartbeat", "500ms", Good with { Heartbeat = "500ms" } },
        { "heartbeat", "31d", Good with { Heartbeat = "31d" } },
        { "state", "Live", Good with { State = "Live" } },
        { "settings.highlevel", "2.4", Good with { Settings = new Dictionary<string, string> { ["highlevel"] = "2.4" } } },
        { "settings.high_level", "high", Good with { Settings = new Dictionary<string, string> { ["high_level"] = "high" } } },
        { "settings.high_level", "2.4 A", Good with { Settings = new Dictionary<string, string> { ["high_level"] = "2.4 A" } } },
        { "settings.high_level", "2400 cm", Good with { Settings = new Dictionary<string, string> { ["high_level"] = "2400 cm" } } },
        { "settings.road", "2", Good with { Settings = new Dictionary<string, string> { ["road"] = "2" } } },
        { "links.Gauge", "RG-1", Good with { Links = new Dictionary<string, string> { ["Gauge"] = "RG-1" } } },
        { "links.gauge", "a b", Good with { Links = new Dictionary<string, string> { ["gauge"] = "a b" } } },
        { "links.guage", "RG-1", Good with { Links = new Dictionary<string, string> { ["guage"] = "RG-1" } } },
        { "links.street", "S-1", Good with { Links = new Dictionary<string, string> { ["street"] = "S-1" } } },
        { "sensors", "a b", Sensing("a b", "") },
        { "sensors", "a=b", Sensing("a=b", "") },
        { "sensors", "井", Sensing("井", "") },
        { "sensors", "", Sensing("", "") },
        { "sensors", new string('x', 129), Sensing(new string('x', 129), "") },
        { "sensors.w", " 5", Sensing("w", " 5") },
        { "sensors.w", "m 0", Sensing("w", "m 0") },
        { "sensors.w", "m 1000", Sensing("w", "m 1000") },
        { "sensors.w", "m 5 6", Sensing("w", "m 5 6") },
        { "sensors.w", "m ", Sensing("w", "m ") },
        { "sensors.w", "a;b", Sensing("w", "a;b") },
        { "sensors", "AB, ab", Good with { Sensors = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["ab"] = "", ["AB"] = "" } } },
        { "sensors", "257", Good with { Sensors = Enumerable.Range(0, 257).ToDictionary(i => $"w{i}", _ => "") } },
        { "links.gauge", "PS-1", Good with { Links = new Dictionary<string, string> { ["gauge"] = "PS-1" } } },
    };

    private static Device Sensing(string wireId, string text) => Good with { Sensors = new Dictionary<string, string> { [wireId] = text } };

    [Fact]
    public void A_device_with_nothing_wrong_passes() => Assert.Empty(Validator.Validate(Good));

    [Fact]
    public void A_device_of_id_and_family_alone_passes() => Assert.Empty(Validator.Validate(new Device { Id = "PS-1", Family = "drainage_pump" }));

    [Theory]
    [InlineData("2.4")]
    [InlineData("2.4 m")]
    [InlineData("240 cm")]
    [InlineData("12")]
    public void A_setting_may_come_in_any_unit_that_converts(string text) =>
        Assert.Empty(Validator.Validate(Good with { Settings = new Dictionary<string, string> { ["high_level"] = text } }));

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_by_field_and_value(string field, string? value, Device device)
    {
        var error = Assert.Single(Validator.Validate(device));
        Assert.Equal((field, value), (error.Field, error.Value));
        Assert.NotEmpty(error.Expected);
    }

    [Fact]
    public void All_mistakes_are_named_at_once() =>
        Assert.Equal(["latitude", "state", "family"], Validator.Validate(Good with { Latitude = 91, State = "?", Family = "?" }).Select(error => error.Field));

    [Fact]
    public void An_error_says_what_would_be_right()
    {
        var error = Assert.Single(Validator.Validate(Good with { State = "Live" }));
        Assert.Equal("state \"Live\": provisional, commissioning, test, drill, live would be right", error.ToString());
    }

    [Theory]
    [InlineData("catchment")]
    [InlineData("cell")]
    public void A_place_that_rules_count_in_is_linked(string role) =>
        Assert.Empty(Validator.Validate(Good with { Links = new Dictionary<string, string> { [role] = "C-7" } }));

    [Fact]
    public void A_mistyped_role_is_told_from_those_that_rules_ask_for()
    {
        var error = Assert.Single(Validator.Validate(Good with { Links = new Dictionary<string, string> { ["guage"] = "RG-1" } }));
        Assert.Equal("links.guage \"RG-1\": a role that rules ask for (catchment, cell, gauge), perhaps gauge, would be right", error.ToString());
    }
}
