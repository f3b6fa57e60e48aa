using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Tests.Store.Influx;

namespace Telemetry.Ingest.Tests.Commands;

/// <summary>1.x is the real server, 2.x a stand-in.</summary>
public sealed class StoreCommandTests : IDisposable
{
    private static int _databases;

    private readonly TempDirectory _directory = new();
    private readonly InfluxdFixture _influx;
    private readonly string _database = string.Create(CultureInfo.InvariantCulture, $"init_{Interlocked.Increment(ref _databases)}");

    public StoreCommandTests(InfluxdFixture influx)
    {
        _influx = influx;
        File.WriteAllText(Token, "admin\n");
    }

    private string Token => _directory.File("token");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task On_1x_it_makes_a_database_with_four_policies_and_running_it_again_changes_nothing()
    {
        var (code, output, error) = await On1Async();
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(["made", "made", "made", "made"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[..7].Trim()));
        Assert.Equal([("1h", "87600h0m0s", false), ("1m", "8760h0m0s", false), ("alarms", "87600h0m0s", false), ("autogen", "720h0m0s", true)], await PoliciesAsync());

        (code, output, _) = await On1Async();
        Assert.Equal(0, code);
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("exists ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_1x_what_is_there_is_kept_longer_at_once_and_shorter_only_if_that_is_said()
    {
        await On1Async();
        Assert.Equal(0, (await On1Async("--keep", "60d")).Code);
        Assert.Contains(("autogen", "1440h0m0s", true), await PoliciesAsync());

        var (code, _, error) = await On1Async("--keep", "2d", "--keep-hours", "forever");
        Assert.Equal(1, code);
        Assert.Contains("policy autogen keeps 60d; 2d would remove what is older: say --shrink", error, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", error, StringComparison.Ordinal);
        Assert.Contains(("1h", "87600h0m0s", false), await PoliciesAsync());

        Assert.Equal(0, (await On1Async("--keep", "2d", "--keep-hours", "forever", "--shrink")).Code);
        Assert.Contains(("autogen", "48h0m0s", true), await PoliciesAsync());
        Assert.Contains(("1h", "0s", false), await PoliciesAsync());
    }

    [Fact]
    public async Task A_database_whose_default_is_another_policy_is_left_alone()
    {
        await _influx.Server.QueryAsync($"CREATE DATABASE \"{_database}\" WITH DURATION 3d NAME \"weekly\"", null);
        var (code, _, error) = await On1Async();
        Assert.Equal(1, code);
        Assert.Contains("its default policy is weekly, not autogen", error, StringComparison.Ordinal);
        Assert.Equal([("weekly", "72h0m0s", true)], await PoliciesAsync());
    }

    [Fact]
    public async Task On_2x_it_makes_buckets_and_mappings_and_running_it_again_changes_nothing()
    {
        await using var server = await FakeInflux2.StartAsync();
        var (code, output, error) = await On2Async(server, "--json");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            [("city", 30), ("city_1m", 365), ("city_1h", 3650), ("city_alarms", 3650)],
            server.Buckets.Select(bucket => (bucket["name"]!.GetValue<string>(), bucket["retentionRules"]![0]!["everySeconds"]!.GetValue<int>() / 86_400)));
        Assert.Equal(
            [("autogen", "city", true), ("1m", "city_1m", false), ("1h", "city_1h", false), ("alarms", "city_alarms", false)],
            server.Mappings.Select(mapping => (mapping["retention_policy"]!.GetValue<string>(), NameOf(server, mapping["bucketID"]!.GetValue<string>()), mapping["default"]!.GetValue<bool>())));
        Assert.All(server.Mappings, mapping => Assert.Equal(("city", "0a"), (mapping["database"]!.GetValue<string>(), mapping["orgID"]!.GetValue<string>())));
        Assert.Equal("""{"exists":0,"made":8,"changed":0,"refused":0}""", output.TrimEnd().Split('\n')[^1]);

        var changes = server.Changes;
        (code, output, _) = await On2Async(server, "--json");
        Assert.Equal((0, changes), (code, server.Changes));
        Assert.Equal("""{"exists":8,"made":0,"changed":0,"refused":0}""", output.TrimEnd().Split('\n')[^1]);
        Assert.Equal("mapping", JsonElement.Parse(output.Split('\n')[1]).GetProperty("what").GetString());
    }

    [Fact]
    public async Task On_2x_what_the_containers_script_makes_is_as_it_has_to_be()
    {
        await using var server = await FakeInflux2.StartAsync();
        foreach (var (bucket, days) in new[] { ("city", 30), ("city_1m", 365), ("city_1h", 3650), ("city_alarms", 3650) })
            server.Add(bucket, days * 86_400L);
        // InfluxDB's own, made of the buckets' names; they give way to the real ones.
        server.Map("autogen", "b0", isDefault: true, isVirtual: true);
        server.Map("autogen", "b0", isDefault: true);
        server.Map("1m", "b1");
        server.Map("1h", "b2");
        server.Map("alarms", "b3");
        var (code, _, error) = await On2Async(server);
        Assert.Equal((0, "", 0), (code, error, server.Changes));
    }

    [Fact]
    public async Task On_2x_a_bucket_that_keeps_too_long_stops_everything_and_one_that_keeps_too_short_is_changed()
    {
        await using var server = await FakeInflux2.StartAsync();
        server.Add("city", 0);
        server.Add("city_1m", 3600);
        var (code, _, error) = await On2Async(server);
        Assert.Equal((1, 0), (code, server.Changes));
        Assert.Contains("bucket city keeps for ever; 30d would remove what is older", error, StringComparison.Ordinal);

        Assert.Equal(0, (await On2Async(server, "--shrink")).Code);
        Assert.Equal([30 * 86_400, 365 * 86_400], server.Buckets.Take(2).Select(bucket => bucket["retentionRules"]![0]!["everySeconds"]!.GetValue<int>()));
    }

    [Fact]
    public async Task On_2x_a_mapping_that_leads_elsewhere_is_refused_and_one_that_is_not_the_default_becomes_it()
    {
        await using var server = await FakeInflux2.StartAsync();
        server.Add("city", 30 * 86_400);
        server.Map("autogen", "b0");
        server.Map("1m", "elsewhere");
        var (code, _, error) = await On2Async(server);
        Assert.Equal((1, 0), (code, server.Changes));
        Assert.Contains("mapping city/1m leads to the bucket with the id elsewhere, not to city_1m", error, StringComparison.Ordinal);

        server.Mappings.RemoveAt(1);
        Assert.Equal(0, (await On2Async(server)).Code);
        Assert.True(server.Mappings[0]["default"]!.GetValue<bool>());
    }

    [Fact]
    public async Task On_2x_a_token_or_an_organization_that_is_not_known_is_named()
    {
        await using var server = await FakeInflux2.StartAsync();
        Assert.Contains("there is no organization town", (await RunAsync(server.Url, "--bucket", "city", "--org", "town")).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Token, "the service's own\n".Replace(' ', '-'), TestContext.Current.CancellationToken);
        var (code, _, error) = await On2Async(server);
        Assert.Equal(1, code);
        Assert.Contains($"401: the token of {Token} may not read organizations: an operator's or all-access token is needed", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--keep", "30", "--keep 30: a duration of at least 1h")]
    [InlineData("--keep-alarms", "5m", "--keep-alarms 5m: a duration of at least 1h")]
    [InlineData("--url", "influx", "Influx:Url = influx")]
    [InlineData("--token-file", "/none", "Influx:TokenFile = /none")]
    public async Task Wrong_usage_is_named_before_anything_is_asked(string option, string value, string problem)
    {
        var (code, _, error) = await RunAsync(_influx.Server.Url.ToString(), "--org", "city", "--bucket", _database, option, value);
        Assert.Equal(2, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_InfluxDB_answers_it_says_so()
    {
        var (code, _, error) = await RunAsync("http://127.0.0.1:1", "--org", "city", "--bucket", _database);
        Assert.Equal(1, code);
        Assert.Contains("http://127.0.0.1:1/ can't be reached", error, StringComparison.Ordinal);
    }

    private static string NameOf(FakeInflux2 server, string id) => server.Buckets.Single(bucket => bucket["id"]!.GetValue<string>() == id)["name"]!.GetValue<string>();

    private Task<(int Code, string Output, string Error)> On1Async(params string[] more) => RunAsync(_influx.Server.Url.ToString(), ["--org", "city", "--bucket", _database, .. more]);

    private Task<(int Code, string Output, string Error)> On2Async(FakeInflux2 server, params string[] more) => RunAsync(server.Url, ["--org", "city", "--bucket", "city", .. more]);

    private async Task<IEnumerable<(string, string, bool)>> PoliciesAsync() =>
        (await _influx.Server.RowsAsync($"SHOW RETENTION POLICIES ON \"{_database}\"", null!)).Select(row => (row[0].GetString()!, row[1].GetString()!, row[4].GetBoolean())).Order();

    private async Task<(int Code, string Output, string Error)> RunAsync(string url, params string[] more)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        string[] usual = ["--url", url, "--token-file", Token];
        string[] arguments = ["init", .. usual.Chunk(2).Where(pair => !more.Contains(pair[0])).SelectMany(pair => pair), .. more];
        var code = await StoreCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
