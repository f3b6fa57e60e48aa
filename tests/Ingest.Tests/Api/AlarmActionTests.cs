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
    [InlineData("unshelve", AlarmState.ActiveUnacknowledged)]
    [InlineData("unsuppress", AlarmState.ActiveUnacknowledged)]
    [InlineData("return-to-service", AlarmState.Normal)]
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
    [InlineData("acknowledge", """{"permit": "P-7"}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("comment", "{}", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("shelve", "{}", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("shelve", """{"reason": "x"}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("shelve", """{"reason": "x", "until": "2020-01-01T00:00:00Z"}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("shelve", """{"reason": "x", "until": "soon"}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("shelve", """{"reason": "x", "until": true}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("shelve", """{"reason": "x", "until": "2099-01-01T00:00:00Z"}""", HttpStatusCode.Conflict, "too_long")]
    [InlineData("out-of-service", """{"reason": "x", "permit": "P-7"}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("assign", "{}", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("false-alarm", """{"reason": " "}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("on-site", "{}", HttpStatusCode.Conflict, "not_accepted")]
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

    [Fact]
    public async Task A_shelved_alarm_stands_in_the_list_of_what_is_shelved_with_its_end_and_what_lies_beneath()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));
        await host.RaiseAsync(Samples.Alarm("b") with { Instance = "3" });
        var until = TimeProvider.System.GetUtcNow().AddHours(2).ToUnixTimeMilliseconds();

        var (status, _) = await host.PostAsync("/api/v1/alarms/a/shelve", $$"""{"by": "Li", "reason": "sensor cleaned", "until": {{until}}}""");

        Assert.Equal(HttpStatusCode.OK, status);
        var shelved = Assert.Single((await host.GetJsonAsync("/api/v1/alarms?state=shelved")).EnumerateArray().ToArray());
        Assert.Equal(("a", "shelved", "active_unacknowledged"), (shelved.Text("id"), shelved.Text("state"), shelved.Text("underlying")));
        var overlay = shelved.GetProperty("overlay");
        Assert.Equal(("shelved", "Li", "sensor cleaned", Rules.Model.Iso.Time(until)), (overlay.Text("state"), overlay.Text("by"), overlay.Text("reason"), overlay.Text("until")));
        var (_, back) = await host.PostAsync("/api/v1/alarms/a/unshelve", "{}");
        Assert.Equal("active_unacknowledged", back.Text("state"));
        Assert.Empty((await host.GetJsonAsync("/api/v1/alarms?state=shelved")).EnumerateArray());
    }

    [Theory]
    [InlineData("unshelve", AlarmState.Shelved)]
    [InlineData("unsuppress", AlarmState.Suppressed)]
    [InlineData("return-to-service", AlarmState.OutOfService)]
    public async Task What_lies_over_a_rule_is_taken_off_by_the_id_of_the_occurrence_that_it_was_put_on_also_when_that_has_ended(string action, AlarmState over)
    {
        await using var host = await ApiHost.StartAsync();
        var overlay = new Overlay { State = over, By = "Li", Reason = "work", Since = Samples.T0 + 1000, Permit = "P-7", Watch = "guard" };
        await host.RaiseAsync(Samples.Alarm("ended", state: AlarmState.Normal));
        await host.RaiseAsync(Samples.Alarm("beside", Samples.T0 + 5000, over) with { Instance = "3", Beneath = AlarmState.ActiveUnacknowledged, Overlay = overlay });
        await host.RaiseAsync(Samples.Alarm("stands", Samples.T0 + 5000, over) with { Beneath = AlarmState.ActiveUnacknowledged, Overlay = overlay });

        var (status, alarm) = await host.PostAsync($"/api/v1/alarms/ended/{action}", "{}");

        Assert.Equal((HttpStatusCode.OK, "stands", "active_unacknowledged"), (status, alarm.Text("id"), alarm.Text("state")));
        Assert.Equal(over, host.Book.Find("beside")!.State);
    }

    [Fact]
    public async Task What_was_put_on_a_later_occurrence_is_not_taken_off_by_the_id_of_an_earlier_one()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("ended", state: AlarmState.Normal));
        await host.RaiseAsync(Samples.Alarm("stands", Samples.T0 + 5000, AlarmState.Shelved) with { Beneath = AlarmState.ActiveUnacknowledged, Overlay = new Overlay { State = AlarmState.Shelved, By = "Li", Reason = "work", Since = Samples.T0 + 9000, Until = Samples.T0 + 99_000 } });
        var committed = host.Log.Committed;
        var (status, alarm) = await host.PostAsync("/api/v1/alarms/ended/unshelve", "{}");
        Assert.Equal((HttpStatusCode.OK, "ended", committed), (status, alarm.Text("id"), host.Log.Committed));
    }

    [Theory]
    [InlineData("sos", "high", "never_shelved")]
    [InlineData("overstay", "critical", "second_person")]
    public async Task What_people_depend_on_is_not_shelved(string rule, string severity, string reason)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a") with { Family = "public_toilet", Rule = rule, Severity = severity == "critical" ? Rules.Families.Severity.Critical : Rules.Families.Severity.High });
        var until = TimeProvider.System.GetUtcNow().AddMinutes(20).ToUnixTimeMilliseconds();

        var answer = await host.PostAsync("/api/v1/alarms/a/shelve", $$"""{"by": "Li", "second": "Li", "reason": "x", "until": {{until}}}""");

        Assert.Equal((HttpStatusCode.Conflict, reason), (answer.Status, answer.Reason()));
    }

    [Theory]
    [InlineData("shelve", "Li", "li")]
    [InlineData("suppress", "li ", " LI")]
    public async Task Who_writes_the_own_name_another_way_is_no_second_person(string action, string by, string second)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a") with { Family = "public_toilet", Rule = "overstay", Severity = Rules.Families.Severity.Critical });
        var until = TimeProvider.System.GetUtcNow().AddMinutes(20).ToUnixTimeMilliseconds();
        var committed = host.Log.Committed;

        var answer = await host.PostAsync($"/api/v1/alarms/a/{action}", $$"""{"by": "{{by}}", "second": "{{second}}", "reason": "x", "until": {{until}}}""");

        Assert.Equal((HttpStatusCode.Conflict, "second_person", committed), (answer.Status, answer.Reason(), host.Log.Committed));
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync($"/api/v1/alarms/a/{action}", $$"""{"by": "{{by}}", "second": "Wang", "reason": "x", "until": {{until}}}""")).Status);
    }

    [Fact]
    public async Task A_response_goes_from_accepted_to_done_and_acknowledges_nothing()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));
        await host.PostAsync("/api/v1/alarms/a/assign", """{"by": "Li", "to": "crew 7"}""");
        await host.PostAsync("/api/v1/alarms/a/accept", """{"by": "crew 7"}""");
        await host.PostAsync("/api/v1/alarms/a/on-site", """{"by": "crew 7"}""");
        await host.PostAsync("/api/v1/alarms/a/done", """{"by": "crew 7"}""");
        var (_, alarm) = await host.PostAsync("/api/v1/alarms/a/false-alarm", """{"by": "crew 7", "reason": "lorry"}""");

        Assert.Equal(("active_unacknowledged", "crew 7", "crew 7", "lorry"), (alarm.Text("state"), alarm.Text("assignedTo"), alarm.Text("acceptedBy"), alarm.Text("falseAlarm")));
        Assert.NotNull(alarm.GetProperty("onSiteAt").GetString());
        Assert.NotNull(alarm.GetProperty("doneAt").GetString());
        var journal = await host.GetJsonAsync("/api/v1/alarms/a");
        Assert.Equal(["raised", "assigned", "accepted", "on_site", "done", "false_alarm"], journal.GetProperty("provenance").GetProperty("transitions").EnumerateArray().Select(line => line.Text("cause")));
    }

    [Fact]
    public async Task Fifty_acknowledgements_at_once_are_one_transition_ThingsBoard_15583()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(caller => host.PostAsync("/api/v1/alarms/a/acknowledge", $$"""{"by": "operator {{caller}}"}""")));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, "active_acknowledged"), (answer.Status, answer.Body.Text("state"))));
        Assert.Single(answers.Select(answer => answer.Body.Text("acknowledgedBy")).Distinct());
        var journal = await host.GetJsonAsync("/api/v1/alarms/a");
        Assert.Equal(["raised", "acknowledged"], journal.GetProperty("provenance").GetProperty("transitions").EnumerateArray().Select(line => line.Text("cause")));
    }
}
