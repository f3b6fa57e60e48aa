using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Telemetry.Ingest.Api;
using Telemetry.Ingest.Security;
using Telemetry.Ingest.Tests.Security;
using Telemetry.Ingest.Tests.State;

namespace Telemetry.Ingest.Tests.Api;

/// <summary>The API with users: who may call what.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string Device = """{"family": "drainage_pump"}""";

    private static readonly Dictionary<string, string> Tokens = Roles.Names.ToDictionary(role => role, _ => ApiToken.New());

    private readonly Credentials _credentials = new();
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        WriteUsers();
        _host = await ApiHost.StartAsync(security: _credentials.Options());
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _credentials.Dispose();
    }

    /// <summary>One user a role, with the role's name.</summary>
    private void WriteUsers(params string[] without) =>
        _credentials.WriteUsers([.. Tokens.Where(pair => !without.Contains(pair.Key)).Select(pair => Credentials.Line(pair.Key, pair.Key, pair.Value)), Credentials.Line("old", "administrator", Credentials.Token, "2026-01-01")]);

    private static (string, string) Bearer(string role) => ("Authorization", $"Bearer {Tokens[role]}");

    private Task<(HttpStatusCode Status, JsonElement Body)> AsAsync(string role, HttpMethod method, string path, string? body = null) =>
        _host.SendAsync(method, path, body, headers: Bearer(role));

    /// <summary>Every endpoint of the service, with the least role that may call it. A new one must be entered here, and have a rule.</summary>
    public static TheoryData<string, string?> Rules { get; } = new()
    {
        { "GET /health/live", null }, { "GET /health/ready", null },
        { "POST /enrol/v1", null }, { "POST /enrol/v1/renew", null },
        { "GET /login/oidc", null }, { "GET /go/{link}", null }, { "POST /go/{link}", null }, { "POST /api/v1/notify/replies/sms", null }, { "POST /api/v1/notify/replies/voice", null },
        { "POST /api/v1/session", null }, { "DELETE /api/v1/session", null },
        { "PUT /api/v1/account/password", "viewer" }, { "GET /api/v1/tokens", "viewer" }, { "POST /api/v1/tokens", "viewer" }, { "DELETE /api/v1/tokens/{id}", "viewer" },
        { "GET /api/v1/accounts", "administrator" }, { "POST /api/v1/accounts", "administrator" }, { "PUT /api/v1/accounts/{name}", "administrator" }, { "POST /api/v1/accounts/{name}/one-time-password", "administrator" },
        { "GET /api/v1/accounts/{name}/tokens", "administrator" }, { "DELETE /api/v1/accounts/{name}/tokens/{id}", "administrator" }, { "DELETE /api/v1/session/others", "viewer" },
        { "GET /api/v1/session", "viewer" }, { "GET /metrics", "viewer" }, { "GET /openapi/{documentName}.json", "viewer" },
        { "GET /api/v1/stats", "viewer" }, { "GET /api/v1/deadletters", "viewer" }, { "GET /api/v1/families", "viewer" }, { "GET /api/v1/rules", "viewer" },
        { "GET /api/v1/devices", "viewer" }, { "GET /api/v1/devices/{id}", "viewer" }, { "GET /api/v1/devices/{id}/readings", "viewer" },
        { "GET /api/v1/alarms", "viewer" }, { "GET /api/v1/alarms/{id}", "viewer" }, { "GET /api/v1/journal", "viewer" }, { "GET /api/v1/events", "viewer" },
        { "POST /api/v1/alarms/{id}/acknowledge", "operator" }, { "POST /api/v1/alarms/{id}/reset", "operator" }, { "POST /api/v1/alarms/{id}/comment", "operator" },
        { "POST /api/v1/alarms/{id}/shelve", "operator" }, { "POST /api/v1/alarms/{id}/unshelve", "operator" }, { "POST /api/v1/alarms/{id}/suppress", "operator" }, { "POST /api/v1/alarms/{id}/unsuppress", "operator" }, { "POST /api/v1/alarms/{id}/decline", "operator" },
        { "POST /api/v1/alarms/{id}/out-of-service", "operator" }, { "POST /api/v1/alarms/{id}/return-to-service", "operator" }, { "POST /api/v1/alarms/{id}/assign", "operator" },
        { "POST /api/v1/alarms/{id}/accept", "operator" }, { "POST /api/v1/alarms/{id}/on-site", "operator" }, { "POST /api/v1/alarms/{id}/done", "operator" },
        { "POST /api/v1/alarms/{id}/false-alarm", "operator" },
        { "GET /api/v1/calendar", "viewer" }, { "GET /api/v1/calendar/{id}", "viewer" }, { "PUT /api/v1/calendar/{id}", "operator" }, { "DELETE /api/v1/calendar/{id}", "operator" },
        { "GET /api/v1/positions", "viewer" }, { "GET /api/v1/positions/{name}", "viewer" }, { "POST /api/v1/positions/{name}/sign-on", "operator" }, { "POST /api/v1/positions/{name}/sign-off", "operator" },
        { "POST /api/v1/positions/{name}/notes", "operator" }, { "GET /api/v1/handover", "viewer" }, { "POST /api/v1/handover", "operator" }, { "GET /api/v1/handover/{id}", "viewer" },
        { "POST /api/v1/handover/{id}/sign", "operator" }, { "GET /api/v1/handovers", "viewer" },
        { "GET /api/v1/notify/proof", "viewer" }, { "POST /api/v1/notify/proof", "operator" }, { "POST /api/v1/notify/proof/{id}/confirm", "operator" },
        { "GET /api/v1/audit", "administrator" }, { "GET /api/v1/export", "viewer" }, { "GET /api/v1/notify/rota", "viewer" }, { "POST /api/v1/notify/dry-run", "viewer" },
        { "GET /api/v1/backtests", "viewer" }, { "GET /api/v1/backtests/{id}", "viewer" }, { "GET /api/v1/backtests/{id}/differences", "viewer" }, { "GET /api/v1/backtests/{id}/page", "viewer" },
        { "POST /api/v1/backtests", "engineer" }, { "DELETE /api/v1/backtests/{id}", "engineer" },
        { "POST /api/v1/alarms/{id}/second-person", "operator" }, { "GET /api/v1/exercises", "viewer" }, { "POST /api/v1/exercises", "engineer" }, { "POST /api/v1/exercises/{name}/end", "engineer" },
        { "GET /api/v1/explain", "viewer" }, { "GET /api/v1/load", "viewer" }, { "GET /api/v1/rationalisation", "viewer" },
        { "GET /api/v1/families/{name}/text", "viewer" }, { "GET /api/v1/families/{name}/versions", "viewer" }, { "GET /api/v1/families/proposals", "viewer" },
        { "GET /api/v1/families/proposals/{id}", "viewer" }, { "PUT /api/v1/families/{name}", "engineer" }, { "POST /api/v1/families/proposals/{id}/approve", "administrator" },
        { "PUT /api/v1/devices/{id}", "engineer" }, { "POST /api/v1/devices/import", "engineer" },
        { "GET /api/v1/deadletters/summary", "viewer" }, { "GET /api/v1/deadletters/redecode", "viewer" }, { "POST /api/v1/deadletters/redecode", "engineer" },
        { "GET /api/v1/devices/unknown", "viewer" }, { "POST /api/v1/devices/unknown/{wireId}/adopt", "engineer" },
    };

    [Fact]
    public void Every_endpoint_has_a_rule_that_stands_in_the_table()
    {
        var rules = _host.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => !IsFileOfThePage(endpoint))
            .Select(endpoint => (Call: Name(endpoint), Rule: endpoint.Metadata.GetMetadata<AccessRule>()))
            .OrderBy(rule => rule.Call, StringComparer.Ordinal)
            .ToList();
        Assert.DoesNotContain(rules, rule => rule.Rule is null);
        Assert.Equal(Rules.Select(row => (row.Data.Item1, row.Data.Item2)).OrderBy(row => row.Item1, StringComparer.Ordinal), rules.Select(rule => (rule.Call, rule.Rule!.Role?.Name())));
    }

    // A file of the page tells nothing; it has no API path and answers GET alone.
    private static bool IsFileOfThePage(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText is { } path && (path == "/" || path is ['/', .. var name] && !name.Contains('/') && Path.HasExtension(name))
        && endpoint.Metadata.GetMetadata<AccessRule>() is { Role: null } && Name(endpoint).StartsWith("GET ", StringComparison.Ordinal);

    internal static string Name(RouteEndpoint endpoint) =>
        $"{endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Single() ?? "GET"} /{endpoint.RoutePattern.RawText!.TrimStart('/')}";

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_call_is_refused_without_a_token_and_below_its_role_and_let_through_from_it_on(string call, string? least)
    {
        var (method, path) = (new HttpMethod(call.Split(' ')[0]), call.Split(' ')[1].Replace("{id}", "none", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal));
        var body = method == HttpMethod.Get ? null : "{}";
        var (status, _) = await StatusAsync(method, path, body, null);
        if (least is null)
        {
            Assert.NotEqual(HttpStatusCode.Forbidden, status);
            return;
        }
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        foreach (var role in Roles.Names)
        {
            var (answer, problem) = await StatusAsync(method, path, body, role);
            if (Roles.Find(role) < Roles.Find(least))
            {
                Assert.Equal(HttpStatusCode.Forbidden, answer);
                Assert.Equal(("role", least), (problem!.Value.Text("reason"), problem.Value.Text("needed")));
            }
            else
            {
                Assert.False(answer is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{call} as {role}: {answer}");
            }
        }
    }

    // The event stream never ends: its headers are enough.
    private async Task<(HttpStatusCode Status, JsonElement? Problem)> StatusAsync(HttpMethod method, string path, string? body, string? role)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : new StringContent(body, null, path.EndsWith("import", StringComparison.Ordinal) ? "text/csv" : "application/json") };
        if (role is not null)
            request.Headers.Add("Authorization", $"Bearer {Tokens[role]}");
        using var response = await _host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return (response.StatusCode, method != HttpMethod.Head && response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken) : null);
    }

    [Theory]
    [InlineData(null, "/api/v1/audit", HttpStatusCode.Unauthorized)]
    [InlineData("viewer", "/api/v1/audit", HttpStatusCode.Forbidden)]
    [InlineData("administrator", "/api/v1/audit", HttpStatusCode.OK)]
    [InlineData(null, "/api/v1/events", HttpStatusCode.Unauthorized)]
    public async Task HEAD_takes_the_role_that_GET_takes(string? role, string path, HttpStatusCode status) =>
        Assert.Equal(status, (await StatusAsync(HttpMethod.Head, path, null, role)).Status);

    [Fact]
    public async Task Without_a_token_the_answer_says_what_to_send()
    {
        using var response = await _host.Http.GetAsync(new Uri("/api/v1/stats", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("unauthenticated", (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).Text("reason"));
    }

    [Fact]
    public async Task What_does_not_exist_is_told_to_those_only_who_may_look()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.SendAsync(HttpMethod.Get, "/api/v1/nothing")).Status);
        Assert.Equal("unknown_route", (await AsAsync("viewer", HttpMethod.Get, "/api/v1/nothing")).Reason());
        Assert.Equal("method", (await AsAsync("viewer", HttpMethod.Delete, "/api/v1/alarms", "{}")).Reason());
    }

    [Theory]
    [InlineData("Bearer tlm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "unknown_token")]
    [InlineData("OLD", "expired_token")]
    public async Task A_token_that_is_nobodys_or_expired_is_refused_and_counted(string header, string reason)
    {
        var answer = await _host.SendAsync(HttpMethod.Get, "/api/v1/stats", headers: ("Authorization", header == "OLD" ? $"Bearer {Credentials.Token}" : header));
        Assert.Equal((HttpStatusCode.Unauthorized, "unauthenticated"), (answer.Status, answer.Reason()));
        Assert.Equal(1, _host.Logins.Counts.GetValueOrDefault(("http", reason)));
    }

    [Fact]
    public async Task Any_host_name_and_a_proxy_are_fine_with_a_token() =>
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync(HttpMethod.Get, "/api/v1/stats", headers: [("Host", "telemetry.city.example"), ("X-Forwarded-For", "192.0.2.1"), Bearer("viewer")])).Status);

    [Fact]
    public async Task Who_acts_is_the_user_and_another_name_is_refused_not_ignored()
    {
        var alarm = await _host.RaiseAsync(Samples.Alarm("a") with { State = Telemetry.Rules.Alarms.AlarmState.ActiveUnacknowledged });
        var path = $"/api/v1/alarms/{alarm.Id}/acknowledge";
        var other = await AsAsync("operator", HttpMethod.Post, path, """{"by": "wang"}""");
        Assert.Equal((HttpStatusCode.BadRequest, "by"), (other.Status, other.Reason()));
        var answer = await AsAsync("operator", HttpMethod.Post, path, "{}");
        Assert.Equal("operator", answer.Body.Text("acknowledgedBy"));
        Assert.Equal(HttpStatusCode.OK, (await AsAsync("operator", HttpMethod.Post, path, """{"by": "operator"}""")).Status);
    }

    [Fact]
    public async Task A_device_is_put_in_the_users_name()
    {
        Assert.Equal("by", (await AsAsync("engineer", HttpMethod.Put, "/api/v1/devices/ps-1?by=wang", Device)).Reason());
        Assert.Equal(HttpStatusCode.OK, (await AsAsync("engineer", HttpMethod.Put, "/api/v1/devices/ps-1", Device)).Status);
        Assert.Equal("engineer", Assert.IsType<Telemetry.Rules.Model.DeviceEntry>(LastEntry()).By);
    }

    private Telemetry.Rules.Model.LogEntry LastEntry()
    {
        using var reader = _host.Log.OpenReader("test", _host.Log.Committed);
        var entries = new List<Telemetry.Rules.Model.LogEntry>();
        reader.Read(entries, 1);
        return entries.Single();
    }

    [Fact]
    public async Task A_revoked_token_is_refused_at_once_and_its_event_streams_end()
    {
        using var ends = await EventReader.OpenAsync(_host, "/api/v1/events", Bearer("viewer"));
        using var stays = await EventReader.OpenAsync(_host, "/api/v1/events", Bearer("operator"));
        await ends.NextAsync("stats");
        WriteUsers(without: "viewer");
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (true)
                await ends.NextAsync("stats");
        });
        Assert.Equal(HttpStatusCode.Unauthorized, (await AsAsync("viewer", HttpMethod.Get, "/api/v1/stats")).Status);
        await stays.NextAsync("stats");
        await stays.NextAsync("stats");
    }
}
