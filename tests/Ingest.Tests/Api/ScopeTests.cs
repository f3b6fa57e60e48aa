using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Log;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Store;
using Telemetry.Ingest.Tests.Notify;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>
/// Somebody of the district near, whatever the role, and what is in the district far: everything there has "far" in its name, so that one word in an answer gives a leak away. The city's administrator, who
/// makes the same calls, shows that there is something to hide.
/// </summary>
public sealed class ScopeTests(TwoDistricts city) : IClassFixture<TwoDistricts>
{
    private const string Span = "from=2024-11-24T09:00:00Z&to=2024-11-24T10:00:00Z";

    private static string City => TwoDistricts.City;

    private static string Near => TwoDistricts.Near;

    private static string Covers => TwoDistricts.Covers;

    private readonly ApiHost _host = city.Host;

    private Task<(HttpStatusCode Status, string Text)> AsAsync(string token, string call, string? body = null, string type = "application/json") => city.AsAsync(token, call, body, type);

    private static string Reason((HttpStatusCode Status, string Text) answer) => answer.Text.StartsWith('{') && JsonDocument.Parse(answer.Text).RootElement.TryGetProperty("reason", out var reason) ? reason.GetString()! : $"{answer.Status} {answer.Text}";

    /// <summary>Lists: what is in scope stands there, what is not does not.</summary>
    public static TheoryData<string> Lists { get; } =
    [
        "/api/v1/devices", "/api/v1/devices?limit=10", "/api/v1/alarms", "/api/v1/alarms?state=open", "/api/v1/alarms?limit=10", "/api/v1/journal", "/api/v1/calendar", "/api/v1/positions", "/api/v1/handovers",
        "/api/v1/load", "/api/v1/deadletters", $"/api/v1/export?format=csv&{Span}", $"/api/v1/export?format=jsonl&family=drainage_pump&{Span}",
    ];

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_list_holds_what_its_caller_sees_and_not_a_word_of_the_rest(string path)
    {
        // Whose alarms a position answers for is told by name, to whoever has that position.
        await AsAsync(City, "POST /api/v1/positions/far/sign-on");
        var city = await AsAsync(City, "GET " + path);
        Assert.True(city.Text.Contains("far", StringComparison.Ordinal) && city.Text.Contains("near", StringComparison.Ordinal), city.Text);
        var near = await AsAsync(Near, "GET " + path);
        Assert.Equal(HttpStatusCode.OK, near.Status);
        Assert.Contains("near", near.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("far", near.Text, StringComparison.Ordinal);
        var covers = await AsAsync(Covers, "GET " + path);
        Assert.Equal(HttpStatusCode.OK, covers.Status);
        Assert.False(covers.Text.Contains("near-1", StringComparison.Ordinal) || covers.Text.Contains("far-1", StringComparison.Ordinal), covers.Text);
    }

    /// <summary>One of the other district: answered as if it were not there. Beside it one of the own.</summary>
    public static TheoryData<string, string> Singles { get; } = new()
    {
        { "GET /api/v1/devices/far-1", "" }, { $"GET /api/v1/devices/far-1/readings?channel=sump_level&{Span}", "" }, { $"GET /api/v1/export?format=csv&device=far-1&{Span}", "" },
        { "GET /api/v1/alarms/far-alarm", "" }, { "GET /api/v1/alarms/far-gone", "" }, { "GET /api/v1/calendar/far-rain", "" }, { "GET /api/v1/positions/far", "" }, { "GET /api/v1/handover?position=far", "" },
        { "POST /api/v1/alarms/far-alarm/acknowledge", "{}" }, { "POST /api/v1/alarms/far-alarm/comment", """{"comment": "x"}""" }, { "POST /api/v1/alarms/far-alarm/shelve", """{"reason": "x", "until": 4000000000000}""" },
        { "POST /api/v1/alarms/far-alarm/reset", "{}" }, { "POST /api/v1/alarms/far-alarm/second-person", "{}" }, { "POST /api/v1/alarms/far-alarm/unshelve", "{}" }, { "POST /api/v1/alarms/far-alarm/suppress", """{"reason": "x", "until": 4000000000000}""" }, { "POST /api/v1/alarms/far-alarm/unsuppress", "{}" },
        { "POST /api/v1/alarms/far-alarm/out-of-service", """{"reason": "x", "permit": "1", "watch": "y"}""" }, { "POST /api/v1/alarms/far-alarm/return-to-service", "{}" }, { "POST /api/v1/alarms/far-alarm/assign", """{"to": "x"}""" },
        { "POST /api/v1/alarms/far-alarm/accept", "{}" }, { "POST /api/v1/alarms/far-alarm/decline", "{}" }, { "POST /api/v1/alarms/far-alarm/on-site", "{}" }, { "POST /api/v1/alarms/far-alarm/done", "{}" }, { "POST /api/v1/alarms/far-alarm/false-alarm", """{"reason": "x"}""" },
        { "DELETE /api/v1/calendar/far-rain", "" }, { "POST /api/v1/positions/far/sign-on", "{}" }, { "POST /api/v1/positions/far/sign-off", "{}" }, { "POST /api/v1/positions/far/notes", """{"text": "x"}""" },
        { "POST /api/v1/handover", """{"position": "far"}""" }, { "PUT /api/v1/devices/far-1", """{"family": "drainage_pump", "district": "near"}""" },
    };

    [Theory]
    [MemberData(nameof(Singles))]
    public async Task What_is_out_of_scope_is_answered_like_what_does_not_exist(string call, string body)
    {
        var far = await AsAsync(Near, call, body);
        Assert.Equal(HttpStatusCode.NotFound, far.Status);
        if (call.StartsWith("PUT", StringComparison.Ordinal))
            return;
        var nothing = await AsAsync(Near, call.Replace("far", "fog", StringComparison.Ordinal), body.Replace("far", "fog", StringComparison.Ordinal));
        Assert.Equal(WithoutTrace(nothing.Text), WithoutTrace(far.Text).Replace("far", "fog", StringComparison.Ordinal));
        // What is deleted is missing in the other tests.
        if (call.StartsWith("DELETE", StringComparison.Ordinal))
            return;
        var near = await AsAsync(Near, call.Replace("far", "near", StringComparison.Ordinal), body.Replace("far", "near", StringComparison.Ordinal));
        Assert.NotEqual(HttpStatusCode.NotFound, near.Status);
        Assert.NotEqual(HttpStatusCode.NotFound, (await AsAsync(City, call, body)).Status);
    }

    private static string WithoutTrace(string problem) => JsonSerializer.Serialize(JsonDocument.Parse(problem).RootElement.EnumerateObject().Where(member => member.Name != "traceId").ToDictionary(member => member.Name, member => member.Value));

    /// <summary>Changes that name another district, or reach into it.</summary>
    public static TheoryData<string, string> Changes { get; } = new()
    {
        { "PUT /api/v1/devices/new-1", """{"family": "drainage_pump", "district": "far"}""" },
        { "PUT /api/v1/devices/new-1", """{"family": "drainage_pump"}""" },
        { "PUT /api/v1/devices/near-1", """{"family": "drainage_pump", "district": "far"}""" },
        { "PUT /api/v1/devices/near-1", """{"family": "drainage_pump", "district": "near", "links": {"gauge": "far-1"}}""" },
        { "PUT /api/v1/devices/near-1", """{"family": "drainage_pump", "district": "near", "parent": "far-well"}""" },
        { "PUT /api/v1/devices/near-1", """{"family": "drainage_pump", "district": "near", "sensors": {"far-1": ""}}""" },
        { "PUT /api/v1/calendar/new", """{"kind": "holiday", "scope": "city", "from": "2099-01-01T00:00:00Z", "to": "2099-01-02T00:00:00Z"}""" },
        { "PUT /api/v1/calendar/new", """{"kind": "holiday", "scope": "district", "place": "far", "from": "2099-01-01T00:00:00Z", "to": "2099-01-02T00:00:00Z"}""" },
        { "PUT /api/v1/calendar/new", """{"kind": "holiday", "scope": "family", "place": "drainage_pump", "from": "2099-01-01T00:00:00Z", "to": "2099-01-02T00:00:00Z"}""" },
        { "PUT /api/v1/calendar/far-rain", """{"kind": "holiday", "scope": "district", "place": "near", "from": "2099-01-01T00:00:00Z", "to": "2099-01-02T00:00:00Z"}""" },
        { "PUT /api/v1/families/drainage_pump", "family: drainage_pump" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_that_reaches_beyond_the_scope_is_refused_and_writes_nothing(string call, string body)
    {
        var before = _host.Log.Committed;
        var answer = await AsAsync(Near, call, body);
        Assert.Equal((HttpStatusCode.Forbidden, "scope"), (answer.Status, Reason(answer)));
        Assert.Equal(before, _host.Log.Committed);
    }

    [Fact]
    public async Task Devices_are_imported_into_the_own_district_alone_and_nobody_elses_is_moved_there()
    {
        var before = _host.Log.Committed;
        foreach (var row in (string[])["far-1,drainage_pump,near", "new-1,drainage_pump,far", "near-1,drainage_pump,far", "new-1,drainage_pump,"])
        {
            var refused = await AsAsync(Near, "POST /api/v1/devices/import", $"id,family,district\nnew-2,drainage_pump,near\n{row}\n", "text/csv");
            Assert.Equal((HttpStatusCode.Forbidden, "scope"), (refused.Status, Reason(refused)));
            Assert.DoesNotContain("gw-far", refused.Text, StringComparison.Ordinal);
        }
        Assert.Equal(before, _host.Log.Committed);
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(Near, "POST /api/v1/devices/import", "id,family,district\nnew-2,drainage_pump,near\n", "text/csv")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(Near, "PUT /api/v1/devices/new-3", """{"family": "drainage_pump", "district": "near", "links": {"gauge": "near-1"}, "parent": "near-well"}""")).Status);
    }

    [Fact]
    public async Task A_calendar_place_of_another_district_is_as_unknown_as_one_that_is_not()
    {
        const string Item = """{"kind": "holiday", "scope": "street", "place": "far road", "from": "2099-01-01T00:00:00Z", "to": "2099-01-02T00:00:00Z"}""";
        var far = await AsAsync(Near, "PUT /api/v1/calendar/new", Item);
        Assert.Equal("bad_item", Reason(far));
        Assert.Equal(WithoutTrace((await AsAsync(Near, "PUT /api/v1/calendar/new", Item.Replace("far road", "fog road", StringComparison.Ordinal))).Text), WithoutTrace(far.Text).Replace("far road", "fog road", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(Near, "PUT /api/v1/calendar/new", Item.Replace("far road", "near road", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task An_explanation_of_another_districts_device_knows_no_such_device()
    {
        const string Far = "GET /api/v1/explain?device=far-1&rule=level_high&at=2024-11-24T09:30:00Z";
        var (status, text) = await AsAsync(Near, Far);
        Assert.Equal((HttpStatusCode.OK, "device_unknown"), (status, JsonDocument.Parse(text).RootElement.Text("answer")));
        Assert.Equal((await AsAsync(Near, Far.Replace("far", "fog", StringComparison.Ordinal))).Text, text.Replace("far", "fog", StringComparison.Ordinal));
        Assert.NotEqual("device_unknown", JsonDocument.Parse((await AsAsync(Near, Far.Replace("far", "near", StringComparison.Ordinal))).Text).RootElement.Text("answer"));
        Assert.NotEqual("device_unknown", JsonDocument.Parse((await AsAsync(City, Far)).Text).RootElement.Text("answer"));
    }

    [Fact]
    public async Task A_dry_run_takes_no_device_of_another_district()
    {
        const string Asked = """{"device": "far-1", "rule": "level_high"}""";
        var far = await AsAsync(Near, "POST /api/v1/notify/dry-run", Asked);
        Assert.Equal("bad_question", Reason(far));
        Assert.Equal(WithoutTrace((await AsAsync(Near, "POST /api/v1/notify/dry-run", Asked.Replace("far", "fog", StringComparison.Ordinal))).Text), WithoutTrace(far.Text).Replace("far", "fog", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(City, "POST /api/v1/notify/dry-run", Asked)).Status);
    }

    [Fact]
    public async Task The_event_stream_brings_the_own_alarms_and_readings_alone_also_when_it_resumes()
    {
        var bearer = ("Authorization", $"Bearer {Near}");
        using var events = await EventReader.OpenAsync(_host, "/api/v1/events?after=0.0", bearer);
        Assert.Equal("near-alarm", (await events.NextAsync("alarm")).Data.Text("id"));
        Assert.Equal("near-gone", (await events.NextAsync("alarm")).Data.Text("id"));
        await _host.RaiseAsync(TwoDistricts.Alarm("far") with { Severity = Telemetry.Rules.Families.Severity.Critical }, AlarmState.ActiveUnacknowledged, "escalated");
        await _host.RaiseAsync(TwoDistricts.Alarm("near") with { Severity = Telemetry.Rules.Families.Severity.Critical }, AlarmState.ActiveUnacknowledged, "escalated");
        ServerEvent next;
        do
        {
            next = await events.NextAsync("alarm");
            Assert.StartsWith("near", next.Data.Text("id"), StringComparison.Ordinal);
        }
        while (next.Data.Text("severity") != "critical");

        var far = await AsAsync(Near, "GET /api/v1/events?device=far-1");
        Assert.Equal("unknown_device", Reason(far));
        using var readings = await EventReader.OpenAsync(_host, "/api/v1/events?device=near-1", bearer);
        await readings.NextAsync("stats");
        // It goes to the other district while its readings are watched.
        Reading("near-1", 1);
        Assert.Equal("near-1", (await readings.NextAsync("reading")).Data.Text("device"));
        _host.Devices.Set(_host.Devices.Find("near-1")! with { District = "far" });
        Reading("near-1", 2);
        _host.Devices.Set(_host.Devices.Find("near-1")! with { District = "near" });
        Reading("near-1", 3);
        Assert.Equal(3, (await readings.NextAsync("reading")).Data.GetProperty("values")[0].GetProperty("value").GetDouble());
    }

    private void Reading(string device, double value) => _host.Readings.Publish(new ReadingEntry(new Reading
    {
        Device = device,
        Family = "drainage_pump",
        Gateway = "gw",
        EventTime = Samples.T0,
        Values = [new ChannelValue("sump_level", ValueKind.Number, value, null, Quality.Good)],
    })
    { Time = Samples.T0 });

    [Theory]
    [InlineData("GET /api/v1/backtests")]
    [InlineData("POST /api/v1/backtests")]
    [InlineData("GET /api/v1/devices/unknown")]
    [InlineData("POST /api/v1/devices/unknown/x/adopt")]
    [InlineData("POST /api/v1/deadletters/redecode")]
    [InlineData("POST /api/v1/notify/proof")]
    public async Task What_is_of_the_whole_city_is_closed_to_whoever_sees_a_part(string call)
    {
        foreach (var token in (string[])[Near, Covers])
            Assert.Equal("scope", Reason(await AsAsync(token, call)));
        Assert.NotEqual("scope", Reason(await AsAsync(City, call)));
    }

    [Fact]
    public async Task The_figures_of_the_city_the_rules_and_the_rota_are_for_everybody()
    {
        foreach (var path in (string[])["/api/v1/stats", "/metrics", "/api/v1/families", "/api/v1/rules", "/api/v1/rationalisation", "/api/v1/notify/rota", "/api/v1/deadletters/summary", "/api/v1/session"])
            Assert.Equal(HttpStatusCode.OK, (await AsAsync(Near, "GET " + path)).Status);
    }

    /// <summary>Fails for a new route that nobody has thought about; until then it is closed to whoever sees a part, see AccessGuard.</summary>
    [Fact]
    public void Every_route_says_how_it_keeps_to_what_its_caller_sees_and_those_that_do_are_tried_here()
    {
        var routes = _host.Endpoints.OfType<RouteEndpoint>().Select(endpoint => (Call: AccessTests.Name(endpoint), endpoint.Metadata.GetMetadata<ScopeMark>()?.Rule)).ToList();
        Assert.Equal([], routes.Where(route => route.Rule is null).Select(route => route.Call));
        var tried = Lists.Select(row => "GET " + row.Data).Concat(Singles.Select(row => row.Data.Item1)).Concat(Changes.Select(row => row.Data.Item1))
            .Concat(["GET /api/v1/exercises", "POST /api/v1/exercises", "POST /api/v1/exercises/{name}/end", "POST /api/v1/devices/import", "GET /api/v1/explain", "POST /api/v1/notify/dry-run", "GET /api/v1/events", "GET /api/v1/handover/{id}", "POST /api/v1/handover/{id}/sign", "POST /api/v1/families/proposals/{id}/approve"])
            .Select(call => call.Split('?')[0]).ToList();
        Assert.Equal([], routes.Where(route => route.Rule == ScopeRule.Within && !tried.Any(call => IsOf(call, route.Call))).Select(route => route.Call));
    }

    private static bool IsOf(string call, string route) => call.Split('/') is var one && route.Split('/') is var other && one.Length == other.Length && one.Zip(other).All(pair => pair.First == pair.Second || pair.Second.StartsWith('{'));

    [Fact]
    public async Task An_exercise_is_begun_with_the_own_devices_alone_and_one_that_reaches_beyond_is_ended_by_whoever_sees_it_all()
    {
        var until = _time();
        string Body(string name, string area) => $$"""{"name": "{{name}}", "mode": "test", "reason": "x", "until": {{until}}, {{area}}}""";
        Assert.Equal("no_device", Reason(await AsAsync(Near, "POST /api/v1/exercises", Body("e", "\"district\": \"far\""))));
        Assert.Equal("bad_exercise", Reason(await AsAsync(Near, "POST /api/v1/exercises", Body("e", "\"devices\": [\"far-1\"]"))));
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(City, "POST /api/v1/exercises", Body("both", "\"devices\": [\"far-1\", \"near-1\"]"))).Status);
        var seen = await AsAsync(Near, "GET /api/v1/exercises");
        Assert.Contains("both", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("far", seen.Text, StringComparison.Ordinal);
        Assert.Equal("scope", Reason(await AsAsync(Near, "POST /api/v1/exercises/both/end", "{}")));
        Assert.Equal("test", _host.Devices.Find("far-1")!.State);
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(City, "POST /api/v1/exercises/both/end", "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(Near, "POST /api/v1/exercises", Body("own", "\"devices\": [\"near-1\"]"))).Status);
        Assert.Equal(("live", "test"), (_host.Devices.Find("far-1")!.State, _host.Devices.Find("near-1")!.State));
        static long _time() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 3_600_000;
    }

    [Fact]
    public async Task A_handover_of_another_district_is_neither_read_nor_signed()
    {
        foreach (var position in (string[])["near", "far"])
            await AsAsync(City, $"POST /api/v1/positions/{position}/sign-on");
        Assert.Equal(HttpStatusCode.OK, (await AsAsync(Near, $"GET /api/v1/handover/{city.Handovers["near"]}")).Status);
        Assert.Equal("unknown_handover", Reason(await AsAsync(Near, $"GET /api/v1/handover/{city.Handovers["far"]}")));
        Assert.Equal("unknown_handover", Reason(await AsAsync(Near, $"POST /api/v1/handover/{city.Handovers["far"]}/sign")));
        // Once nobody mans the other position, its alarms are this one's too: somebody must hand over who sees them.
        await AsAsync(City, "POST /api/v1/positions/far/sign-off", "{}");
        Assert.Equal("scope", Reason(await AsAsync(Near, "GET /api/v1/handover?position=near")));
        Assert.Equal("scope", Reason(await AsAsync(Near, "POST /api/v1/handover", """{"position": "near"}""")));
    }
}
