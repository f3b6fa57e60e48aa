using System.Globalization;
using System.Text.Json;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Generator;

/// <summary>A city's own family has its dashboards from its file alone: units, limits, states, instances.</summary>
public sealed class OwnFamilyTests : IDisposable
{
    private const string Grey = "transparent", Low = "#5b9bd5", Medium = "#e3c21c", High = "#ee8a1d", Critical = "#e0393e";

    private readonly TempDirectory _folder = new();

    public OwnFamilyTests()
    {
        using var rules = new TempDirectory();
        File.WriteAllText(rules.File("landfill.yaml"), OwnFamily.Text);
        var (exitCode, _, error) = GeneratorTests.Run("--out", _folder.Path, "--rules", rules.Path);
        Assert.Equal((0, ""), (exitCode, error));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_has_a_page_of_all_its_devices_and_one_of_a_device()
    {
        Assert.Equal("Landfill well · 填埋场监测井", Text(Read("families/city-family-landfill.json"), "title"));
        Assert.Equal("Landfill well: device · 填埋场监测井：设备", Text(Read("devices/city-device-landfill.json"), "title"));
        Assert.False(File.Exists(_folder.File("families/city-family-tunnel.json")));
    }

    [Theory]
    // A setting's default in the channel's unit; the ticket's limit lies below the alarm's, moved by the setting that the word takes off.
    [InlineData("Leachate level · 渗滤液液位", "suffix: m", $"{Grey} 3.5={Low} 4.5={Medium} 6={Critical}")]
    // What asks for more besides is no limit.
    [InlineData("Methane · 甲烷", "suffix: %vol", $"{Grey} 5={High}")]
    // Below and above; the constant may stand on the left, the channel in a mean.
    [InlineData("Conductivity · 电导", "percent", $"{Low} 10={Grey} 90={Low}")]
    // No default: nothing is known of the limit.
    [InlineData("Flow · 流量", "suffix: m³/h", Grey)]
    public void A_channel_has_its_unit_and_its_limits_as_bands(string title, string unit, string steps)
    {
        var panel = Panel("devices/city-device-landfill.json", title);

        Assert.Equal(unit, Text(panel, "fieldConfig", "defaults", "unit"));
        Assert.Equal(steps, Steps(panel.GetProperty("fieldConfig").GetProperty("defaults")));
        Assert.Equal(steps == Grey ? "off" : "dashed+area", Text(panel, "fieldConfig", "defaults", "custom", "thresholdsStyle", "mode"));
    }

    [Fact]
    public void A_channel_stands_there_raw_and_by_the_minute_and_a_silence_breaks_its_line()
    {
        var panel = Panel("devices/city-device-landfill.json", "Leachate level · 渗滤液液位");

        Assert.Equal(
            [
                "SELECT mean(\"leachate_level\") FROM \"landfill\" WHERE $timeFilter AND \"device\" = '$device' GROUP BY time($__interval) fill(null)",
                "SELECT min(\"leachate_level_min\") AS \"lowest · 最低\", max(\"leachate_level_max\") AS \"highest · 最高\" FROM \"1m\".\"landfill\" WHERE $timeFilter AND \"device\" = '$device' GROUP BY time($__interval) fill(null)",
            ],
            Queries(panel));
        Assert.Equal("750000", Text(panel, "fieldConfig", "defaults", "custom", "spanNulls"));
    }

    [Fact]
    public void An_instance_has_a_line_of_its_own_and_a_counter_shows_its_growth()
    {
        Assert.All(Queries(Panel("devices/city-device-landfill.json", "Flow · 流量")), query => Assert.Contains("time($__interval), \"instance\" fill", query, StringComparison.Ordinal));
        Assert.StartsWith("SELECT non_negative_difference(last(\"volume\"))", Assert.Single(Queries(Panel("devices/city-device-landfill.json", "Pumped · 抽排量"))), StringComparison.Ordinal);
    }

    [Theory]
    // Its alarm's colour; unusual without an alarm; usual.
    [InlineData("Mode · 方式", "0 auto #2f353c,1 manual #67809a,2 broken #ee8a1d,-1 ? · 未知 #67809a")]
    [InlineData("Lid open · 井盖打开", "false no · 否 #2f353c,true yes · 是 #67809a")]
    [InlineData("Pump running · 水泵运行 $tag_instance", "false no · 否 #2f353c,true yes · 是 #4b535c")]
    public void A_state_has_its_name_and_the_colour_of_what_it_raises(string alias, string mappings)
    {
        var panel = Panel("devices/city-device-landfill.json", "States · 状态");
        var refId = Text(Assert.Single(List(panel, "targets"), target => Text(target, "alias") == alias), "refId");
        var own = Assert.Single(List(panel.GetProperty("fieldConfig"), "overrides"), each => Text(each, "matcher", "options") == refId);
        var options = Assert.Single(List(own, "properties"), property => Text(property, "id") == "mappings").GetProperty("value")[0].GetProperty("options");

        Assert.Equal(mappings, string.Join(',', options.EnumerateObject().Select(option => $"{option.Name} {Text(option.Value, "text")} {Text(option.Value, "color")}")));
    }

    [Fact]
    public void A_state_that_is_sent_on_change_alone_is_looked_for_before_the_range_begins() =>
        Assert.All(Queries(Panel("devices/city-device-landfill.json", "States · 状态")), query => Assert.Contains("WHERE time >= ${__from}ms - 7d AND time <= ${__to}ms AND", query, StringComparison.Ordinal));

    [Fact]
    public void Its_devices_that_are_not_as_usual_are_listed()
    {
        Assert.Contains("WHERE \"state\" = 1 OR \"state\" = 2 OR \"state\" = -1 GROUP BY", Assert.Single(Queries(Panel("families/city-family-landfill.json", "Mode · 方式"))), StringComparison.Ordinal);
        Assert.Contains("WHERE \"state\" = true GROUP BY", Assert.Single(Queries(Panel("families/city-family-landfill.json", "Lid open · 井盖打开"))), StringComparison.Ordinal);
        // Nothing says how a pump usually is.
        Assert.DoesNotContain(List(Read("families/city-family-landfill.json"), "panels"), panel => Text(panel, "title") == "Pump running · 水泵运行");
    }

    private JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(_folder.File(file))).RootElement;

    private JsonElement Panel(string file, string title) => Assert.Single(List(Read(file), "panels"), panel => Text(panel, "title") == title && Text(panel, "type") != "row");

    private static IEnumerable<string> Queries(JsonElement panel) => List(panel, "targets").Select(target => Text(target, "query")!);

    private static string Steps(JsonElement display) => string.Join(' ', List(display.GetProperty("thresholds"), "steps").Select(step =>
        step.GetProperty("value").ValueKind == JsonValueKind.Null ? Text(step, "color")! : string.Create(CultureInfo.InvariantCulture, $"{step.GetProperty("value").GetDouble()}={Text(step, "color")}")));
}
