using System.Globalization;
using System.Text.Json;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>What the pages list as open, on transitions that are easily listed wrongly.</summary>
public sealed class OpenAlarmTests(InfluxdFixture influxd)
{
    // A real "now": the queries ask for it.
    private static readonly long Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    [Theory]
    [InlineData("acknowledged, climbed to critical")]
    [InlineData("moved while open")]
    public async Task An_alarm_that_stands_is_on_the_wall(string story) => Assert.Equal(["d-1 New 1"], await WallAsync(story));

    [Theory]
    [InlineData("over")]
    [InlineData("over after its device has moved")]
    [InlineData("over after it was a ticket again")]
    [InlineData("shelved")]
    [InlineData("a ticket")]
    public async Task What_asks_for_nobody_is_not(string story) => Assert.Empty(await WallAsync(story));

    [Fact]
    public async Task The_district_that_a_device_has_left_does_not_list_its_alarm()
    {
        Assert.Empty(await OpenAsync("city-district", "Open alarms · 当前报警", "moved while open", "Old"));
        Assert.Equal(["d-1 New 1"], await OpenAsync("city-district", "Open alarms · 当前报警", "moved while open", "New"));
    }

    /// <summary>Device, district and severity of each row.</summary>
    private Task<List<string>> WallAsync(string story) => OpenAsync("city-wall", "Alarms · 报警", story, "");

    private async Task<List<string>> OpenAsync(string uid, string title, string story, string district)
    {
        var panel = Assert.Single(Dashboard.Find(uid).Panels, panel => Text(panel, "title") == title);
        var variables = new Dictionary<string, GrafanaValue> { ["district"] = new([district]) };
        var query = new GrafanaQuery(Now - 3_600_000, Now, variables).Expand(Text(Assert.Single(List(panel, "targets")), "query")!, 1000, "10s");
        var database = await influxd.FillAsync(Story(story).Select((step, index) => Line(step, Now - 600_000 + index * 1000)));
        // A database of one retention policy, as a city with one bucket has it.
        var answer = (await influxd.Server.QueryAsync(query.Replace("\"alarms\".", "", StringComparison.Ordinal), database)).GetProperty("results")[0];
        return [.. List(answer, "series").SelectMany(series => Rows(series))];
    }

    private static IEnumerable<string> Rows(JsonElement series)
    {
        var columns = List(series, "columns").Select(column => column.GetString()!).ToList();
        return List(series, "values").Select(row => $"{Text(series, "tags", "device")} {row[columns.IndexOf("district")].GetString()} {row[columns.IndexOf("severity")].GetInt32()}");
    }

    private static IEnumerable<(string District, int State, int Severity, int Kind)> Story(string name) => name switch
    {
        "acknowledged, climbed to critical" => [("New", 1, 2, 0), ("New", 2, 2, 0), ("New", 1, 1, 0)],
        "moved while open" => [("Old", 1, 1, 0), ("New", 2, 1, 0)],
        "over" => [("New", 1, 1, 0), ("New", 2, 1, 0), ("New", 0, 1, 0)],
        "over after its device has moved" => [("Old", 1, 1, 0), ("New", 0, 1, 0)],
        "over after it was a ticket again" => [("New", 1, 4, 1), ("New", 1, 1, 0), ("New", 1, 4, 1), ("New", 0, 4, 1)],
        "shelved" => [("New", 1, 1, 0), ("New", 6, 1, 0)],
        "a ticket" => [("New", 1, 4, 1)],
        _ => throw new ArgumentException(name, nameof(name)),
    };

    private static string Line((string District, int State, int Severity, int Kind) step, long time) => string.Create(
        CultureInfo.InvariantCulture,
        $"alarm,device=d-1,district={step.District},family=gas_valve,rule=leak_high state={step.State}i,underlying={step.State}i,severity={step.Severity}i,kind={step.Kind}i,open={(step.State == 0 ? 0 : 1)}i,calls=0i,id=\"a1\",title=\"Gas leak · 燃气泄漏\",raised={time}i {time}");
}
