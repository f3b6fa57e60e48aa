using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Alarms;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Tests.State;

namespace Telemetry.Ingest.Tests.Api;

public sealed class SurfaceTests
{
    [Fact]
    public async Task The_OpenAPI_document_lists_every_call_with_a_summary()
    {
        await using var host = await ApiHost.StartAsync();
        var paths = (await host.GetJsonAsync("/openapi/v1.json")).GetProperty("paths");
        string[] expected =
        [
            "delete /api/v1/accounts/{name}/tokens/{id}", "delete /api/v1/backtests/{id}", "delete /api/v1/calendar/{id}", "delete /api/v1/session", "delete /api/v1/session/others", "delete /api/v1/tokens/{id}",
            "get /api/v1/accounts", "get /api/v1/accounts/{name}/tokens",
            "get /api/v1/alarms", "get /api/v1/alarms/{id}", "get /api/v1/audit", "get /api/v1/backtests", "get /api/v1/backtests/{id}", "get /api/v1/backtests/{id}/differences", "get /api/v1/backtests/{id}/page", "get /api/v1/calendar", "get /api/v1/calendar/{id}", "get /api/v1/deadletters", "get /api/v1/deadletters/redecode", "get /api/v1/deadletters/summary",
            "get /api/v1/devices", "get /api/v1/devices/unknown", "get /api/v1/devices/{id}", "get /api/v1/devices/{id}/readings",
            "get /api/v1/events", "get /api/v1/exercises", "get /api/v1/explain", "get /api/v1/export", "get /api/v1/families", "get /api/v1/families/proposals", "get /api/v1/families/proposals/{id}", "get /api/v1/families/{name}/text", "get /api/v1/families/{name}/versions",
            "get /api/v1/handover", "get /api/v1/handover/{id}", "get /api/v1/handovers",
            "get /api/v1/journal", "get /api/v1/load", "get /api/v1/notify/proof", "get /api/v1/notify/rota", "get /api/v1/positions", "get /api/v1/positions/{name}", "get /api/v1/rationalisation", "get /api/v1/rules", "get /api/v1/session", "get /api/v1/stats", "get /api/v1/tokens", "get /health/live", "get /health/ready",
            "post /api/v1/accounts", "post /api/v1/accounts/{name}/one-time-password", "post /api/v1/alarms/{id}/accept", "post /api/v1/alarms/{id}/acknowledge", "post /api/v1/alarms/{id}/assign", "post /api/v1/alarms/{id}/comment", "post /api/v1/alarms/{id}/decline",
            "post /api/v1/alarms/{id}/done", "post /api/v1/alarms/{id}/false-alarm", "post /api/v1/alarms/{id}/on-site", "post /api/v1/alarms/{id}/out-of-service", "post /api/v1/alarms/{id}/reset",
            "post /api/v1/alarms/{id}/return-to-service", "post /api/v1/alarms/{id}/second-person", "post /api/v1/alarms/{id}/shelve", "post /api/v1/alarms/{id}/suppress", "post /api/v1/alarms/{id}/unshelve", "post /api/v1/alarms/{id}/unsuppress",
            "post /api/v1/backtests", "post /api/v1/deadletters/redecode", "post /api/v1/devices/import", "post /api/v1/devices/unknown/{wireId}/adopt", "post /api/v1/exercises", "post /api/v1/exercises/{name}/end", "post /api/v1/families/proposals/{id}/approve", "post /api/v1/handover", "post /api/v1/handover/{id}/sign", "post /api/v1/notify/dry-run", "post /api/v1/notify/proof", "post /api/v1/notify/proof/{id}/confirm", "post /api/v1/notify/replies/sms", "post /api/v1/notify/replies/voice", "post /api/v1/positions/{name}/notes", "post /api/v1/positions/{name}/sign-off", "post /api/v1/positions/{name}/sign-on", "post /api/v1/session", "post /api/v1/tokens",
            "post /enrol/v1", "post /enrol/v1/renew",
            "put /api/v1/account/password", "put /api/v1/accounts/{name}", "put /api/v1/calendar/{id}", "put /api/v1/devices/{id}", "put /api/v1/families/{name}",
        ];
        var calls = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(call => (Name: $"{call.Name} {path.Name}", call.Value))).ToArray();
        Assert.Equal(expected, calls.Select(call => call.Name).Order(StringComparer.Ordinal));
        Assert.All(calls, call => Assert.NotEmpty(call.Value.Text("summary")));
    }

    [Fact]
    public async Task The_documents_alarm_has_the_members_that_are_written()
    {
        await using var host = await ApiHost.StartAsync();
        var shape = (await host.GetJsonAsync("/openapi/v1.json")).GetProperty("components").GetProperty("schemas").GetProperty("AlarmShape").GetProperty("properties");
        var written = JsonDocument.Parse(AlarmJson.Write(Samples.Alarm("a"), null, host.OperatorPositions.PositionOf)).RootElement;
        Assert.Equal(written.EnumerateObject().Select(member => member.Name), shape.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task The_document_names_the_query_parameters_of_a_call()
    {
        await using var host = await ApiHost.StartAsync();
        var parameters = (await host.GetJsonAsync("/openapi/v1.json")).GetProperty("paths").GetProperty("/api/v1/journal").GetProperty("get").GetProperty("parameters");
        Assert.Equal("from", parameters[0].Text("name"));
    }

    [Fact]
    public async Task The_journal_is_the_stored_lines_from_a_position_on()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));
        var second = await host.RaiseAsync(Samples.Alarm("b"));
        await host.RaiseAsync(Samples.Alarm("c"));
        var expected = string.Concat(host.Database.Journal(second.Position).Select(row => row.Line + "\n"));
        using var response = await host.Http.GetAsync(new Uri($"/api/v1/journal?from={second.Position}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, expected.Count(letter => letter == '\n'));
    }

    [Fact]
    public async Task Dead_letters_come_with_their_bytes_and_their_text_where_they_are_text()
    {
        await using var host = await ApiHost.StartAsync();
        var batch = new EntryBatch();
        batch.Add(Samples.DeadLetter(1));
        batch.Add(new Rules.Model.DeadLetterEntry { Topic = "t", Reason = "malformed", Detail = "d", Payload = "{水"u8.ToArray() });
        var position = await await host.Log.AppendAsync(batch, TestContext.Current.CancellationToken);
        await host.Progress.RulesAsync(position, TestContext.Current.CancellationToken);
        var letters = await host.GetJsonAsync("/api/v1/deadletters");
        Assert.Equal("{水", letters[0].Text("payload"));
        Assert.Equal(JsonValueKind.Null, letters[1].GetProperty("payload").ValueKind);
        Assert.Equal("AAH/AQ==", letters[1].Text("payloadBase64"));
    }

    [Fact]
    public async Task Ready_names_what_is_not()
    {
        await using var host = await ApiHost.StartAsync();
        host.Readiness.Watch(Readiness.StoreFailing, () => "duckdb: no space left");
        var (status, body) = await host.SendAsync(HttpMethod.Get, "/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("""{"ready":false,"missing":{"store_failing":"duckdb: no space left"}}""", body.GetRawText());
        host.Readiness.Ready(Readiness.StoreFailing);
        Assert.True((await host.GetJsonAsync("/health/ready")).GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task Rules_say_what_they_judge_and_how_soon_they_want_an_answer()
    {
        await using var host = await ApiHost.StartAsync();
        var rules = await host.GetJsonAsync("/api/v1/rules?family=drainage_pump");
        Assert.Equal(["level_high", "fail_to_start", "excess_starts"], rules.EnumerateArray().Select(rule => rule.Text("rule")));
        Assert.Equal("10m", rules[0].Text("respondIn"));
        Assert.Equal("sump_level > high_level", rules[0].GetProperty("steps")[0].Text("condition"));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/api/v1/stats")]
    [InlineData("/api/v1/alarms")]
    [InlineData("/api/v1/journal")]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v1/stats?x=1")]
    public async Task HEAD_is_answered_as_GET_without_a_body(string path)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));
        using var ask = new HttpRequestMessage(HttpMethod.Head, new Uri(path, UriKind.Relative));
        using var get = await host.Http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        // Read to its end, which a stream that goes on has not.
        using var head = await host.Http.SendAsync(ask, TestContext.Current.CancellationToken);

        Assert.Equal((get.StatusCode, get.Content.Headers.ContentType), (head.StatusCode, head.Content.Headers.ContentType));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        // The connection is as it should be for whoever asks next.
        await host.GetJsonAsync("/health/live");
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound, "unknown_route")]
    [InlineData("DELETE", "/api/v1/alarms", HttpStatusCode.MethodNotAllowed, "method")]
    [InlineData("GET", "/api/v1/stats?x=1", HttpStatusCode.BadRequest, "unknown_parameter")]
    [InlineData("GET", "/api/v1/rules?family=x", HttpStatusCode.BadRequest, "unknown_family")]
    public async Task A_call_that_does_not_exist_is_a_problem_too(string method, string path, HttpStatusCode status, string reason)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(new HttpMethod(method), path, method == "GET" ? null : "{}");
        Assert.Equal(status, answer.Status);
        Assert.Equal(reason, answer.Reason());
    }
}
