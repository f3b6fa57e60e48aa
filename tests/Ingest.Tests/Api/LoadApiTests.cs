using System.Net;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>The operators' load as others read it. The figures themselves are tested with the ledger.</summary>
public sealed class LoadApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Each_figure_stands_beside_its_target_for_the_position_and_the_district()
    {
        for (var i = 0; i < 12; i++)
            await _host.RaiseAsync(Samples.Alarm($"a{i}", Samples.T0 + i));
        await _host.RaiseAsync(Samples.Alarm("a0") with { State = AlarmState.ActiveAcknowledged, RaisedReceivedAt = Samples.T0 + 60_000 }, AlarmState.ActiveUnacknowledged, "acknowledged");
        var all = await _host.GetJsonAsync("/api/v1/load");
        Assert.Equal(["city", "north"], all.EnumerateArray().Select(each => each.GetProperty("position").GetString() ?? each.GetProperty("district").GetString()));
        var city = all[0];
        Assert.Equal("""{"value":12,"target":1,"maximum":2}""", city.GetProperty("alarmsPer10Minutes").GetRawText());
        Assert.Equal("""{"value":12,"target":150,"maximum":300}""", city.GetProperty("alarmsPerDay").GetRawText());
        Assert.Equal("""{"value":100,"target":15,"maximum":null}""", city.GetProperty("priorities").GetProperty("highPercent").GetRawText());
        Assert.Equal("""{"value":12,"target":null,"maximum":null}""", city.GetProperty("standing").GetRawText());
        Assert.Equal((true, 1, 12), (city.GetProperty("floods").GetProperty("now").GetBoolean(), city.GetProperty("floods").GetProperty("count").GetInt32(), city.GetProperty("floods").GetProperty("peakPer10Minutes").GetInt32()));
        Assert.InRange(city.GetProperty("acknowledge").GetProperty("median").GetDouble(), 57, 63);
        Assert.Equal(all[1].GetRawText(), (await _host.GetJsonAsync("/api/v1/load?district=north"))[0].GetRawText());
        Assert.Equal(0, (await _host.GetJsonAsync("/api/v1/load?district=south")).GetArrayLength());
    }

    [Fact]
    public async Task What_is_shelved_stands_there_with_its_end()
    {
        var overlay = new Overlay { State = AlarmState.Shelved, By = "Li", Reason = "sensor is being exchanged", Since = Samples.T0, Until = Samples.T0 + 3_600_000 };
        await _host.RaiseAsync(Samples.Alarm("a", state: AlarmState.Shelved) with { Beneath = AlarmState.ActiveUnacknowledged, Overlay = overlay });
        var city = (await _host.GetJsonAsync("/api/v1/load"))[0];
        Assert.Equal("""[{"alarm":"a","device":"PS-1","rule":"level_high","instance":"2","until":"2024-11-24T10:20:00.000Z"}]""", city.GetProperty("shelved").GetRawText());
        Assert.Equal((0, 0), (city.GetProperty("alarms").GetInt32(), city.GetProperty("standing").GetProperty("value").GetInt32()));
    }

    [Theory]
    [InlineData("/api/v1/load?position=nowhere", "unknown_position")]
    [InlineData("/api/v1/load?position=city&district=north", "bad_parameter")]
    [InlineData("/api/v1/load?days=32", "bad_parameter")]
    [InlineData("/api/v1/rationalisation?month=2026-13", "bad_parameter")]
    [InlineData("/api/v1/rationalisation?format=xml", "bad_parameter")]
    public async Task A_wrong_question_says_what_would_be_right(string path, string reason)
    {
        var answer = await _host.SendAsync(HttpMethod.Get, path);
        Assert.Equal((HttpStatusCode.BadRequest, reason), (answer.Status, answer.Reason()));
    }

    [Fact]
    public async Task The_monthly_list_names_every_rule_that_may_call_and_what_nobody_here_has_agreed_to()
    {
        await _host.RaiseAsync(Samples.Alarm("a"));
        var rows = await _host.GetJsonAsync("/api/v1/rationalisation?month=2024-11");
        Assert.Equal([("level_high", 1), ("fail_to_start", 0)], rows.EnumerateArray().Select(row => (row.Text("rule"), row.GetProperty("alarms").GetInt32())).Where(row => row.Item1 is "level_high" or "fail_to_start"));
        Assert.Equal(100, rows[0].GetProperty("sharePercent").GetDouble());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, rows[0].GetProperty("rationalisedBy").ValueKind);
    }

    [Fact]
    public async Task As_a_table_it_opens_in_a_spreadsheet_and_no_text_becomes_a_formula()
    {
        await _host.RaiseAsync(Samples.Alarm("a"));
        await _host.RaiseAsync(Samples.Alarm("a") with { Transitions = 1, FalseAlarm = "=HYPERLINK(\"x\"), a cat" }, AlarmState.ActiveUnacknowledged, "false_alarm");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1/rationalisation?month=2024-11", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "text/csv");
        using var response = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        var lines = System.Text.Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Split("\r\n");
        Assert.StartsWith("\uFEFFfamily,rule,titleEn", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("drainage_pump,level_high,Sump level high,集水池水位高,high,1,100,1,\"'=HYPERLINK(\"\"x\"\"), a cat: 1\",0,0,30s,", lines[1], StringComparison.Ordinal);
    }
}
