using System.Net;
using System.Text.Json;
using Telemetry.Ingest.Hosting;
using Telemetry.Ingest.Tests.Api;
using Telemetry.Ingest.Tests.Notify;
using Telemetry.Ingest.Tests.State;
using Telemetry.Rules.Alarms;
using Telemetry.Rules.Families;

namespace Telemetry.Ingest.Tests.Positions;

/// <summary>Who mans a position, and who answers for its alarms.</summary>
public sealed class PositionApiTests
{
    private static readonly IReadOnlyList<LoadPosition> City = [new("chief", null), new("north", ["north"], "south"), new("south", ["south"])];

    [Fact]
    public async Task Before_anybody_has_signed_on_each_position_answers_for_itself_and_the_service_is_ready()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await host.RaiseAsync(Samples.Alarm("a"));
        var north = await host.GetJsonAsync("/api/v1/positions/north");
        Assert.Equal(("north", null, 1), (north.Text("answeredBy"), north.GetProperty("person").GetString(), north.GetProperty("alarms").GetProperty("standing").GetInt32()));
        Assert.Equal("north", (await host.GetJsonAsync("/api/v1/alarms/a")).Text("position"));
        Assert.DoesNotContain(Readiness.NobodyOnDuty, host.Readiness.Missing().Keys);
    }

    [Fact]
    public async Task An_unmanned_positions_alarms_move_to_its_fallback_then_to_whoever_is_there_then_to_nobody_aloud()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await host.RaiseAsync(Samples.Alarm("a"));

        await SignAsync(host, "south", "sign-on", "Li");
        Assert.Equal("south", await PositionAsync(host));
        await SignAsync(host, "north", "sign-on", "Wang");
        Assert.Equal("north", await PositionAsync(host));
        await SignAsync(host, "chief", "sign-on", "Chen");
        await SignAsync(host, "south", "sign-off", "Li");
        await SignAsync(host, "north", "sign-off", "Wang");
        Assert.Equal("chief", await PositionAsync(host));
        var chief = (await host.GetJsonAsync("/api/v1/positions")).EnumerateArray().First();
        Assert.Equal(["north", "south"], chief.GetProperty("answersFor").EnumerateArray().Select(name => name.GetString()));

        await SignAsync(host, "chief", "sign-off", "Chen");
        Assert.Null(await PositionAsync(host));
        Assert.Equal("no operator position is manned (chief, north, south): nobody answers for 1 open alarms; sign on", host.Readiness.Missing()[Readiness.NobodyOnDuty]);
        Assert.Equal(JsonValueKind.Null, (await host.GetJsonAsync("/api/v1/alarms")).EnumerateArray().Single().GetProperty("position").ValueKind);
    }

    [Fact]
    public async Task A_route_that_names_a_position_gives_it_the_alarm()
    {
        var file = Files.Right(Files.Small.Replace("  - to: duty", "  - {family: gas_valve, to: duty, position: south}\n  - to: duty", StringComparison.Ordinal));
        await using var host = await ApiHost.StartAsync(notify: file, positions: City);
        await host.RaiseAsync(Samples.Alarm("a"));
        await host.RaiseAsync(Samples.Alarm("gas") with { Family = "gas_valve", Rule = "leak_low" });
        Assert.Equal("north", await PositionAsync(host));
        Assert.Equal("south", (await host.GetJsonAsync("/api/v1/alarms/gas")).Text("position"));
        Assert.Equal(1, (await host.GetJsonAsync("/api/v1/positions/south")).GetProperty("alarms").GetProperty("standing").GetInt32());
    }

    [Fact]
    public async Task What_is_so_already_is_answered_and_writes_nothing()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        var first = await SignAsync(host, "north", "sign-on", "Wang");
        var committed = host.Log.Committed;
        var again = await SignAsync(host, "north", "sign-on", "Wang");
        Assert.Equal(committed, host.Log.Committed);
        Assert.Equal(("Wang", first.Text("since")), (again.Text("person"), again.Text("since")));
    }

    [Theory]
    [InlineData("north/sign-on", """{"by": "Li"}""", HttpStatusCode.Conflict, "position_manned")]
    [InlineData("north/sign-off", """{"by": "Li"}""", HttpStatusCode.Conflict, "not_on_duty")]
    [InlineData("north/sign-on", "{}", HttpStatusCode.BadRequest, "bad_operator")]
    [InlineData("north/sign-on", """{"by": "Li", "person": "Wang"}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("nort/sign-on", """{"by": "Li"}""", HttpStatusCode.NotFound, "unknown_position")]
    [InlineData("north/notes", """{"by": "Li", "text": " "}""", HttpStatusCode.BadRequest, "bad_body")]
    [InlineData("north/notes", """{"by": "Li", "note": "x"}""", HttpStatusCode.BadRequest, "malformed")]
    public async Task What_cannot_be_is_refused_by_name_and_writes_nothing(string call, string body, HttpStatusCode status, string reason)
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await SignAsync(host, "north", "sign-on", "Wang");
        var committed = host.Log.Committed;
        var answer = await host.PostAsync($"/api/v1/positions/{call}", body);
        Assert.Equal((status, reason), (answer.Status, answer.Reason()));
        Assert.Equal(committed, host.Log.Committed);
    }

    [Fact]
    public async Task Somebody_who_has_left_is_signed_off_by_name()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await SignAsync(host, "north", "sign-on", "Wang");
        var (status, north) = await host.PostAsync("/api/v1/positions/north/sign-off", """{"by": "Chen", "person": "Wang"}""");
        Assert.Equal((HttpStatusCode.OK, JsonValueKind.Null), (status, north.GetProperty("person").ValueKind));
    }

    [Fact]
    public async Task Counts_are_of_the_alarms_that_belong_to_a_position_tickets_apart()
    {
        await using var host = await ApiHost.StartAsync(positions: City);
        await host.RaiseAsync(Samples.Alarm("a") with { Severity = Severity.Critical, SoundedAt = Samples.T0 });
        await host.RaiseAsync(Samples.Alarm("b", state: AlarmState.LatchedAcknowledged));
        await host.RaiseAsync(Samples.Alarm("c", state: AlarmState.Suppressed));
        await host.RaiseAsync(Samples.Alarm("d") with { Kind = AlarmKind.Ticket });
        await host.RaiseAsync(Samples.Alarm("e") with { District = "south" });
        var north = (await host.GetJsonAsync("/api/v1/positions/north")).GetProperty("alarms");
        Assert.Equal("""{"standing":1,"unacknowledged":1,"critical":1,"latched":1,"shelved":0,"suppressed":1,"outOfService":0,"tickets":1}""", north.GetRawText());
    }

    private static async Task<JsonElement> SignAsync(ApiHost host, string position, string call, string by)
    {
        var (status, body) = await host.PostAsync($"/api/v1/positions/{position}/{call}", $$"""{"by": "{{by}}"}""");
        Assert.True(status == HttpStatusCode.OK, $"{status} {body}");
        return body;
    }

    private static async Task<string?> PositionAsync(ApiHost host) => (await host.GetJsonAsync("/api/v1/alarms/a")).GetProperty("position").GetString();
}
