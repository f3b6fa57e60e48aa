using System.Globalization;
using System.Text.Json;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>service-health: every query answers on a real influxd, and nothing lies over anything else.</summary>
public sealed class DashboardTests(InfluxdFixture influxd)
{
    private static readonly JsonElement Dashboard = Assert.Single(new Provisioning().Dashboards, dashboard => Text(dashboard, "uid") == "service-health");

    public static TheoryData<string> Queries => [.. List(Dashboard, "panels").SelectMany(panel => List(panel, "targets")).Select(target => Text(target, "query")!)];

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task A_query_finds_what_the_service_writes(string query) => Assert.NotEmpty(await ValuesAsync(query));

    [Fact]
    public async Task A_field_that_the_service_does_not_write_would_be_seen() =>
        Assert.Empty(await ValuesAsync(Queries.Select(query => (string)query.Data!).First().Replace("uptime_s", "uptime", StringComparison.Ordinal)));

    [Fact]
    public void No_panel_lies_over_another_or_beyond_the_edge()
    {
        var cells = List(Dashboard, "panels").SelectMany(panel =>
        {
            var (x, y, w, h) = (Number(panel, "x"), Number(panel, "y"), Number(panel, "w"), Number(panel, "h"));
            Assert.True(x + w <= 24, Text(panel, "title"));
            return from column in Enumerable.Range(x, w) from row in Enumerable.Range(y, h) select (column, row);
        }).ToList();

        Assert.Equal(cells.Count, cells.Distinct().Count());
        Assert.Distinct(List(Dashboard, "panels").Select(panel => Text(panel, "id")));
    }

    private static int Number(JsonElement panel, string name) => int.Parse(Text(panel, "gridPos", name)!, CultureInfo.InvariantCulture);

    private async Task<JsonElement[][]> ValuesAsync(string query)
    {
        var database = await influxd.FillAsync(ServiceFigures.Lines());
        var influxql = query
            .Replace("$timeFilter", string.Create(CultureInfo.InvariantCulture, $"time >= {ServiceFigures.Now - 1_200_000}ms and time <= {ServiceFigures.Now}ms"), StringComparison.Ordinal)
            .Replace("$__interval", "10s", StringComparison.Ordinal);
        Assert.DoesNotContain('$', influxql);
        return [.. (await influxd.Server.RowsAsync(influxql, database)).Where(row => row[1].ValueKind == JsonValueKind.Number)];
    }
}
