using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Backtest;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Backtest;

public sealed class BacktestApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_runs_over_the_services_own_log_and_answers_once_it_is_done()
    {
        await using var host = await ApiHost.StartAsync();
        await WriteAsync(host, 60);
        var started = await host.PostAsync("/api/v1/backtests", Body(Shipped().Replace("delay: {on: 30s, off: 120s}    # it comes", "delay: {on: 10s, off: 120s}    # it comes", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Accepted, started.Status);
        var url = $"/api/v1/backtests/{started.Body.Text("id")}";

        var done = await Wait.ForAsync("the backtest to end", () => host.GetJsonAsync(url), answer => answer.Text("state") != "running");

        Assert.Equal(("done", 1.0), (done.Text("state"), done.GetProperty("progress").GetDouble()));
        Assert.Equal(0, done.GetProperty("totals").GetProperty("totals").GetProperty("added").GetInt32());
        Assert.Equal(60, done.GetProperty("totals").GetProperty("readings").GetInt64());
        Assert.EndsWith("}\n", await host.Http.GetStringAsync(url + "/differences", Token), StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html>", await host.Http.GetStringAsync(url + "/page", Token), StringComparison.Ordinal);
        Assert.Equal(done.Text("id"), (await host.GetJsonAsync("/api/v1/backtests"))[0].Text("id"));
    }

    [Fact]
    public async Task What_ended_is_not_there_to_read_and_another_may_begin()
    {
        await using var host = await ApiHost.StartAsync();
        await using var log = await RecordedLog.BeginAsync();
        await log.AddReadingsAsync(200_000);
        var jobs = host.Backtests;
        var (families, _) = FamilySet.Load(FamilySet.ShippedFiles());
        using var held = new SharedBacktestsTests.Held();
        var request = new BacktestRequest(log.Data, new BacktestSpan(0, 4_000_000_000_000, 0), 1000, held, null, "", families!, "");
        var running = (await jobs.StartAsync(request, Token))!;
        Assert.Null(await jobs.StartAsync(request, Token));
        Assert.Equal("backtest_running", (await host.PostAsync("/api/v1/backtests", Body(Shipped()))).Reason());
        using (var page = await host.Http.GetAsync(new Uri($"/api/v1/backtests/{running.Id}/page", UriKind.Relative), Token))
            Assert.Equal(HttpStatusCode.Conflict, page.StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Delete, $"/api/v1/backtests/{running.Id}", "{}")).Status);
        held.Dispose();

        await Wait.ForAsync("the backtest to be cancelled", async () => (await host.GetJsonAsync($"/api/v1/backtests/{running.Id}")).Text("state") == "cancelled");
        Assert.Equal(HttpStatusCode.Accepted, (await host.PostAsync("/api/v1/backtests", Body(Shipped()))).Status);
    }

    [Theory]
    [InlineData("""{"from": 1, "to": 2}""", "bad_body", "rules is missing")]
    [InlineData("""{"from": "yesterday", "to": 2, "rules": {}}""", "bad_body", "from: must be RFC 3339")]
    [InlineData("""{"from": 2, "to": 1, "rules": {}}""", "bad_body", "from must be before to")]
    [InlineData("""{"from": 1, "to": 2, "warmUp": "long", "rules": {}}""", "bad_body", "is no duration")]
    [InlineData("""{"from": 1, "to": 2, "rules": {"drainage_pump": "family: drainage_pump\nrules: 7"}}""", "invalid_rules", "drainage_pump.yaml:")]
    public async Task What_is_wrong_is_refused_by_name(string body, string reason, string detail)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.PostAsync("/api/v1/backtests", body);
        Assert.Equal((HttpStatusCode.BadRequest, reason), (answer.Status, answer.Body.Text("reason")));
        Assert.Contains(detail, answer.Body.Text("detail"), StringComparison.Ordinal);
        Assert.Empty((await host.GetJsonAsync("/api/v1/backtests")).EnumerateArray());
    }

    private static string Shipped() => FamilySet.ShippedFiles().Single(file => file.File == "drainage_pump.yaml").Text;

    private static string Body(string text) => JsonSerializer.Serialize(new { from = 0, to = 4_000_000_000_000, rules = new Dictionary<string, string> { ["drainage_pump"] = text } });

    private static async Task WriteAsync(ApiHost host, int readings)
    {
        var batch = new Telemetry.Ingest.Log.EntryBatch();
        foreach (var family in FamilySet.Shipped().All)
            batch.Add(new FamilyEntry(family.Name, family.Text, family.Hash));
        for (var i = 0; i < readings; i++)
            batch.Add(new ReadingEntry(new Reading { Gateway = "gw-1", Family = "drainage_pump", Device = "PS-1", SentTime = 1_790_000_000_000 + (i * 1000L), EventTime = 1_790_000_000_000 + (i * 1000L), Values = [new ChannelValue("sump_level", ValueKind.Number, 1, null, Quality.Good)] }));
        await host.Progress.RulesAsync(await await host.Log.AppendAsync(batch, Token), Token);
    }
}
