using System.Net;
using Telemetry.Ingest.Tests.Notify;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

public sealed class NotifyApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync(Files.Families.All, notify: Files.Right(Files.Small.Replace("- to: duty", "- {to: duty, calendar: holiday, position: north}\n  - to: duty", StringComparison.Ordinal)));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_rota_tiles_its_span_and_names_no_number()
    {
        var teams = await _host.GetJsonAsync("/api/v1/notify/rota?from=2026-11-29T00:00:00Z&to=2026-12-20T00:00:00Z");

        var duties = teams[0].GetProperty("duties").EnumerateArray().ToList();
        Assert.Equal(["li", "wang", "li", "wang"], duties.Select(duty => duty.Text("person")));
        Assert.Equal(("2026-11-29T00:00:00.000Z", "2026-12-20T00:00:00.000Z"), (duties[0].Text("from"), duties[^1].Text("to")));
        Assert.All(duties.Zip(duties.Skip(1)), pair => Assert.Equal(pair.First.Text("to"), pair.Second.Text("from")));
        Assert.DoesNotContain("138", teams.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_takes_district_address_and_calendar_from_the_register()
    {
        _host.Devices.Set(new Device { Id = "PS-01", Family = "drainage_pump", District = "西湖区", Address = "八一大道下穿" });
        _host.Calendar.Set([new CalendarItem("h", CalendarKind.Holiday, null, CalendarScope.District, "西湖区", Files.At("2026-11-29 00:00"), Files.At("2026-11-30 00:00"), "li", null)]);

        var (status, answer) = await _host.SendAsync(HttpMethod.Post, "/api/v1/notify/dry-run", """{"device": "PS-01", "rule": "road_flood_close", "at": "2026-11-29T03:00:00+08:00"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((1, "north"), (answer.GetProperty("route").GetInt32(), answer.Text("position")));
        Assert.Equal(["on_call li", "next wang", "leader chen"], answer.GetProperty("steps").EnumerateArray().Select(step => $"{step.Text("asked")} {step.Text("to")}"));
        Assert.StartsWith("【城市遥测】八一大道下穿 危及生命：下穿通道积水", answer.GetProperty("steps")[0].Text("sms"), StringComparison.Ordinal);
        Assert.DoesNotContain("138", answer.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rule": "leak_high"}""", "family is missing; one of ")]
    [InlineData("""{"device": "x", "rule": "leak_high"}""", "device \\\"x\\\": the register has none of this id")]
    [InlineData("""{"family": "gas_valve", "rule": "leak_hihg"}""", "there is no rule 'leak_hihg'; did you mean 'leak_high'?")]
    [InlineData("""{"family": "gas_valve", "rule": "leak_high", "at": "tomorrow"}""", "at: must be RFC 3339")]
    [InlineData("""{"family": "gas_valve", "rule": "leak_high", "calendar": ["easter"]}""", "calendar 'easter' is not one of")]
    public async Task A_wrong_question_says_what_would_be_right(string body, string expected)
    {
        var (status, answer) = await _host.SendAsync(HttpMethod.Post, "/api/v1/notify/dry-run", body);

        Assert.Equal((HttpStatusCode.BadRequest, "bad_question"), (status, answer.Text("reason")));
        Assert.Contains(expected, answer.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_both_say_how_to_give_one()
    {
        await using var host = await ApiHost.StartAsync();

        var (rota, answer) = await host.SendAsync(HttpMethod.Get, "/api/v1/notify/rota");
        var (dryRun, _) = await host.SendAsync(HttpMethod.Post, "/api/v1/notify/dry-run", "{}");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (rota, dryRun));
        Assert.Equal("no_notify_file", answer.Text("reason"));
    }
}
