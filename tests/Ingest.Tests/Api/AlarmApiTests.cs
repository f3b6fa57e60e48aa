using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Tests.Api;

public sealed class AlarmApiTests
{
    [Theory]
    [InlineData("", "a,b,c,d")]
    [InlineData("?state=open", "a,b,c")]
    [InlineData("?state=active", "a,b")]
    [InlineData("?state=latched", "b")]
    [InlineData("?state=cleared", "c,d")]
    [InlineData("?state=acknowledged", "b")]
    [InlineData("?severity=critical", "a")]
    [InlineData("?kind=ticket", "c")]
    [InlineData("?family=tunnel", "d")]
    [InlineData("?device=PS-9", "b")]
    [InlineData("?district=south", "d")]
    [InlineData("?from=1732440010000", "a,b,c,d")]
    [InlineData("?to=1732440000002", "c,d")]
    [InlineData("?retracted=true&state=open&severity=high", "b,c")]
    public async Task The_list_filters_by_what_the_query_says(string query, string expected)
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("d", Samples.T0, AlarmState.Normal) with { Family = "tunnel", District = "south" });
        await host.RaiseAsync(Samples.Alarm("c", Samples.T0 + 1, AlarmState.ClearedUnacknowledged) with { Kind = Rules.Families.AlarmKind.Ticket });
        await host.RaiseAsync(Samples.Alarm("b", Samples.T0 + 2, AlarmState.LatchedAcknowledged) with { Device = "PS-9" });
        await host.RaiseAsync(Samples.Alarm("a", Samples.T0 + 3) with { Severity = Rules.Families.Severity.Critical });

        var list = await host.GetJsonAsync("/api/v1/alarms" + query);

        Assert.Equal(expected, Ids(list));
    }

    [Fact]
    public async Task With_a_limit_the_list_comes_in_pages_that_join_without_gap_or_overlap()
    {
        await using var host = await ApiHost.StartAsync();
        foreach (var (id, offset) in new[] { ("d", 0), ("c", 1), ("b", 1), ("a", 2) })
            await host.RaiseAsync(Samples.Alarm(id, Samples.T0 + offset));

        var first = await host.GetJsonAsync("/api/v1/alarms?limit=3");
        var second = await host.GetJsonAsync($"/api/v1/alarms?limit=3&after={first.Text("next")}");

        Assert.Equal("a,b,c", Ids(first.GetProperty("items")));
        Assert.Equal("d", Ids(second.GetProperty("items")));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
    }

    [Theory]
    [InlineData("?sate=active", "unknown_parameter")]
    [InlineData("?state=activ", "bad_parameter")]
    [InlineData("?severity=P1", "bad_parameter")]
    [InlineData("?from=yesterday", "bad_parameter")]
    [InlineData("?from=2026-07-01T08:00:00", "bad_parameter")]
    [InlineData("?limit=0", "bad_parameter")]
    [InlineData("?after=nonsense", "bad_parameter")]
    [InlineData("?device=a&device=b", "repeated_parameter")]
    public async Task A_query_that_cannot_be_meant_is_refused_instead_of_widened(string query, string reason)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Get, "/api/v1/alarms" + query);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(reason, answer.Reason());
    }

    [Fact]
    public async Task One_alarm_carries_its_title_and_its_transitions_so_far()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RaiseAsync(Samples.Alarm("a"));
        await host.RaiseAsync(Samples.Alarm("other"));
        await host.PostAsync("/api/v1/alarms/a/acknowledge", """{"by": "Zhang"}""");

        var alarm = await host.GetJsonAsync("/api/v1/alarms/a");

        Assert.Equal("Sump level high", alarm.GetProperty("title").Text("en"));
        Assert.Equal(2.2, alarm.GetProperty("limit").GetDouble());
        var provenance = alarm.GetProperty("provenance");
        Assert.Equal("sump_level > high_level", provenance.GetProperty("conditions")[0].GetString());
        Assert.Equal(["raised", "acknowledged"], provenance.GetProperty("transitions").EnumerateArray().Select(line => line.Text("cause")));
    }

    private static string Ids(JsonElement list) => string.Join(',', list.EnumerateArray().Select(alarm => alarm.Text("id")));
}
