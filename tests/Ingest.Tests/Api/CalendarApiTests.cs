using System.Net;
using Telemetry.Rules.Families;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

public sealed class CalendarApiTests
{
    private static readonly long Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static async Task<ApiHost> StartAsync()
    {
        var host = await ApiHost.StartAsync(FamilySet.Shipped().All);
        host.Devices.Set(new Device { Id = "C-1", Family = "manhole_cover", Street = "南京路", District = "north", Parent = "P-1", Gateway = "gw" });
        return host;
    }

    private static string Order(string more = "\"scope\": \"device\", \"place\": \"C-1\"", string name = "\"entry\"", long hours = 4) =>
        $$"""{"kind": "work_order", "name": {{name}}, {{more}}, "from": {{At(-1)}}, "to": {{At(hours)}}, "by": "Li"}""";

    private static long At(long hours) => Now + (hours * 3_600_000);

    private static Task<(HttpStatusCode Status, System.Text.Json.JsonElement Body)> PutAsync(ApiHost host, string body) => host.SendAsync(HttpMethod.Put, "/api/v1/calendar/W-1", body);

    [Fact]
    public async Task A_work_order_that_is_put_is_in_force_when_the_answer_comes()
    {
        await using var host = await StartAsync();
        var (status, item) = await PutAsync(host, Order());
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("W-1", "work_order", "entry", "device", "C-1", "Li"), (item.Text("id"), item.Text("kind"), item.Text("name"), item.Text("scope"), item.Text("place"), item.Text("by")));
        Assert.Equal(Iso.Time(At(4)), item.Text("to"));
        Assert.Equal("C-1", (await host.GetJsonAsync("/api/v1/calendar/W-1")).Text("place"));
        Assert.Equal(At(4), host.Calendar.Find("W-1")!.To);
    }

    [Fact]
    public async Task Repeating_it_writes_nothing_and_another_one_replaces_it()
    {
        await using var host = await StartAsync();
        var body = Order();
        await PutAsync(host, body);
        var committed = host.Log.Committed;
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(host, body)).Status);
        Assert.Equal(committed, host.Log.Committed);
        await PutAsync(host, Order("\"scope\": \"street\", \"place\": \"南京路\""));
        Assert.Equal("street", Assert.Single((await host.GetJsonAsync("/api/v1/calendar")).EnumerateArray()).Text("scope"));
    }

    [Fact]
    public async Task A_deleted_one_that_has_begun_ends_now_and_one_to_come_is_gone()
    {
        await using var host = await StartAsync();
        await PutAsync(host, Order());
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(host, "W-1"));
        Assert.InRange(host.Calendar.Find("W-1")!.To, Now, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var committed = host.Log.Committed;
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(host, "W-1"));
        Assert.Equal(committed, host.Log.Committed);

        await host.SendAsync(HttpMethod.Put, "/api/v1/calendar/H-1", $$"""{"kind": "holiday", "scope": "city", "from": "{{Iso.Time(At(24))}}", "to": {{At(72)}}}""");
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(host, "H-1"));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync(host, "H-1"));
    }

    [Fact]
    public async Task The_list_is_of_a_kind_and_a_span()
    {
        await using var host = await StartAsync();
        await PutAsync(host, Order());
        await host.SendAsync(HttpMethod.Put, "/api/v1/calendar/F-1", $$"""{"kind": "rain_forecast", "scope": "district", "place": "north", "from": {{At(10)}}, "to": {{At(20)}}}""");
        foreach (var (query, ids) in new[] { ("", "F-1,W-1"), ("?kind=rain_forecast", "F-1"), ($"?from={At(4)}", "F-1"), ($"?to={At(10)}", "W-1"), ($"?kind=holiday", "") })
            Assert.Equal(ids, string.Join(',', (await host.GetJsonAsync("/api/v1/calendar" + query)).EnumerateArray().Select(item => item.Text("id"))));
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { Order(name: "\"entri\""), "name \"entri\": must be one of the work orders that some rule asks for: cover, entry, inside, pump" },
        { Order(name: "null"), "name is missing: must be one of the work orders that some rule asks for: cover, entry, inside, pump" },
        { Order("\"scope\": \"device\", \"place\": \"C-2\""), "place \"C-2\": no device of the register has this device" },
        { Order("\"scope\": \"street\", \"place\": \"Nanjing Road\""), "place \"Nanjing Road\": no device of the register has this street" },
        { Order("\"scope\": \"family\", \"place\": \"gateway\""), "place \"gateway\": no device of the register has this family" },
        { Order("\"scope\": \"device\""), "place is missing: must name the device" },
        { Order("\"scope\": \"city\", \"place\": \"north\""), "place \"north\": the scope city is all of it; leave it out" },
        { Order("\"scope\": \"town\""), "scope \"town\": must be one of device, parent, street, district, gateway, family, city" },
        { Order(hours: 7 * 24), "to: must lie after from, by at most 7 d; longer work is a new order" },
        { Order(hours: -2), "to: must lie after from, by at most 7 d; longer work is a new order" },
        { """{"kind": "work_order", "name": "entry", "scope": "city", "from": 0, "to": 1000}""", "to: lies in the past" },
        { """{"kind": "work_order", "name": "entry", "scope": "city", "from": "2026-07-01", "to": 1000}""", "from: must be RFC 3339 with a zone (2026-07-01T08:00:00Z) or Unix ms" },
        { """{"kind": "work_order", "name": "entry", "scope": "city", "to": 1000}""", "from: must be RFC 3339 with a zone (2026-07-01T08:00:00Z) or Unix ms" },
        { """{"kind": "work_orders", "scope": "city", "from": 0, "to": 1000}""", "kind \"work_orders\": must be one of work_order, rain_forecast, holiday" },
        { """{"kind": "holiday", "name": "Spring", "scope": "city", "from": 0, "to": 1000}""", "name \"Spring\": only a work order has one; leave it out" },
        { "{}", "kind is missing: must be one of work_order, rain_forecast, holiday" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_not_right_is_refused_with_what_would_be(string body, string detail)
    {
        await using var host = await StartAsync();
        var answer = await PutAsync(host, body);
        Assert.Equal((HttpStatusCode.BadRequest, "bad_item", detail), (answer.Status, answer.Reason(), answer.Body.Text("detail")));
        Assert.Equal(0, host.Log.Committed);
    }

    private static async Task<HttpStatusCode> DeleteAsync(ApiHost host, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri($"/api/v1/calendar/{id}", UriKind.Relative)) { Content = new StringContent("", System.Text.Encoding.UTF8, "application/json") };
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
