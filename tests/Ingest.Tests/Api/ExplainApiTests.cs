using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

public sealed class ExplainApiTests : IAsyncLifetime
{
    private const string Text = """
        family: drainage_pump
        title: {en: Pump station, zh: 泵站}
        heartbeat: 24s
        rationalised: {by: shipped default, on: null}
        channels:
          sump_level: {unit: m, plausible: 0..12, instrument: 0..20, every: 10s, title: {en: Sump level, zh: 水位}}
        settings:
          high_level: {unit: m, default: 2.2, min: 0, max: 12, title: {en: High level, zh: 高水位}}
        rules:
          level_high:
            kind: ticket
            title: {en: Sump level high, zh: 集水池水位高}
            when: sump_level > high_level
            delay: {on: 30s, off: 120s}
            action: {en: Look., zh: 查看。}
            source: engineering default

        """;

    private ApiHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync([Read(Text), Gateway()]);
        _host.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump", Gateway = "GW-1", Settings = new Dictionary<string, string> { ["high_level"] = "240 cm" } });
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    private static Family Read(string text) => FamilyReader.Read("test.yaml", text.ReplaceLineEndings("\n")).Family!;

    private static Family Gateway() => Read(FamilySet.ShippedFiles().Single(file => file.File == "gateway.yaml").Text);

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<JsonElement> AskAsync(string query) => await _host.GetJsonAsync($"/api/v1/explain?{query}");

    private async Task AppendAsync(LogEntry entry)
    {
        var batch = new EntryBatch();
        batch.Add(entry);
        var position = await await _host.Log.AppendAsync(batch, TestContext.Current.CancellationToken);
        await _host.Progress.RulesAsync(position, TestContext.Current.CancellationToken);
    }

    private Task LevelAsync(double level, long at) => AppendAsync(new ReadingEntry(new Reading
    {
        Gateway = "GW-1",
        Family = "drainage_pump",
        Device = "PS-1",
        SentTime = at,
        EventTime = at,
        Values = [new ChannelValue("sump_level", ValueKind.Number, level, null, Quality.Good)],
    }));

    [Fact]
    public async Task Why_not_is_told_from_the_readings_in_the_log()
    {
        var at = Now - 2000;
        await LevelAsync(2.3, at);
        var answer = await AskAsync("device=PS-1&rule=level_high");
        Assert.Equal(("PS-1", "level_high", "condition_false"), (answer.Text("device"), answer.Text("rule"), answer.Text("answer")));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("alarm").ValueKind);
        var condition = answer.GetProperty("conditions")[0];
        Assert.Equal(("sump_level > high_level", "false", "30s"), (condition.Text("text"), condition.Text("truth"), condition.Text("onDelay")));
        Assert.Equal(("Sump level is above High level", "水位高于高水位"), (condition.GetProperty("plain").Text("en"), condition.GetProperty("plain").Text("zh")));
        var comparison = answer.GetProperty("comparisons")[0];
        Assert.Equal(("sump_level", 2.3, 2.4, "m", "false"), (comparison.Text("channel"), comparison.GetProperty("value").GetDouble(), comparison.GetProperty("limit").GetDouble(), comparison.Text("unit"), comparison.Text("holds")));
        var channel = answer.GetProperty("channels")[0];
        Assert.Equal((Iso.Time(at), "good", true, 25_000), (channel.Text("time"), channel.Text("quality"), channel.GetProperty("counts").GetBoolean(), channel.GetProperty("hold").GetInt32()));
        var setting = answer.GetProperty("settings")[0];
        Assert.Equal(("high_level", 2.4, "device"), (setting.Text("setting"), setting.GetProperty("value").GetDouble(), setting.Text("of")));
        Assert.Equal(Read(Text).Hash, answer.Text("ruleVersion"));
        Assert.Contains("sump_level was 2.3 m, limit 2.4 m", answer.GetProperty("sentence").Text("en"), StringComparison.Ordinal);
        Assert.NotEmpty(answer.GetProperty("limits").EnumerateArray());
    }

    [Fact]
    public async Task A_reading_that_came_after_the_moment_is_shown_with_both_its_times()
    {
        var at = Now - 60_000;
        await LevelAsync(3, at - 5000);
        var answer = await AskAsync($"device=PS-1&rule=level_high&at={at}");
        Assert.Equal(("data_late", 1), (answer.Text("answer"), answer.GetProperty("readingsLaterCount").GetInt32()));
        var later = answer.GetProperty("readingsLater")[0];
        Assert.Equal((Iso.Time(at - 5000), 3), (later.Text("time"), later.GetProperty("values").GetProperty("sump_level").GetDouble()));
        Assert.True(string.CompareOrdinal(later.Text("receivedTime"), Iso.Time(at)) > 0);
        Assert.Equal("true", answer.GetProperty("conditions")[0].Text("truthLater"));
    }

    [Fact]
    public async Task An_alarm_that_stood_comes_as_it_stood_then_with_its_transitions_of_then()
    {
        var raised = await _host.RaiseAsync(Samples.Alarm("a") with { Instance = null });
        await _host.RaiseAsync(raised with { State = AlarmState.ActiveAcknowledged, RaisedReceivedAt = Samples.T0 + 90_000 }, AlarmState.ActiveUnacknowledged, "acknowledged");
        var answer = await AskAsync($"device=PS-1&rule=level_high&at={Samples.T0 + 60_000}");
        Assert.Equal(("alarm_stood", "a", "active_unacknowledged"), (answer.Text("answer"), answer.GetProperty("alarm").Text("id"), answer.GetProperty("alarm").Text("state")));
        Assert.Equal(["raised"], answer.GetProperty("alarm").GetProperty("transitions").EnumerateArray().Select(line => line.Text("cause")));
        var after = await AskAsync($"device=PS-1&rule=level_high&at={Samples.T0 + 120_000}");
        Assert.Equal("active_acknowledged", after.GetProperty("alarm").Text("state"));
        Assert.Equal("no_data_yet", (await AskAsync($"device=PS-1&rule=level_high&at={Samples.T0 - 1}")).Text("answer"));
    }

    [Fact]
    public async Task A_device_that_nobody_knows_is_an_answer_and_a_gateway_is_no_such_device()
    {
        var unknown = await AskAsync("device=PS-9&rule=level_high");
        Assert.Equal(("device_unknown", JsonValueKind.Null), (unknown.Text("answer"), unknown.GetProperty("ruleVersion").ValueKind));
        Assert.Equal("condition_false", (await AskAsync("device=GW-1&rule=offline")).Text("answer"));
        await _host.RaiseAsync(Samples.Alarm("g") with { Device = "GW-1", Family = "gateway", Rule = "offline", Instance = null });
        Assert.Equal("alarm_stood", (await AskAsync($"device=GW-1&rule=offline&at={Samples.T0 + 1000}")).Text("answer"));
        Assert.Equal("gateway_down", (await AskAsync($"device=PS-1&rule=level_high&at={Samples.T0 + 1000}")).Text("answer"));
    }

    [Fact]
    public async Task A_rule_that_was_not_in_the_file_then_is_told_apart_from_one_that_never_was()
    {
        foreach (var text in (string[])[Text.Replace("level_high:", "level_top:", StringComparison.Ordinal), Text])
            await AppendAsync(new FamilyEntry("drainage_pump", text.ReplaceLineEndings("\n"), Read(text).Hash));
        var then = await AskAsync($"device=PS-1&rule=level_high&at={Samples.T0}");
        Assert.Equal(("rule_unknown", Read(Text.Replace("level_high:", "level_top:", StringComparison.Ordinal)).Hash), (then.Text("answer"), then.Text("ruleVersion")));
        Assert.Equal("no_data_yet", (await AskAsync("device=PS-1&rule=level_high")).Text("answer"));
    }

    [Theory]
    [InlineData("device=PS-1&rule=level_hihg", HttpStatusCode.NotFound, "unknown_rule", "did you mean 'level_high'?")]
    [InlineData("device=PS-1&rule=level_high&instance=2", HttpStatusCode.BadRequest, "bad_parameter", "has no instances")]
    [InlineData("device=PS-1&rule=level_high&at=4102444800000", HttpStatusCode.BadRequest, "bad_parameter", "still to come")]
    [InlineData("device=PS-1&rule=level_high&at=02:14", HttpStatusCode.BadRequest, "bad_parameter", "RFC 3339")]
    [InlineData("device=PS-1", HttpStatusCode.BadRequest, "missing_parameter", "'rule' is required")]
    [InlineData("device=PS-1&rule=level_high&time=1", HttpStatusCode.BadRequest, "unknown_parameter", "'time'")]
    public async Task A_question_that_cannot_be_meant_is_refused(string query, HttpStatusCode status, string reason, string detail)
    {
        var answer = await _host.SendAsync(HttpMethod.Get, $"/api/v1/explain?{query}");
        Assert.Equal((status, reason), (answer.Status, answer.Reason()));
        Assert.Contains(detail, answer.Body.Text("detail"), StringComparison.Ordinal);
    }
}
