using System.Globalization;
using System.Net;
using System.Text.Json;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

public sealed class DeviceApiTests
{
    [Fact]
    public async Task A_device_put_is_in_the_register_when_the_answer_comes()
    {
        await using var host = await ApiHost.StartAsync();

        var (status, device) = await host.SendAsync(
            HttpMethod.Put, "/api/v1/devices/PS-1", """{"family": "drainage_pump", "district": "north", "street": "南京路", "settings": {"high_level": 2.4}, "links": {"gauge": "RG-1"}}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("南京路", device.Text("street"));
        Assert.Equal("2.4", device.GetProperty("settings").Text("high_level"));
        Assert.Equal("live", host.Devices.Find("PS-1")!.State);
        Assert.Equal("PS-1", (await host.GetJsonAsync("/api/v1/devices/PS-1")).Text("id"));
    }

    [Fact]
    public async Task Sensors_are_an_object_and_belong_to_one_device()
    {
        await using var host = await ApiHost.StartAsync();
        var (status, device) = await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", """{"family": "drainage_pump", "sensors": {"24E124": "", "24E125": "milesight-vs330 5"}}""");
        Assert.Equal((HttpStatusCode.OK, "milesight-vs330 5"), (status, device.GetProperty("sensors").Text("24E125")));
        Assert.Equal("PS-1", host.Devices.FindByWireId("24e125")?.Device.Id);

        var second = await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-2", """{"family": "drainage_pump", "sensors": {"24e124": ""}}""");
        Assert.Equal((HttpStatusCode.BadRequest, "bad_device"), (second.Status, second.Reason()));
        Assert.Contains("not of both PS-1 and PS-2", second.Body.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"family": "drainage_pump", "distric": "north"}""", "'distric' is no member here; did you mean 'district'?; there are id, family, model, ")]
    [InlineData("""{"family": "drainage_pump", "sensors": ["24E124"]}""", "$.sensors: expected an object of names and texts")]
    [InlineData("""{"family": "drainage_pump", "latitude": "28.6"}""", "$.latitude: expected a number")]
    [InlineData("""{"family": 5}""", "$.family: expected a text")]
    [InlineData("""{"family": """, "is not what is expected here: ")]
    public async Task A_body_that_is_not_right_is_explained_in_its_own_words(string body, string expected)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = (await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", body)).Body.Text("detail")!;
        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Telemetry.", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"family": "drainage_pump", "sensors": {"24E124": 5}}""", "malformed")]
    [InlineData("""{"family": "drainage_pump", "sensors": ["24E124"]}""", "malformed")]
    [InlineData("""{"family": "drainage_pump", "sensors": {"a b": ""}}""", "bad_device")]
    [InlineData("""{"family": "drainage_pump", "sensors": {"a": null}}""", "bad_device")]
    [InlineData("""{"family": "pump"}""", "bad_device")]
    [InlineData("""{}""", "bad_device")]
    [InlineData("""{"family": "drainage_pump", "id": "PS-2"}""", "bad_device")]
    [InlineData("""{"family": "drainage_pump", "latitude": 91}""", "bad_device")]
    [InlineData("""{"family": "drainage_pump", "settings": {"high_level": true}}""", "bad_device")]
    [InlineData("""{"family": "drainage_pump", "distric": "north"}""", "malformed")]
    [InlineData("""{"family": "drainage_pump", "latitude": "28.6"}""", "malformed")]
    public async Task A_device_that_is_not_right_writes_nothing(string body, string reason)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(reason, answer.Reason());
        Assert.Equal(0, host.Log.Committed);
    }

    [Theory]
    [InlineData("", "A,B,C")]
    [InlineData("?district=north", "A,C")]
    [InlineData("?gateway=g2&state=test", "C")]
    [InlineData("?family=tunnel", "")]
    [InlineData("?after=A", "B,C")]
    public async Task The_list_is_whole_and_filtered(string query, string expected)
    {
        await using var host = await ApiHost.StartAsync();
        host.Devices.Set(new Device { Id = "B", Family = "drainage_pump", Gateway = "g2" });
        host.Devices.Set(new Device { Id = "C", Family = "drainage_pump", District = "north", Gateway = "g2", State = "test" });
        host.Devices.Set(new Device { Id = "A", Family = "drainage_pump", District = "north" });
        var list = await host.GetJsonAsync("/api/v1/devices" + query);
        Assert.Equal(expected, string.Join(',', list.EnumerateArray().Select(device => device.Text("id"))));
    }

    [Fact]
    public async Task With_a_limit_the_list_comes_in_pages()
    {
        await using var host = await ApiHost.StartAsync();
        foreach (var id in (string[])["A", "B", "C"])
            host.Devices.Set(new Device { Id = id, Family = "drainage_pump" });
        var first = await host.GetJsonAsync("/api/v1/devices?limit=2");
        var second = await host.GetJsonAsync($"/api/v1/devices?limit=2&after={first.Text("next")}");
        Assert.Equal("C", second.GetProperty("items")[0].Text("id"));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task A_file_is_imported_whole()
    {
        await using var host = await ApiHost.StartAsync();
        var (status, answer) = await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import", "id,family,settings.high_level\nPS-1,drainage_pump,2.4 m\nPS-2,drainage_pump,\n", "text/csv; charset=utf-8");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, answer.GetProperty("devices").GetInt32());
        Assert.Equal("2.4 m", host.Devices.Find("PS-1")!.Settings["high_level"]);
        Assert.NotNull(host.Devices.Find("PS-2"));
    }

    [Fact]
    public async Task Devices_of_a_file_go_into_a_drill_with_reason_and_end_or_not_at_all()
    {
        await using var host = await ApiHost.StartAsync();
        var until = TimeProvider.System.GetUtcNow().AddHours(2).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var answer = await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import", $"id,family,state,stateUntil,stateReason\nPS-1,drainage_pump,drill,{until},exercise\nPS-2,drainage_pump,drill,,\nPS-3,drainage_pump,test,{until},\nPS-4,drainage_pump,live,,why\nPS-5,drainage_pump,drill,2099-01-01T00:00:00Z,exercise\n", "text/csv");

        Assert.Equal((HttpStatusCode.BadRequest, "bad_rows"), (answer.Status, answer.Body.GetProperty("reason").GetString()));
        var rows = answer.Body.GetProperty("rows").EnumerateArray().Select(row => (row.GetProperty("line").GetInt32(), row.GetProperty("message").GetString()!)).ToList();
        Assert.Equal([3, 4, 5, 6], rows.Select(row => row.Item1));
        Assert.StartsWith("stateReason is missing: why the device is in drill would be right; stateUntil is missing: an end to come, 8 h from now at most", rows[0].Item2, StringComparison.Ordinal);
        Assert.StartsWith("stateReason is missing: why the device is in test", rows[1].Item2, StringComparison.Ordinal);
        Assert.StartsWith("stateReason \"why\": none with the state live", rows[2].Item2, StringComparison.Ordinal);
        Assert.StartsWith("stateUntil \"2099-01-01T00:00:00Z\": an end to come", rows[3].Item2, StringComparison.Ordinal);

        (var status, _) = await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import", $"id,family,state,stateUntil,stateReason\nPS-1,drainage_pump,drill,{until},exercise\n", "text/csv");
        Assert.Equal(HttpStatusCode.OK, status);
        var device = (await host.SendAsync(HttpMethod.Get, "/api/v1/devices/PS-1")).Body;
        Assert.Equal(("drill", until, "exercise"), (device.GetProperty("state").GetString(), device.GetProperty("stateUntil").GetString(), device.GetProperty("stateReason").GetString()));
    }

    [Fact]
    public async Task A_file_with_bad_rows_imports_nothing_and_names_each_of_them()
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import", "id,family\nPS-1,drainage_pump\nPS 2,drainage_pump\nPS-3,pump\n", "text/csv");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("bad_rows", answer.Reason());
        Assert.Equal([3, 4], answer.Body.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("line").GetInt32()));
        Assert.Equal(0, host.Log.Committed);
    }

    [Fact]
    public async Task A_GeoJSON_file_with_bad_features_names_each_by_its_number()
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(
            HttpMethod.Post, "/api/v1/devices/import", """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "PS-1", "family": "pump"}}]}""", "application/geo+json");
        Assert.Equal((HttpStatusCode.BadRequest, "bad_rows"), (answer.Status, answer.Reason()));
        var row = answer.Body.GetProperty("rows")[0];
        Assert.Equal((1, "PS-1"), (row.GetProperty("feature").GetInt32(), row.Text("id")));
        Assert.Equal(0, host.Log.Committed);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_and_writes_nothing()
    {
        await using var host = await ApiHost.StartAsync();
        const string File = "id,family,street,sensors,settings.high_level,latitude,longitude\nPS-1,drainage_pump,北京路,24E1,2.4 m,31.2,121.4\nPS-2,drainage_pump,,,,,\nPS-3,drainage_pump,,,,,\n";
        host.Devices.Set(new Device { Id = "PS-1", Family = "drainage_pump", Street = "南京路" });
        host.Devices.Set(new Device { Id = "PS-2", Family = "drainage_pump" });

        var dry = (await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import?dry=true&datum=gcj02", File, "text/csv")).Body;

        Assert.Equal("""{"devices":3,"added":1,"changed":1,"unchanged":1,"converted":1,"fields":{"latitude":1,"longitude":1,"sensors":1,"settings.high_level":1,"street":1},"dry":true}""", dry.GetRawText());
        Assert.Equal(0, host.Log.Committed);

        var wet = (await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import?datum=gcj02", File, "text/csv")).Body;
        Assert.Equal(dry.GetRawText().Replace("true", "false", StringComparison.Ordinal), wet.GetRawText());
        Assert.Equal(2, host.Log.Committed);
        var again = (await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import?datum=gcj02", File, "text/csv")).Body;
        Assert.Equal((3, 2), (again.GetProperty("unchanged").GetInt32(), (int)host.Log.Committed));
    }

    [Theory]
    [InlineData("?datum=bd09", "text/csv", HttpStatusCode.BadRequest, "bad_parameter")]
    [InlineData("?dry=yes", "text/csv", HttpStatusCode.BadRequest, "bad_parameter")]
    [InlineData("", "application/json", HttpStatusCode.UnsupportedMediaType, "content_type")]
    public async Task An_import_that_is_asked_for_wrongly_is_refused(string query, string type, HttpStatusCode status, string reason)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import" + query, "id,family\nPS-1,drainage_pump\n", type);
        Assert.Equal((status, reason), (answer.Status, answer.Reason()));
    }

    [Fact]
    public async Task A_device_of_a_Chinese_map_is_converted_and_the_register_holds_WGS_84()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, device) = await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", """{"family": "drainage_pump", "latitude": 39.91334545536069, "longitude": 116.38404722455657, "datum": "gcj02"}""");
        Assert.Equal(39.911954, device.GetProperty("latitude").GetDouble(), 1e-7);
        var bad = await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", """{"family": "drainage_pump", "datum": "bd09"}""");
        Assert.Equal("bad_device", bad.Reason());
    }

    [Fact]
    public async Task Two_who_claim_one_sensor_at_the_same_time_do_not_both_get_it()
    {
        await using var host = await ApiHost.StartAsync();
        var puts = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => host.SendAsync(HttpMethod.Put, $"/api/v1/devices/PS-{i}", """{"family": "drainage_pump", "sensors": {"24E1": ""}}""")));
        Assert.Single(puts, put => put.Status == HttpStatusCode.OK);
        Assert.Equal(1, host.Log.Committed);
    }

    [Theory]
    [InlineData("""{"family": "drainage_pump", "state": "test"}""", "stateReason")]
    [InlineData("""{"family": "drainage_pump", "state": "drill", "stateReason": "exercise"}""", "stateUntil")]
    [InlineData("""{"family": "drainage_pump", "state": "drill", "stateReason": "exercise", "stateUntil": "2099-01-01T00:00:00Z"}""", "stateUntil")]
    [InlineData("""{"family": "drainage_pump", "state": "live", "stateReason": "exercise"}""", "stateReason")]
    public async Task A_mode_in_which_nobody_is_paged_has_a_reason_and_an_end(string body, string field)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", body);
        Assert.Equal((HttpStatusCode.BadRequest, "bad_device"), (answer.Status, answer.Reason()));
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateArray(), error => error.Text("field") == field);
    }

    [Fact]
    public async Task A_device_goes_into_test_with_both()
    {
        await using var host = await ApiHost.StartAsync();
        var until = Rules.Model.Iso.Time(TimeProvider.System.GetUtcNow().AddHours(2).ToUnixTimeMilliseconds());
        var (status, device) = await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", $$"""{"family": "drainage_pump", "state": "test", "stateReason": "calibration", "stateUntil": "{{until}}"}""");
        Assert.Equal((HttpStatusCode.OK, "test", until, "calibration"), (status, device.Text("state"), device.Text("stateUntil"), device.Text("stateReason")));
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("\"{0}\"")]
    [InlineData(null)]
    public async Task The_end_of_a_mode_may_be_Unix_ms_and_is_kept_as_RFC_3339(string? member)
    {
        await using var host = await ApiHost.StartAsync();
        var until = TimeProvider.System.GetUtcNow().AddHours(2).ToUnixTimeMilliseconds();
        var (status, _) = member is null
            ? await host.SendAsync(HttpMethod.Post, "/api/v1/devices/import", $"id,family,state,stateUntil,stateReason\nPS-1,drainage_pump,test,{until},calibration\n", "text/csv")
            : await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", $$"""{"family": "drainage_pump", "state": "test", "stateReason": "calibration", "stateUntil": {{string.Format(CultureInfo.InvariantCulture, member, until)}}}""");
        Assert.Equal((HttpStatusCode.OK, Rules.Model.Iso.Time(until)), (status, host.Devices.Find("PS-1")?.StateUntil));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    public async Task An_end_that_is_no_time_is_refused(string member)
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.SendAsync(HttpMethod.Put, "/api/v1/devices/PS-1", $$"""{"family": "drainage_pump", "state": "test", "stateReason": "calibration", "stateUntil": {{member}}}""");
        Assert.Equal((HttpStatusCode.BadRequest, "bad_device"), (answer.Status, answer.Reason()));
        Assert.Contains("stateUntil", answer.Body.GetRawText(), StringComparison.Ordinal);
    }
}
