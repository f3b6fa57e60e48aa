using System.Globalization;
using System.Text.Json;
using static Telemetry.Dashboards.Tests.Compose.ComposeFile;

namespace Telemetry.Dashboards.Tests.Grafana;

/// <summary>
/// Each alert rule's query on a real influxd, its reduction and threshold carried out as Grafana says that it does. The pending period is
/// not: a rule "sounds" here when its condition holds.
/// </summary>
public sealed class AlertRuleTests(InfluxdFixture influxd)
{
    public static TheoryData<string> Rules => [.. new Provisioning().Rules.Select(rule => Text(rule, "uid")!)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_service_that_is_well_is_quiet(string uid)
    {
        Assert.False(await SoundsAsync(uid, ServiceFigures.Lines()));
        Assert.False(await SoundsAsync(uid, ServiceFigures.Lines(suffix: "")));
    }

    [Theory]
    // The last number is the figure of the newest points.
    [InlineData("telemetry-rules-behind", "rules_lag", 20_000, false)]
    [InlineData("telemetry-rules-behind", "rules_lag", 20_001, true)]
    [InlineData("telemetry-store-behind", "store_lag", 100_000, false)]
    [InlineData("telemetry-store-behind", "store_lag", 100_001, true)]
    [InlineData("telemetry-disk-budget", "unread_bytes", 8L << 30, false)]
    [InlineData("telemetry-disk-budget", "unread_bytes", (8L << 30) + 4096, true)]
    [InlineData("telemetry-gateways-down", "gateways_down", 20, false)]
    [InlineData("telemetry-gateways-down", "gateways_down", 21, true)]
    // One in 15 min after another is not yet growth; 10 beyond the one that was there are not, 11 are.
    [InlineData("telemetry-dead-letters", "dead_letters", 14, false)]
    [InlineData("telemetry-dead-letters", "dead_letters", 15, true)]
    public async Task A_figure_beyond_its_limit_sounds_and_one_at_it_does_not(string uid, string field, long value, bool sounds)
    {
        foreach (var suffix in new[] { "i", "" })
        {
            Assert.Equal(sounds, await SoundsAsync(uid, ServiceFigures.Lines((point, figures) => figures[field] = point >= ServiceFigures.Points - 3 ? value : figures[field], suffix)));
            Assert.False(await SoundsAsync(Other(uid), ServiceFigures.Lines((point, figures) => figures[field] = point >= ServiceFigures.Points - 3 ? value : figures[field], suffix)));
        }
    }

    [Theory]
    [InlineData(0, false)]
    // 15 of 30 points are enough, 14 are not.
    [InlineData(15, false)]
    [InlineData(16, true)]
    [InlineData(ServiceFigures.Points, true)]
    public async Task Missing_figures_sound_once(int missing, bool sounds)
    {
        var lines = ServiceFigures.Lines((point, figures) =>
        {
            if (point >= ServiceFigures.Points - missing)
                figures.Clear();
        }).ToList();

        Assert.Equal(sounds, await SoundsAsync("telemetry-no-data", lines));
        // The others have nothing to say of it; they stay as they were.
        Assert.All(await Task.WhenAll(Rules.Select(rule => (string)rule.Data!).Where(rule => rule != "telemetry-no-data").Select(rule => SoundsAsync(rule, lines))), Assert.False);
    }

    [Fact]
    public async Task A_restart_that_counts_from_nothing_again_is_no_growth() =>
        Assert.False(await SoundsAsync("telemetry-dead-letters", ServiceFigures.Lines((point, figures) => figures["dead_letters"] = point < 100 ? 500 : 0)));

    [Fact]
    public async Task A_city_without_gateways_has_none_down() =>
        Assert.False(await SoundsAsync("telemetry-gateways-down", ServiceFigures.Lines((_, figures) => figures["gateways"] = figures["gateways_down"] = 0)));

    [Fact]
    public async Task A_second_service_is_told_apart()
    {
        var sick = ServiceFigures.Lines((_, figures) => figures["rules_lag"] = 1_000_000).Select(line => line.Replace("0123456789abcdef", "fedcba9876543210", StringComparison.Ordinal));

        Assert.True(await SoundsAsync("telemetry-rules-behind", ServiceFigures.Lines().Concat(sick)));
    }

    [Theory]
    [InlineData("telemetry_service", "telemetry_servise")]
    [InlineData("\"rules_lag\"", "\"rules_lagg\"")]
    public async Task A_typing_error_in_a_query_is_seen_by_these_tests(string right, string wrong)
    {
        var text = Provisioning.Shipped("alerting/rules.yaml");
        Assert.Contains(right, text, StringComparison.Ordinal);
        var lines = ServiceFigures.Lines((_, figures) => figures["rules_lag"] = 1_000_000);

        Assert.False(await SoundsAsync("telemetry-rules-behind", lines, new Provisioning("alerting/rules.yaml", text.Replace(right, wrong, StringComparison.Ordinal))));
    }

    private static string Other(string uid) => uid == "telemetry-rules-behind" ? "telemetry-store-behind" : "telemetry-rules-behind";

    private async Task<bool> SoundsAsync(string uid, IEnumerable<string> lines, Provisioning? provisioning = null)
    {
        var rule = Assert.Single((provisioning ?? new Provisioning()).Rules, rule => Text(rule, "uid") == uid);
        var (query, reduce, threshold) = (Part(rule, "A"), Part(rule, "B"), Part(rule, "C"));
        Assert.Equal(("reduce", "A", "last", "dropNN"), (Text(reduce, "model", "type"), Text(reduce, "model", "expression"), Text(reduce, "model", "reducer"), Text(reduce, "model", "settings", "mode")));
        Assert.Equal(("threshold", "B"), (Text(threshold, "model", "type"), Text(threshold, "model", "expression")));
        var from = ServiceFigures.Now + 1 - Number(query, "relativeTimeRange", "from") * 1000;
        var influxql = Text(query, "model", "query")!.Replace("$timeFilter", string.Create(CultureInfo.InvariantCulture, $"time >= {from}ms and time <= {ServiceFigures.Now}ms"), StringComparison.Ordinal);
        Assert.DoesNotContain('$', influxql);

        var answer = (await influxd.Server.QueryAsync(influxql, await influxd.FillAsync(lines))).GetProperty("results")[0];
        var last = List(answer, "series").Select(series => List(series, "values").Select(row => row[1]).LastOrDefault(value => value.ValueKind == JsonValueKind.Number))
            .Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetDouble()).ToList();
        if (last.Count == 0)
            return Text(rule, "noDataState") == "Alerting";
        var evaluator = Assert.Single(List(threshold.GetProperty("model"), "conditions")).GetProperty("evaluator");
        var limit = evaluator.GetProperty("params")[0].GetDouble();
        return Text(evaluator, "type") switch
        {
            "gt" => last.Any(value => value > limit),
            "lt" => last.Any(value => value < limit),
            var other => throw new InvalidOperationException($"{uid}: {other} is not known here"),
        };
    }

    private static JsonElement Part(JsonElement rule, string refId) => Assert.Single(List(rule, "data"), part => Text(part, "refId") == refId);

    private static long Number(JsonElement parent, params string[] path) => long.Parse(Text(parent, path)!, CultureInfo.InvariantCulture);
}
