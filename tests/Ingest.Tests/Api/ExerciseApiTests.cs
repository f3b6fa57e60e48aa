using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Security;
using Telemetry.Rules.Model;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>Many devices in one mode as one act.</summary>
public sealed class ExerciseApiTests
{
    private static readonly string Until = Iso.Time(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 3_600_000);

    private static async Task<ApiHost> StartAsync()
    {
        var host = await ApiHost.StartAsync();
        foreach (var (id, gateway, district, street, state) in ((string, string, string, string, string)[])[
            ("a", "gw-1", "north", "main", "live"), ("b", "gw-1", "south", "main", "live"), ("c", "gw-2", "north", "side", "live"), ("p", "gw-1", "north", "main", "provisional"), ("k", "gw-1", "north", "main", "commissioning")])
        {
            host.Devices.Set(new Device { Id = id, Family = "drainage_pump", Gateway = gateway, District = district, Street = street, State = state });
        }
        return host;
    }

    private static string Body(string area, string name = "Storm drill", string mode = "drill", string? until = null) =>
        $$"""{"name": "{{name}}", "mode": "{{mode}}", "reason": "yearly", "until": "{{until ?? Until}}", {{area}}}""";

    private static string States(ApiHost host) => string.Join(' ', host.Devices.All.OrderBy(device => device.Id, StringComparer.Ordinal).Select(device => $"{device.Id}:{device.State}"));

    [Theory]
    [InlineData("\"gateway\": \"gw-1\"", 2, 2)]
    [InlineData("\"district\": \"north\"", 2, 2)]
    [InlineData("\"street\": \"main\"", 2, 2)]
    [InlineData("\"district\": \"north\", \"street\": \"main\"", 1, 2)]
    [InlineData("\"devices\": [\"b\", \"c\", \"k\"]", 2, 1)]
    public async Task What_is_live_there_takes_part_and_the_rest_is_left_out(string area, int devices, int leftOut)
    {
        await using var host = await StartAsync();
        var (status, answer) = await host.SendAsync(HttpMethod.Post, "/api/v1/exercises", Body(area));
        Assert.Equal((HttpStatusCode.OK, devices, leftOut), (status, answer.GetProperty("exercise").GetProperty("devices").GetInt32(), answer.GetProperty("leftOut").GetInt32()));
        Assert.Contains("k:commissioning p:provisional", States(host), StringComparison.Ordinal);
        Assert.Equal(devices, host.Devices.All.Count(device => device is { State: "drill", Exercise: "Storm drill", StateReason: "yearly" } && device.StateUntil == Until));
        Assert.Equal("Storm drill", Assert.Single((await host.GetJsonAsync("/api/v1/exercises")).EnumerateArray()).Text("name"));
    }

    [Fact]
    public async Task It_is_one_commit_and_one_end_that_makes_nothing_live_that_was_not()
    {
        await using var host = await StartAsync();
        await host.SendAsync(HttpMethod.Post, "/api/v1/exercises", Body("\"district\": \"north\"", mode: "commissioning"));
        Assert.Equal("a:commissioning b:live c:commissioning k:commissioning p:provisional", States(host));
        var again = await host.SendAsync(HttpMethod.Post, "/api/v1/exercises", Body("\"district\": \"south\""));
        Assert.Equal((HttpStatusCode.Conflict, "exercise_running"), (again.Status, again.Reason()));
        Assert.Equal("no_device", (await host.SendAsync(HttpMethod.Post, "/api/v1/exercises", Body("\"district\": \"north\"", "other"))).Reason());
        var written = host.Log.Committed;
        var (status, ended) = await host.SendAsync(HttpMethod.Post, "/api/v1/exercises/Storm%20drill/end", """{"by": "Li"}""");
        Assert.Equal((HttpStatusCode.OK, 2, written + 2), (status, ended.GetProperty("devices").GetInt32(), host.Log.Committed));
        Assert.Equal("a:live b:live c:live k:commissioning p:provisional", States(host));
        Assert.Empty((await host.GetJsonAsync("/api/v1/exercises")).EnumerateArray());
        Assert.Equal((HttpStatusCode.NotFound, "unknown_exercise"), (await host.SendAsync(HttpMethod.Post, "/api/v1/exercises/Storm%20drill/end", "{}")) is var over ? (over.Status, over.Reason()) : default);
    }

    [Theory]
    [InlineData("\"gateway\": \"gw-1\", \"district\": \"north\"", "x", "drill", null, "say who takes part")]
    [InlineData("\"devices\": []", "x", "drill", null, "say who takes part")]
    [InlineData("\"devices\": [\"b\", \"nobody\", \"c\", null]", "x", "drill", null, "devices: not in the register: nobody")]
    [InlineData("\"district\": \"north\"", " x", "drill", null, "name: 1 to 100")]
    [InlineData("\"district\": \"north\"", "x", "live", null, "one of drill, test, commissioning")]
    [InlineData("\"district\": \"north\"", "x", "drill", "2020-01-01T00:00:00Z", "8 h from now at most")]
    [InlineData("\"district\": \"north\"", "x", "drill", "2099-01-01T00:00:00Z", "8 h from now at most")]
    public async Task What_is_wrong_is_said_and_changes_nothing(string area, string name, string mode, string? until, string said)
    {
        await using var host = await StartAsync();
        var answer = await host.SendAsync(HttpMethod.Post, "/api/v1/exercises", Body(area, name, mode, until));
        Assert.Equal((HttpStatusCode.BadRequest, "bad_exercise"), (answer.Status, answer.Reason()));
        Assert.Contains(said, answer.Body.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(0, host.Log.Committed);
    }
}
