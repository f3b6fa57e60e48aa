using System.Text.Json.Nodes;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>The checks themselves: the sample has nothing wrong, and each mistake put into it is found.</summary>
public sealed class CheckTests(InfluxdFixture influxd)
{
    [Fact]
    public async Task A_dashboard_without_a_mistake_passes()
    {
        Assert.Empty(Lint(Sample.Dashboard));
        Assert.Empty(await FoundAsync(Sample.Dashboard));
    }

    [Theory]
    [InlineData("panel 2 A finds nothing", "FROM \\\"level\\\" WHERE $timeFilter AND \\\"district\\\"", "FROM \\\"levels\\\" WHERE $timeFilter AND \\\"district\\\"")]
    [InlineData("panel 1 A finds nothing", "mean(\\\"sump_level\\\")", "mean(\\\"sump_levels\\\")")]
    [InlineData("panel 3 A: ", "SELECT last(\\\"state\\\") AS", "SELECT last(\\\"state\\\" AS")]
    [InlineData("variable district finds nothing", "WITH KEY = \\\"district\\\"\"", "WITH KEY = \\\"districts\\\"\"")]
    [InlineData("variable device finds nothing", "${district:regex}$/\", \"refresh\"", "no such place$/\", \"refresh\"")]
    [InlineData("annotation States finds nothing", "SELECT \\\"state\\\" FROM", "SELECT \\\"states\\\" FROM")]
    [InlineData("nothing stands for ${districts:regex}", "\\\"district\\\" =~ /^${district:regex}$/ GROUP BY", "\\\"district\\\" =~ /^${districts:regex}$/ GROUP BY")]
    [InlineData("nothing stands for ${__interval}", "time($__interval)", "time(${__interval})")]
    [InlineData("alias $tag_street", "$tag_device", "$tag_street")]
    [InlineData("there is no field \"levels\"", "{\"level\": \"Level · 液位\"}", "{\"levels\": \"Level · 液位\"}")]
    [InlineData("override: there is no field \"Level\"", "\"options\": \"Level · 液位\"", "\"options\": \"Level\"")]
    [InlineData("sorted by: there is no field \"street\"", "\"displayName\": \"device\"", "\"displayName\": \"street\"")]
    [InlineData("link: there is no field \"asset\"", "__data.fields.device", "__data.fields.asset")]
    [InlineData("annotation States: there is no field \"text\"", "\"textColumn\": \"state\"", "\"textColumn\": \"text\"")]
    [InlineData("layer stations: there is no field \"lat\"", "\"latitude\": \"latitude\", \"longitude\"", "\"latitude\": \"lat\", \"longitude\"")]
    [InlineData("layer stations: there is no field \"worst\"", "{\"field\": \"state\"}", "{\"field\": \"worst\"}")]
    public async Task A_mistake_in_a_query_is_found(string problem, string right, string wrong) =>
        Assert.Contains(await FoundAsync(Sample.Dashboard.With(right, wrong)), found => found.Contains(problem, StringComparison.Ordinal));

    [Theory]
    [InlineData("unit \"NTU\" is none", "\"unit\": \"none\"", "\"unit\": \"NTU\"")]
    [InlineData("unit \"meters\" is none", "\"value\": \"lengthm\"", "\"value\": \"meters\"")]
    [InlineData("lies over", "\"x\": 12, \"y\": 0", "\"x\": 11, \"y\": 0")]
    [InlineData("the screen is 24 wide", "\"x\": 12, \"y\": 0", "\"x\": 13, \"y\": 0")]
    [InlineData("there is no dashboard samples", "/d/sample?", "/d/samples?")]
    [InlineData("has no variable asset", "?var-device=", "?var-asset=")]
    [InlineData("there is no data source \"influx\"", "\"uid\": \"city-influxql\"}, \"gridPos\": {\"x\": 12", "\"uid\": \"influx\"}, \"gridPos\": {\"x\": 12")]
    [InlineData("there is no data source \"influx\"", "\"uid\": \"city-influxql\"}, \"query\": \"SHOW", "\"uid\": \"influx\"}, \"query\": \"SHOW")]
    [InlineData("nothing is called $divice", "\\\"device\\\" = '$device' GROUP", "\\\"device\\\" = '$divice' GROUP")]
    [InlineData("nothing before it is called street", "/^${district:regex}$/\", \"refresh\"", "/^${street:regex}$/\", \"refresh\"")]
    [InlineData("escapes what is in it", "/^${district:regex}$/ GROUP", "/^$district$/ GROUP")]
    [InlineData("escapes what is in it", "/^${district:regex}$/ GROUP", "/^${district}$/ GROUP")]
    [InlineData("id 2 stands there twice", "\"id\": 3,", "\"id\": 2,")]
    [InlineData("thresholds [0, 2.2]", "\"value\": null", "\"value\": 0")]
    [InlineData("is not English · 中文", "Map · 地图", "Map")]
    [InlineData("has no description", "Where they are.", "")]
    [InlineData("editable: false", "\"editable\": false", "\"editable\": true")]
    [InlineData("refresh \"5s\"", "\"refresh\": \"30s\"", "\"refresh\": \"5s\"")]
    [InlineData("timezone \"browser\"", "Asia/Shanghai", "browser")]
    [InlineData("${DS_CITY}: provisioning", "\"uid\": \"city-influxql\"}, \"gridPos\": {\"x\": 12", "\"uid\": \"${DS_CITY}\"}, \"gridPos\": {\"x\": 12")]
    [InlineData("uid \"a sample\"", "\"uid\": \"sample\"", "\"uid\": \"a sample\"")]
    [InlineData("title \"Sample\"", "Sample · 样例", "Sample")]
    // Of the schema.
    [InlineData("sample /refreshh", "\"refresh\": \"30s\"", "\"refreshh\": \"30s\"")]
    [InlineData("options", "\"mode\": \"multi\"", "\"mode\": \"several\"")]
    [InlineData("custom /lineWidht", "\"lineWidth\"", "\"lineWidht\"")]
    [InlineData("kind heatmap is not known", "\"type\": \"geomap\"", "\"type\": \"heatmap\"")]
    public void A_mistake_in_a_file_is_found(string problem, string right, string wrong) =>
        Assert.Contains(Lint(Sample.Dashboard.With(right, wrong)), found => found.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void Two_of_one_uid_are_found() =>
        Assert.Contains(DashboardLint.Problems([Sample.Dashboard, Sample.Dashboard], Sample.DataSources), found => found.StartsWith("uid sample stands in", StringComparison.Ordinal));

    [Fact]
    public void An_id_of_a_database_is_found() =>
        Assert.Contains(Lint(Sample.Dashboard.With(root => root["id"] = 7)), found => found.Contains("id: null or absent", StringComparison.Ordinal));

    [Fact]
    public void A_panel_in_a_row_is_seen_too()
    {
        var inRow = Sample.Dashboard.With(root =>
        {
            var hidden = root["panels"]![2]!.DeepClone().AsObject();
            hidden["fieldConfig"]!["defaults"]!["unit"] = "furlong";
            root["panels"]![2] = new JsonObject { ["id"] = 9, ["type"] = "row", ["title"] = "More · 更多", ["collapsed"] = true, ["gridPos"] = new JsonObject { ["x"] = 0, ["y"] = 8, ["w"] = 24, ["h"] = 1 }, ["panels"] = new JsonArray(hidden) };
        });

        Assert.Contains(Lint(inRow), found => found.Contains("furlong", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Lint(Dashboard dashboard) => DashboardLint.Problems([dashboard], Sample.DataSources).Concat(DashboardSchema.Problems(dashboard));

    /// <summary>What its queries have wrong, and what they don't find.</summary>
    private async Task<IEnumerable<string>> FoundAsync(Dashboard dashboard)
    {
        var database = await influxd.FillAsync(Sample.Lines);
        var run = new DashboardRun(dashboard, async query => (await influxd.Server.QueryAsync(query, database)).GetProperty("results")[0], Sample.Now, new Dictionary<string, string>());
        await run.RunAsync();
        return run.Problems.Concat(run.Empty.Select(empty => $"{empty.What} finds nothing"));
    }
}
