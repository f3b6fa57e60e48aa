using System.Net;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Tests.Api;

public sealed class AlarmActionTests
{
    [Theory]
    [InlineData("acknowledge", AlarmState.ActiveUnacknowledged, "active_acknowledged")]
    [InlineData("acknowledge", AlarmState.ClearedUnacknowledged, "normal")]
    [InlineData("acknowledge", AlarmState.LatchedUnacknowledged, "latched_acknowledged")]
    [InlineData("reset", AlarmState.LatchedAcknowledged, "normal")]
    public async Task An_action_is_answered_with_the_alarm_after_the_rules_have_processed_it(string action, AlarmState before, string after)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a", state: before));

        var (status, alarm) = await host.PostAsync($"/api/v1/alarms/a/{action}", """{"by": "张伟", "comment": "seen"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(after, alarm.Text("state"));
        if (action == "acknowledge")
            Assert.Equal("张伟", alarm.Text("acknowledgedBy"));
    }

    [Theory]
    [InlineData("acknowledge", AlarmState.ActiveAcknowledged)]
    [InlineData("acknowledge", AlarmState.LatchedAcknowledged)]
    [InlineData("acknowledge", AlarmState.Normal)]
    [InlineData("reset", AlarmState.Normal)]
    public async Task Repeating_an_action_in_the_state_it_leads_to_writes_nothing(string action, AlarmState state)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a", state: state));
        var committed = host.Log.Committed;

        var (status, _) = await host.PostAsync($"/api/v1/alarms/a/{action}", "{}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(committed, host.Log.Committed);
    }

    [Theory]
    [InlineData(AlarmState.ActiveUnacknowledged, "condition_active")]
    [InlineData(AlarmState.ActiveAcknowledged, "condition_active")]
    [InlineData(AlarmState.LatchedUnacknowledged, "not_acknowledged")]
    [InlineData(AlarmState.ClearedUnacknowledged, "not_latched")]
    [InlineData(AlarmState.Shelved, "illegal_transition")]
    public async Task A_reset_that_is_not_possible_is_a_conflict_with_the_reason_and_writes_nothing(AlarmState state, string reason)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a", state: state));
        var committed = host.Log.Committed;

        var answer = await host.PostAsync("/api/v1/alarms/a/reset", """{"by": "Li"}""");

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Equal(reason, answer.Reason());
        Assert.Equal(committed, host.Log.Committed);
    }

    [Theory]
    [InlineData("acknowledge", "{", HttpStatusCode.BadRequest, "malformed")]
    [InlineData("acknowledge", "", HttpStatusCode.BadRequest, "malformed")]
    [InlineData("acknowledge", "null", HttpStatusCode.BadRequest, "malformed")]
    [InlineData("acknowledge", """{"coment": "x"}""", HttpStatusCode.BadRequest, "malformed")]
    [InlineData("acknowledge", """{"by": " "}""", HttpStatusCode.BadRequest, "bad_operator")]
    [InlineData("acknowledge", """{"until": 1732440000000}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("comment", "{}", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("shelve", "{}", HttpStatusCode.NotImplemented, "not_yet")]
    [InlineData("out-of-service", "{}", HttpStatusCode.NotImplemented, "not_yet")]
    public async Task A_body_or_an_action_that_cannot_be_taken_says_why(string action, string body, HttpStatusCode status, string reason)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));
        var answer = await host.PostAsync($"/api/v1/alarms/a/{action}", body);
        Assert.Equal(status, answer.Status);
        Assert.Equal(reason, answer.Reason());
    }

    [Fact]
    public async Task Malformed_JSON_is_answered_with_its_line()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));
        var (_, problem) = await host.PostAsync("/api/v1/alarms/a/comment", "{\n  \"comment\": nope\n}");
        Assert.Equal(2, problem.GetProperty("position").GetProperty("line").GetInt64());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));
        var answer = await host.PostAsync("/api/v1/alarms/a/comment", $$"""{"comment": "{{new string('x', 300_000)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Equal("too_large", answer.Reason());
    }

    [Fact]
    public async Task An_alarm_that_does_not_exist_is_not_found()
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.PostAsync("/api/v1/alarms/none/acknowledge", "{}");
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal("unknown_alarm", answer.Reason());
    }
}
